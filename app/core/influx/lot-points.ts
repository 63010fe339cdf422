import type { LotHours } from '../../../batches/index.ts'
import type { InfluxPoint } from '../../../store/index.ts'

/** Hours of a lot as points of measurement `lot_hour`. */
export function lotPoints({ lot, product, band, hours }: LotHours): readonly InfluxPoint[] {
  return hours.map((hour) => ({
    measurement: 'lot_hour',
    tags: { lot, place: hour.place },
    tMs: hour.hourMs,
    fields: {
      product,
      min: degrees(hour.minMilliC),
      max: degrees(hour.maxMilliC),
      in_s: seconds(hour.inMs),
      warm_s: seconds(hour.warmMs),
      cold_s: seconds(hour.coldMs),
      unknown_s: seconds(hour.unknownMs),
      low: band.minMilliC / 1_000,
      high: band.maxMilliC / 1_000,
    },
  }))
}

function degrees(milliC: number | null): number | undefined {
  return milliC === null ? undefined : milliC / 1_000
}

function seconds(ms: number): bigint {
  return BigInt(Math.round(ms / 1_000))
}

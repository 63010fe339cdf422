import type { LoggerRow } from './logger-row.ts'

/** What the contract calls one reading (design section 8), in the order it is written; degC, %RH, %, degrees. */
export interface WireReading {
  readonly at: number
  /** Absent in what a device shows between its records. */
  readonly seq?: number
  readonly sensor?: string
  readonly temperature: number
  readonly humidity?: number
  readonly battery?: number
  readonly doorOpen?: boolean
  readonly mainsPower?: boolean
  readonly lat?: number
  readonly lon?: number
}

const encoder = new TextEncoder()

/**
 * One row as the payload of `isotherm/v1/<deviceId>/readings`: UTF-8 JSON with `at` in epoch ms, `seq` = row number,
 * values as the file has them in their shortest decimal form. Fields the file lacks are left out.
 */
export function encodeReading(row: LoggerRow): Uint8Array {
  return encoder.encode(JSON.stringify(wireReading(row)))
}

/** Several rows as one payload: the array form of the contract. */
export function encodeReadings(rows: readonly LoggerRow[]): Uint8Array {
  return encoder.encode(JSON.stringify(rows.map(wireReading)))
}

/** Readings of a simulated device as one payload: the array form of the contract. */
export function encodeWireReadings(readings: readonly WireReading[]): Uint8Array {
  return encoder.encode(JSON.stringify(readings))
}

function wireReading(row: LoggerRow): WireReading {
  return {
    at: row.atMs,
    seq: row.row,
    ...(row.sensor === undefined ? {} : { sensor: row.sensor }),
    temperature: row.temperatureCelsius,
    ...(row.humidityPercent === undefined ? {} : { humidity: row.humidityPercent }),
  }
}

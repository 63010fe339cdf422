import type { Measurements } from '../../domain/index.ts'
import { sensorPath } from '../../domain/index.ts'
import type { ChangedRow } from '../readings/canonical-port.ts'
import { type ReadingPlace, UNPLACED } from '../readings/port.ts'

/** A reading in line protocol, or why it cannot be one. */
export type Line = { readonly line: string } | { readonly refused: string }

/** Points of one write: enough for InfluxDB (1,000 to 10,000), and read and written out in about 35 ms. */
export const LINES_PER_WRITE = 4_000
/** Instants InfluxDB can store: signed 64-bit nanoseconds less the two smallest and the largest value. */
export const TIME_NS_MAX = 9_223_372_036_854_775_806n
/** Milliseconds below this are instants InfluxDB can store, whatever nanoseconds are added. */
const PLAIN_MS_MAX = 9_000_000_000_000
/** Nanoseconds of a millisecond. */
export const NS_PER_MS = 1_000_000n

/**
 * One reading as a point of measurement `reading` (design section 8): the tag set is always the same four, so
 * that a point keeps its series; without `where` site, place and point are `none`. Quantities in degC and %
 * and degrees of a position are floats and never integers, because the first write of a field decides its type.
 */
export function readingLine(row: ChangedRow, where?: ReadingPlace): Line {
  const sensor = sensorPath(row.device, row.sensor)
  const timeNs = timeText(row)
  if (timeNs === undefined) return { refused: `t is ${row.tMs} ms, outside of what InfluxDB can store.` }
  const { site, place, point } = where ?? { site: UNPLACED, place: UNPLACED, point: UNPLACED }
  let line = 'reading'
  for (const [name, value] of [
    ['place', place],
    ['point', point],
    ['sensor', sensor],
    ['site', site],
  ] as const) {
    const tag = escapedTag(value)
    if (tag === undefined) {
      return {
        refused: `${name} is ${JSON.stringify(value)}; a tag holds no control character or backslash.`,
      }
    }
    line += `,${name}=${tag}`
  }
  const seq = row.seq === null ? '' : `,seq=${row.seq}i`
  return { line: `${line} ${valueFields(row.values)}received_ms=${row.receivedAtMs}i${seq} ${timeNs}` }
}

/** Nanoseconds since 1970; undefined where InfluxDB has no such instant. `BigInt` costs more than all the rest. */
function timeText({ tMs, sub }: Pick<ChangedRow, 'tMs' | 'sub'>): string | undefined {
  if (tMs > 0 && tMs < PLAIN_MS_MAX) return `${tMs}${String(sub).padStart(6, '0')}`
  const timeNs = BigInt(tMs) * NS_PER_MS + BigInt(sub)
  return timeNs > TIME_NS_MAX || timeNs < -TIME_NS_MAX ? undefined : String(timeNs)
}

/** Each with a comma behind it. */
function valueFields(values: Measurements): string {
  let fields = ''
  const { temperatureMilliC, humidityMilliPct, batteryMilliPct, doorOpen, mainsPower, latE7, lonE7 } = values
  if (temperatureMilliC !== undefined) fields += `temperature=${temperatureMilliC / 1000},`
  if (humidityMilliPct !== undefined) fields += `humidity=${humidityMilliPct / 1000},`
  if (batteryMilliPct !== undefined) fields += `battery=${batteryMilliPct / 1000},`
  if (doorOpen !== undefined) fields += `door_open=${doorOpen},`
  if (mainsPower !== undefined) fields += `mains_power=${mainsPower},`
  if (latE7 !== undefined) fields += `lat=${decimal(latE7)},`
  if (lonE7 !== undefined) fields += `lon=${decimal(lonE7)},`
  return fields
}

/** Degrees, never as `1e-7`, which is how a number that small is written otherwise. */
function decimal(e7: number): string {
  return Math.abs(e7) < 100 ? (e7 / 10_000_000).toFixed(7) : String(e7 / 10_000_000)
}

/**
 * A tag value with space, comma and equals sign escaped; undefined when it cannot be one: a control character
 * would end the line, and a backslash before one of the three cannot be told from an escape.
 */
export function escapedTag(value: string): string | undefined {
  if (/^[A-Za-z0-9._/-]+$/.test(value)) return value
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (value === '' || /[\u0000-\u001f\u007f\\]/.test(value)) return undefined
  return value.replaceAll(/[ ,=]/g, String.raw`\$&`)
}

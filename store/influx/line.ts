import { sensorPath } from '../../domain/index.ts'
import type { ChangedRow } from '../readings/canonical-port.ts'
import { type ReadingPlace, UNPLACED } from '../readings/port.ts'
import { valueParameters } from '../readings/rows.ts'
import type { ChangedTuple } from '../readings/tuples.ts'

/** Why a point cannot be a line. */
export interface Refused {
  readonly refused: string
}

/** A reading in line protocol, or why it cannot be one. */
export type Line = { readonly line: string } | Refused

/** Points of one write: enough for InfluxDB (1,000 to 10,000), and read and written out in about 15 ms. */
export const LINES_PER_WRITE = 5_000
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
  const tags = readingTags(sensorPath(row.device, row.sensor), where)
  if (typeof tags !== 'string') return tags
  const { series, tMs, sub, seq, receivedAtMs, values } = row
  const line = lineUnder(tags, [0, series, tMs, sub, seq, receivedAtMs, ...valueParameters(values)])
  return typeof line === 'string' ? { line } : line
}

/** Measurement and tags of the readings of a sensor at a place, or why there can be none. */
export function readingTags(
  sensor: string,
  where: ReadingPlace = { site: UNPLACED, place: UNPLACED, point: UNPLACED },
): string | Refused {
  const { site, place, point } = where
  const parts = ['reading']
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
    parts.push(`${name}=${tag}`)
  }
  return parts.join(',')
}

/** The line of a row behind its measurement and tags, or why there can be none. */
export function lineUnder(tags: string, row: ChangedTuple): string | Refused {
  const [, , tMs, sub, seq, receivedAtMs, temperature, humidity, battery, door, mains, lat, lon] = row
  const time = timeText(tMs, sub)
  if (time === undefined) return { refused: `t is ${tMs} ms, outside of what InfluxDB can store.` }
  let line = `${tags} `
  if (temperature !== null) line += `temperature=${temperature / 1000},`
  if (humidity !== null) line += `humidity=${humidity / 1000},`
  if (battery !== null) line += `battery=${battery / 1000},`
  if (door !== null) line += `door_open=${door === 1},`
  if (mains !== null) line += `mains_power=${mains === 1},`
  if (lat !== null) line += `lat=${decimal(lat)},`
  if (lon !== null) line += `lon=${decimal(lon)},`
  line += `received_ms=${receivedAtMs}i`
  if (seq !== null) line += `,seq=${seq}i`
  return `${line} ${time}`
}

/** Nanoseconds since 1970; undefined where InfluxDB has no such instant. `BigInt` costs more than all the rest. */
function timeText(tMs: number, sub: number): string | undefined {
  if (tMs > 0 && tMs < PLAIN_MS_MAX) return `${tMs}${String(sub).padStart(6, '0')}`
  const timeNs = BigInt(tMs) * NS_PER_MS + BigInt(sub)
  return timeNs > TIME_NS_MAX || timeNs < -TIME_NS_MAX ? undefined : String(timeNs)
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

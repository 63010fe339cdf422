import { type ReadingPlace, UNPLACED } from '../readings/port.ts'
import type { ChangedTuple } from '../readings/tuples.ts'
import { putAscii, putDigits, putNumber, putScaled } from './digits.ts'
import type { Lines } from './lines.ts'

/** Why a point cannot be a line. */
export interface Refused {
  readonly refused: string
}

/** Points of one write: enough for InfluxDB (1,000 to 10,000), and read and written out in about 15 ms. */
export const LINES_PER_WRITE = 5_000
/** Instants InfluxDB can store: signed 64-bit nanoseconds less the two smallest and the largest value. */
export const TIME_NS_MAX = 9_223_372_036_854_775_806n
/** Milliseconds below this are instants InfluxDB can store, whatever nanoseconds are added. */
const PLAIN_MS_MAX = 9_000_000_000_000
/** Nanoseconds of a millisecond. */
export const NS_PER_MS = 1_000_000n

const encoder = new TextEncoder()
const ascii = (text: string): Uint8Array => encoder.encode(text)
const temperatureName = ascii('temperature=')
const humidityName = ascii('humidity=')
const batteryName = ascii('battery=')
const doorName = ascii('door_open=')
const mainsName = ascii('mains_power=')
const latName = ascii('lat=')
const lonName = ascii('lon=')
const receivedName = ascii('received_ms=')
const seqName = ascii('i,seq=')
const timeSeparator = ascii('i ')
const trueThen = ascii('true,')
const falseThen = ascii('false,')
const COMMA = 0x2c
/** More than fields and time ever take: nine names and as many values of 25 characters at most. */
const FIELDS_BYTES_MAX = 512

/** Measurement and tags of the readings of a sensor at a place, up to the fields; or why there can be none. */
export function readingKey(
  sensor: string,
  where: ReadingPlace = { site: UNPLACED, place: UNPLACED, point: UNPLACED },
): Uint8Array | Refused {
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
  return encoder.encode(`${parts.join(',')} `)
}

/**
 * One more line: a reading as a point of measurement `reading` (design section 8), behind its key. The tag set is
 * always the same four, so that a point keeps its series. Quantities in degC and % and degrees of a position are floats
 * and never integers, because the first write of a field decides its type. Answers why there can be no line.
 */
export function addReading(lines: Lines, key: Uint8Array, row: ChangedTuple): Refused | undefined {
  const [, , tMs, sub, seq, receivedAtMs, temperature, humidity, battery, door, mains, lat, lon] = row
  // `BigInt` costs more than all the rest
  const isPlain = tMs > 0 && tMs < PLAIN_MS_MAX
  const time = isPlain ? '' : timeText(tMs, sub)
  if (time === undefined) return { refused: `t is ${tMs} ms, outside of what InfluxDB can store.` }
  const bytes = lines.room(key.length + FIELDS_BYTES_MAX)
  bytes.set(key, lines.length)
  let at = lines.length + key.length
  if (temperature !== null) at = putThousandths(bytes, at, temperatureName, temperature)
  if (humidity !== null) at = putThousandths(bytes, at, humidityName, humidity)
  if (battery !== null) at = putThousandths(bytes, at, batteryName, battery)
  if (door !== null) at = putFlag(bytes, at, doorName, door)
  if (mains !== null) at = putFlag(bytes, at, mainsName, mains)
  if (lat !== null) at = putDegrees(bytes, at, latName, lat)
  if (lon !== null) at = putDegrees(bytes, at, lonName, lon)
  at = putNumber(bytes, put(bytes, at, receivedName), receivedAtMs)
  if (seq !== null) at = putNumber(bytes, put(bytes, at, seqName), seq)
  at = put(bytes, at, timeSeparator)
  lines.endLine(isPlain ? putDigits(bytes, putNumber(bytes, at, tMs), sub, 6) : putAscii(bytes, at, time))
  return undefined
}

/** Nanoseconds since 1970; undefined where InfluxDB has no such instant. */
function timeText(tMs: number, sub: number): string | undefined {
  const timeNs = BigInt(tMs) * NS_PER_MS + BigInt(sub)
  return timeNs > TIME_NS_MAX || timeNs < -TIME_NS_MAX ? undefined : String(timeNs)
}

function putThousandths(bytes: Uint8Array, at: number, name: Uint8Array, thousandths: number): number {
  return putComma(bytes, putScaled(bytes, put(bytes, at, name), thousandths, 3))
}

/** Degrees, never as `1e-7`, which is how a number that small is written otherwise. */
function putDegrees(bytes: Uint8Array, at: number, name: Uint8Array, e7: number): number {
  const from = put(bytes, at, name)
  const isSmall = Math.abs(e7) < 100
  const end = isSmall ? putAscii(bytes, from, (e7 / 10_000_000).toFixed(7)) : putScaled(bytes, from, e7, 7)
  return putComma(bytes, end)
}

function putFlag(bytes: Uint8Array, at: number, name: Uint8Array, flag: number): number {
  return put(bytes, put(bytes, at, name), flag === 1 ? trueThen : falseThen)
}

function putComma(bytes: Uint8Array, at: number): number {
  bytes[at] = COMMA
  return at + 1
}

/** A few bytes: `set` takes longer to begin than they take. */
function put(bytes: Uint8Array, at: number, few: Uint8Array): number {
  for (let index = 0; index < few.length; index += 1) bytes[at + index] = few[index] ?? 0
  return at + few.length
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

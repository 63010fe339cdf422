import type { DeviceReading, HeldReason, Measurements } from '../domain/index.ts'
import { DEFAULT_SENSOR, instantFrom, isName, milliFromDecimal, scaledInteger } from '../domain/index.ts'
import { isObject } from './decode.ts'

/** Why one reading is held. */
export interface HeldItem {
  readonly held: HeldReason
  readonly detail: string
  /** Set when it tells of a temperature: then the probe was at fault, at the time it states. */
  readonly fault?: Omit<DeviceReading, 'values'>
}

/** What a probe in this field can show: below is under liquid nitrogen, above no vaccine was ever kept. */
export const TEMPERATURE_RANGE_C = { min: -200, max: 200 } as const
/** Capacitive humidity probes honestly read a little above saturation. */
export const HUMIDITY_RANGE_PCT = { min: 0, max: 110 } as const
/** Chargers report up to a few percent above full. */
export const BATTERY_RANGE_PCT = { min: 0, max: 110 } as const
/** What a DS18B20 library answers for a probe that is not there; -127 degC is no storage temperature. */
const MISSING_PROBE_C = -127

type Draft = { -readonly [Q in keyof Measurements]: Measurements[Q] }

/**
 * Turns one item of a `readings` message into a `DeviceReading`, or says why not. Fields that are null count
 * as absent (devices send null clocks and probes after deep sleep); fields we do not know are ignored.
 */
export function validateItem(raw: unknown, item: number): DeviceReading | HeldItem {
  if (!isObject(raw)) return { held: 'not-a-reading', detail: `item ${item} is not a JSON object` }
  const sensor = field(raw, 'sensor') ?? DEFAULT_SENSOR
  if (typeof sensor !== 'string') return wrongType('sensor', sensor)
  if (!isName(sensor)) return { held: 'bad-sensor-name', detail: `sensor ${shown(sensor)}` }
  const seq = field(raw, 'seq') ?? null
  if (seq !== null && !isCounter(seq)) return wrongType('seq', seq)
  const at = field(raw, 'at')
  const atMs = at === undefined ? null : instantFrom(at)
  if (atMs === undefined) return { held: 'bad-time', detail: `at ${shown(at)}` }
  const values = measurementsOf(raw)
  if (!('held' in values)) return { item, sensor, atMs, seq, values: values.values }
  return Object.hasOwn(raw, 'temperature') ? { ...values, fault: { item, sensor, atMs, seq } } : values
}

function measurementsOf(raw: Readonly<Record<string, unknown>>): { values: Measurements } | HeldItem {
  const draft: Draft = {}
  const problem =
    numberInto(raw, 'temperature', TEMPERATURE_RANGE_C, (value) => {
      draft.temperatureMilliC = milliFromDecimal(value)
    }) ??
    numberInto(raw, 'humidity', HUMIDITY_RANGE_PCT, (value) => {
      draft.humidityMilliPct = milliFromDecimal(value)
    }) ??
    numberInto(raw, 'battery', BATTERY_RANGE_PCT, (value) => {
      draft.batteryMilliPct = milliFromDecimal(value)
    }) ??
    numberInto(raw, 'lat', { min: -90, max: 90 }, (value) => {
      draft.latE7 = scaledInteger(value, 7)
    }) ??
    numberInto(raw, 'lon', { min: -180, max: 180 }, (value) => {
      draft.lonE7 = scaledInteger(value, 7)
    }) ??
    booleanInto(raw, 'doorOpen', draft) ??
    booleanInto(raw, 'mainsPower', draft)
  if (problem !== undefined) return problem
  if (draft.temperatureMilliC === MISSING_PROBE_C * 1000) {
    return { held: 'impossible-value', detail: 'temperature -127 is what a missing probe reads' }
  }
  if ((draft.latE7 === undefined) !== (draft.lonE7 === undefined)) {
    return { held: 'wrong-type', detail: 'lat and lon come together or not at all' }
  }
  return Object.keys(draft).length === 0
    ? { held: 'no-values', detail: `fields ${Object.keys(raw).slice(0, 8).join(', ').slice(0, 120)}` }
    : { values: draft }
}

function numberInto(
  raw: Readonly<Record<string, unknown>>,
  name: string,
  range: { readonly min: number; readonly max: number },
  put: (value: number) => void,
): HeldItem | undefined {
  const value = field(raw, name)
  if (value === undefined) return undefined
  if (typeof value !== 'number') return wrongType(name, value)
  // JSON can carry 1e999, which parses to Infinity: no range holds it.
  if (!(value >= range.min && value <= range.max)) {
    return { held: 'impossible-value', detail: `${name} ${value} is outside ${range.min} to ${range.max}` }
  }
  put(value)
  return undefined
}

function booleanInto(
  raw: Readonly<Record<string, unknown>>,
  name: 'doorOpen' | 'mainsPower',
  draft: Draft,
): HeldItem | undefined {
  const value = field(raw, name)
  if (value === undefined) return undefined
  if (typeof value !== 'boolean') return wrongType(name, value)
  draft[name] = value
  return undefined
}

/** Own fields only: a device may name a field `__proto__` or `constructor`. */
function field(raw: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = Object.hasOwn(raw, name) ? raw[name] : undefined
  return value === null ? undefined : value
}

function isCounter(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function wrongType(name: string, value: unknown): HeldItem {
  return { held: 'wrong-type', detail: `${name} ${shown(value)}` }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? typeof value).slice(0, 100)
}

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
const LAT_RANGE_DEG = { min: -90, max: 90 } as const
const LON_RANGE_DEG = { min: -180, max: 180 } as const
/** What a DS18B20 library answers for a probe that is not there; -127 degC is no storage temperature. */
const MISSING_PROBE_C = -127

/** The fields of an item that tell of something measured. */
const fields = ['temperature', 'humidity', 'battery', 'lat', 'lon', 'doorOpen', 'mainsPower'] as const

type Draft = { -readonly [Q in keyof Measurements]: Measurements[Q] }

/**
 * Turns one item of a `readings` message into a `DeviceReading`, or says why not. Fields that are null count
 * as absent (devices send null clocks and probes after deep sleep); fields we do not know are ignored.
 */
export function validateItem(raw: unknown, item: number): DeviceReading | HeldItem {
  if (!isObject(raw)) return { held: 'not-a-reading', detail: `item ${item} is not a JSON object` }
  const sensor = given(raw['sensor']) ?? DEFAULT_SENSOR
  if (typeof sensor !== 'string') return wrongType('sensor', sensor)
  if (!isName(sensor)) return { held: 'bad-sensor-name', detail: `sensor ${shown(sensor)}` }
  const seq = given(raw['seq']) ?? null
  if (seq !== null && !isCounter(seq)) return wrongType('seq', seq)
  const at = given(raw['at'])
  const atMs = at === undefined ? null : instantFrom(at)
  if (atMs === undefined) return { held: 'bad-time', detail: `at ${shown(at)}` }
  const values = measurementsOf(raw)
  if (!('held' in values)) return { item, sensor, atMs, seq, values }
  return Object.hasOwn(raw, 'temperature') ? { ...values, fault: { item, sensor, atMs, seq } } : values
}

/** What an item says was measured, as it was sent; see `fields`. */
export function sentMeasurements(raw: unknown): readonly unknown[] {
  return isObject(raw) ? fields.map((name) => raw[name]) : []
}

function measurementsOf(raw: Readonly<Record<string, unknown>>): Measurements | HeldItem {
  const temperature = numberIn('temperature', raw['temperature'], TEMPERATURE_RANGE_C)
  if (isHeld(temperature)) return temperature
  const humidity = numberIn('humidity', raw['humidity'], HUMIDITY_RANGE_PCT)
  if (isHeld(humidity)) return humidity
  const battery = numberIn('battery', raw['battery'], BATTERY_RANGE_PCT)
  if (isHeld(battery)) return battery
  const lat = numberIn('lat', raw['lat'], LAT_RANGE_DEG)
  if (isHeld(lat)) return lat
  const lon = numberIn('lon', raw['lon'], LON_RANGE_DEG)
  if (isHeld(lon)) return lon
  const doorOpen = booleanIn('doorOpen', raw['doorOpen'])
  if (isHeld(doorOpen)) return doorOpen
  const mainsPower = booleanIn('mainsPower', raw['mainsPower'])
  if (isHeld(mainsPower)) return mainsPower
  const temperatureMilliC = temperature === undefined ? undefined : milliFromDecimal(temperature)
  if (temperatureMilliC === MISSING_PROBE_C * 1000) {
    return { held: 'impossible-value', detail: 'temperature -127 is what a missing probe reads' }
  }
  if ((lat === undefined) !== (lon === undefined)) {
    return { held: 'wrong-type', detail: 'lat and lon come together or not at all' }
  }
  if ((temperature ?? humidity ?? battery ?? lat ?? doorOpen ?? mainsPower) === undefined) {
    const names = Object.keys(raw).slice(0, 8).join(', ').slice(0, 120)
    return { held: 'no-values', detail: `fields ${names}` }
  }
  const values: Draft = {}
  if (temperatureMilliC !== undefined) values.temperatureMilliC = temperatureMilliC
  if (humidity !== undefined) values.humidityMilliPct = milliFromDecimal(humidity)
  if (battery !== undefined) values.batteryMilliPct = milliFromDecimal(battery)
  if (lat !== undefined) values.latE7 = scaledInteger(lat, 7)
  if (lon !== undefined) values.lonE7 = scaledInteger(lon, 7)
  if (doorOpen !== undefined) values.doorOpen = doorOpen
  if (mainsPower !== undefined) values.mainsPower = mainsPower
  return values
}

function numberIn(
  name: string,
  value: unknown,
  range: { readonly min: number; readonly max: number },
): number | HeldItem | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number') return wrongType(name, value)
  // JSON can carry 1e999, which parses to Infinity: no range holds it.
  if (value >= range.min && value <= range.max) return value
  return { held: 'impossible-value', detail: `${name} ${value} is outside ${range.min} to ${range.max}` }
}

function booleanIn(name: string, value: unknown): boolean | HeldItem | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'boolean' ? value : wrongType(name, value)
}

function isHeld(value: number | boolean | HeldItem | undefined): value is HeldItem {
  return typeof value === 'object'
}

/** Null counts as absent. No field of a reading has a name that objects inherit, as `constructor` is one. */
function given(value: unknown): unknown {
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

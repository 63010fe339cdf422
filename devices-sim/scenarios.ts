import type { PlaceKind } from '../domain/index.ts'

/** What a scenario does while it lasts: to the unit, to the device, or to both. Absent = as always. */
export interface Effects {
  /** The unit has no mains power: nothing cools it. */
  readonly noPower?: boolean
  /** The fans stand still under the heaters: air layers, and the points near it warm by degrees in a minute. */
  readonly fansStopped?: boolean
  /** The thermostat keeps the unit this much warmer than it is set to, degC. */
  readonly thermostatC?: number
  readonly doorOpen?: boolean
  /** A defrost that lasts as long as the scenario, hotter than the usual ones. */
  readonly defrosting?: boolean
  /** The device reaches nobody: it records into its memory and hands in afterwards. */
  readonly offline?: boolean
  /** The device's clock shows this much too late a time, ms, and runs ahead by `clockDriftPpm`. */
  readonly clockAheadMs?: number
  readonly clockDriftPpm?: number
  /** What every probe of the device shows instead of its temperature. */
  readonly probe?: 'unplugged' | 'power-up'
  /** Charge of the battery at the start, percent. */
  readonly batteryPct?: number
  /** How often each message is sent. */
  readonly copies?: number
  /** Between its records the device shows its values every few seconds, as loggers in alarm do. */
  readonly showsOften?: boolean
}

/** A scenario as the list tells it. */
export interface Scenario {
  readonly effects: Effects
  /** How long it lasts unless told otherwise, ms. */
  readonly lastsMs: number
  /** What it is played on when nobody names a unit. */
  readonly kind: PlaceKind
  /** One line for people. */
  readonly what: string
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Every scenario by its name; causes and sizes as seen in the field. */
export const scenarios = {
  normal: {
    effects: {},
    lastsMs: HOUR_MS,
    kind: 'refrigerator',
    what: 'a medical refrigerator on an ordinary day',
  },
  'power-cut': {
    effects: { noPower: true, offline: true },
    lastsMs: 140 * MINUTE_MS,
    kind: 'ice-lined-refrigerator',
    what: 'no mains: the gateway dies, the unit warms, the logger records and hands in afterwards',
  },
  'network-gap': {
    effects: { offline: true },
    lastsMs: 27 * MINUTE_MS,
    kind: 'refrigerator',
    what: 'no signal for 27 min: recorded, then handed in with its numbers (store and forward)',
  },
  'clock-skew': {
    effects: { clockAheadMs: 8 * HOUR_MS, clockDriftPpm: 40 },
    lastsMs: 24 * HOUR_MS,
    kind: 'refrigerator',
    what: 'the clock is 8 h ahead (UTC taken for local time) and drifts',
  },
  'unplugged-probe': {
    effects: { probe: 'unplugged' },
    lastsMs: HOUR_MS,
    kind: 'refrigerator',
    what: 'the probe is unplugged: 327.67 or -40',
  },
  'power-up-85': {
    effects: { probe: 'power-up' },
    lastsMs: 10 * MINUTE_MS,
    kind: 'refrigerator',
    what: 'the probe answers 85.0 after power-up, then measures again',
  },
  'low-battery': {
    effects: { batteryPct: 9 },
    lastsMs: 24 * HOUR_MS,
    kind: 'box',
    what: 'the battery is at 9 % and falls',
  },
  duplicates: {
    effects: { copies: 3 },
    lastsMs: HOUR_MS,
    kind: 'refrigerator',
    what: 'every message is sent three times',
  },
  'fan-failure': {
    effects: { fansStopped: true, showsOften: true },
    lastsMs: 15 * MINUTE_MS,
    kind: 'cold-room',
    what: 'the fans of a cold room stop: 7.5 and 8.0 degC are passed within about a minute',
  },
  'thermostat-drift': {
    effects: { thermostatC: -5.4 },
    lastsMs: 195 * MINUTE_MS,
    kind: 'refrigerator',
    what: 'the thermostat drifts cold at night: below 2, then below 0 degC (the classic freeze)',
  },
  'door-open': {
    effects: { doorOpen: true, showsOften: true },
    lastsMs: 12 * MINUTE_MS,
    kind: 'refrigerator',
    what: 'the door is left open',
  },
  'defrost-peak': {
    effects: { defrosting: true },
    lastsMs: 20 * MINUTE_MS,
    kind: 'refrigerator',
    what: 'a hot defrost: the air passes 8 degC for minutes, the product hardly moves',
  },
} as const satisfies Readonly<Record<string, Scenario>>

/** The name of a scenario; see `scenarios`. */
export type ScenarioName = keyof typeof scenarios

/** All of them, in the order of the list. */
export const scenarioNames = Object.keys(scenarios) as readonly ScenarioName[]

/** A scenario on one unit or device, from an instant on; epoch ms, `toMs` excluded. */
export interface Episode {
  readonly scenario: ScenarioName
  readonly fromMs: number
  readonly toMs: number
}

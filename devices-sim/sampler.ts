import { Problem } from '../domain/index.ts'
import type { WireReading } from './encoder.ts'
import type { Active } from './episodes.ts'
import { bell, chance, seedFor } from './physics/chance.ts'
import type { Unit, UnitMoment } from './physics/unit.ts'
import type { PlannedDevice, PlannedPlace, PlannedSensor } from './plan.ts'

/** A place, its unit, and the sensors in it in the order of the unit's probes. */
export interface SampledUnit {
  readonly place: PlannedPlace
  readonly unit: Unit
  readonly sensors: readonly PlannedSensor[]
}

/** A sensor, where it is, and its number among the probes of the unit. */
interface Probe {
  readonly sensor: PlannedSensor
  readonly place: PlannedPlace
  readonly unit: Unit
  readonly nth: number
}

/** What electronics add: a constant error of each sensor, and noise; degC, standard deviations. */
const BIAS_C = 0.07
const NOISE_C = 0.05
/** What a probe shows that is not there, and one that was not asked yet. */
const UNPLUGGED_C = [327.67, -40] as const
const POWER_UP_C = 85
const HOUR_MS = 3_600_000
/** A battery lasts this long; it is changed at this charge, percent. */
const BATTERY_DAYS = 400
const BATTERY_LEAST = 25
/** What a low battery loses in an hour, percent. */
const LOW_BATTERY_PER_HOUR = 0.1
const PPM = 1e-6

/** What a device measures: the probes of its sensors through its electronics, as scenarios leave them. */
export class Sampler {
  readonly #probes: readonly Probe[]
  readonly #activeAt: (atMs: number) => Active
  readonly #seed: number
  readonly #phaseMs: number
  readonly intervalMs: number

  constructor(
    device: PlannedDevice,
    units: ReadonlyMap<string, SampledUnit>,
    activeAt: (atMs: number) => Active,
    seed: number,
  ) {
    this.#probes = device.sensors.map((sensor) => {
      const sampled = units.get(sensor.place)
      if (sampled === undefined) throw unplaced(device, sensor)
      return { ...sampled, sensor, nth: sampled.sensors.indexOf(sensor) }
    })
    this.#activeAt = activeAt
    this.#seed = seedFor(seed, device.id)
    this.intervalMs = device.expectedIntervalSeconds * 1000
    if (!Number.isInteger(this.intervalMs) || this.intervalMs < 1000) {
      throw new Problem('bad-request', {
        what: `The interval of device ${device.id} is ${device.expectedIntervalSeconds} s.`,
        remedy: 'Give a whole number of seconds, 1 or more.',
      })
    }
    this.#phaseMs = Math.floor(chance(this.#seed, 7) * this.intervalMs)
  }

  /** Readings of one record. */
  get sensors(): number {
    return this.#probes.length
  }

  /** The number of the first record at or after an instant: what `seq` is, the same in every run. */
  numberFrom(atMs: number): number {
    return Math.ceil((atMs - this.#phaseMs) / this.intervalMs)
  }

  /** The instant of a record by its number, epoch ms. */
  instantOf(number: number): number {
    return number * this.intervalMs + this.#phaseMs
  }

  /** What scenarios do to the device at an instant. */
  activeAt(atMs: number): Active {
    return this.#activeAt(atMs)
  }

  /** The record with this number: one reading of each sensor. */
  record(number: number): readonly WireReading[] {
    return this.#readings(this.instantOf(number), number)
  }

  /** What the device shows at an instant between its records: readings without a number. */
  shown(atMs: number): readonly WireReading[] {
    return this.#readings(atMs, undefined)
  }

  #readings(atMs: number, number: number | undefined): readonly WireReading[] {
    const active = this.#activeAt(atMs)
    const at = Math.round(this.#clockAt(atMs, active))
    const moments = new Map<string, UnitMoment>()
    return this.#probes.map(({ sensor, place, unit, nth }, index) => {
      const moment = moments.get(place.id) ?? unit.at(atMs)
      moments.set(place.id, moment)
      const probeC = moment.probesC[nth] ?? moment.airC
      return {
        at,
        ...(number === undefined ? {} : { seq: number }),
        sensor: sensor.name,
        temperature: this.#shownC(probeC, index, atMs, active),
        ...this.#humidity(sensor, place, index, atMs),
        ...(index === 0 ? this.#ofDevice(place, moment, atMs, active) : {}),
      }
    })
  }

  #clockAt(atMs: number, { effects, sinceMs }: Active): number {
    const { clockAheadMs = 0, clockDriftPpm = 0 } = effects
    if (clockAheadMs === 0 && clockDriftPpm === 0) return atMs
    return atMs + clockAheadMs + (atMs - sinceMs) * clockDriftPpm * PPM
  }

  #shownC(probeC: number, index: number, atMs: number, { effects, sinceMs }: Active): number {
    if (effects.probe === 'unplugged') return UNPLUGGED_C[this.#seed % 2] ?? UNPLUGGED_C[0]
    if (effects.probe === 'power-up' && atMs - sinceMs < this.intervalMs) return POWER_UP_C
    const own = this.#seed ^ Math.imul(index + 1, 0x85ebca6b)
    const electronicsC = bell(own, 0) * BIAS_C + bell(own ^ 0x0153, atMs) * NOISE_C
    return tenths(probeC + electronicsC)
  }

  /** Air in rooms, and the room around units. */
  #humidity(sensor: PlannedSensor, place: PlannedPlace, index: number, atMs: number): Partial<WireReading> {
    const hasIt = sensor.role === 'ambient' || (place.kind === 'cold-room' && sensor.probe === 'air')
    if (!hasIt) return {}
    const own = this.#seed ^ Math.imul(index + 1, 0xc2b2ae35)
    const hour = Math.floor(atMs / HOUR_MS)
    const part = atMs / HOUR_MS - hour
    const wave = bell(own, hour) * (1 - part) + bell(own, hour + 1) * part
    return { humidity: tenths(58 + 5 * bell(own, 1) + 4 * wave) }
  }

  /** What a device says of itself and of its unit, with its first sensor. */
  #ofDevice(place: PlannedPlace, moment: UnitMoment, atMs: number, active: Active): Partial<WireReading> {
    const hasDoor = place.kind !== 'box' && place.busyHours.length > 0
    return {
      battery: this.#batteryPct(atMs, active),
      ...(hasDoor ? { doorOpen: moment.doorOpen } : {}),
      ...(moment.mainsPower === undefined ? {} : { mainsPower: moment.mainsPower }),
      ...(moment.position === undefined ? {} : moment.position),
    }
  }

  #batteryPct(atMs: number, { effects, sinceMs }: Active): number {
    if (effects.batteryPct !== undefined) {
      return Math.max(0, tenths(effects.batteryPct - ((atMs - sinceMs) / HOUR_MS) * LOW_BATTERY_PER_HOUR))
    }
    const days = atMs / (24 * HOUR_MS) + chance(this.#seed, 11) * BATTERY_DAYS
    return Math.round(100 - ((days % BATTERY_DAYS) / BATTERY_DAYS) * (100 - BATTERY_LEAST))
  }
}

/** The resolution of loggers: 0.1. */
function tenths(value: number): number {
  // adding 0 makes -0 a 0
  return Math.round(value * 10) / 10 + 0
}

function unplaced({ id }: PlannedDevice, { name, place }: PlannedSensor): Problem {
  return new Problem('bad-request', {
    what: `Sensor ${name} of device ${id} is in the place ${place}, which the plan does not have.`,
    remedy: 'Add the place to the plan, or correct the sensor.',
  })
}

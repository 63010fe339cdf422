import type { Clock, Log } from '../domain/index.ts'
import { Problem } from '../domain/index.ts'
import type { Connect } from './delivery.ts'
import { SimulatedDevice } from './device.ts'
import { Episodes } from './episodes.ts'
import { chance, seedFor } from './physics/chance.ts'
import { createUnit } from './physics/unit.ts'
import type { CityPlan } from './plan.ts'
import { type SampledUnit, Sampler } from './sampler.ts'
import type { Episode, ScenarioName } from './scenarios.ts'

/** What a simulated fleet needs. */
export interface FleetOptions {
  readonly plan: CityPlan
  /** The secret of every device of the plan, by its id. */
  readonly secrets: ReadonlyMap<string, string>
  /** Address of the server, `mqtt://host:port`, or a function that connects. */
  readonly mqtt: Connect
  readonly clock: Clock
  /** The same seed, plan and episodes give the same values at the same instants, in every run. */
  readonly seed: number
  /** Episodes known beforehand of a place or a device, by its id; asked once for each. */
  readonly scenarioOf?: ((target: string) => readonly Episode[]) | undefined
  /** Ends everything, as `stop` does. */
  readonly signal?: AbortSignal | undefined
  readonly log: Log
}

/** How far the devices are with handing in what they recorded; readings. */
export interface HandInProgress {
  readonly total: number
  readonly acknowledged: number
}

/** A fleet of simulated devices, each with a connection of its own. */
export interface Fleet {
  /**
   * Every device hands in what it recorded from `fromMs` (which may differ from device to device) until before `toMs`,
   * oldest first, up to 250 readings in a message, as fast as acknowledgements allow; resolves when all are
   * acknowledged, with the number of readings. May be called while the fleet is live. Told at most every 100 ms. Throws
   * `Problem('bad-credentials')`, `Problem('connection-failed')` when the server cannot be reached at first.
   */
  handIn(
    fromMs: number | ((device: string) => number),
    toMs: number,
    onProgress?: (progress: HandInProgress) => void,
  ): Promise<number>
  /** From now on (or from the end of what was handed in) every device records and sends at its interval. */
  live(): void
  /** Plays a scenario on a device or a place from an instant on; `toMs` unless given: as long as it usually lasts. */
  trigger(target: string, scenario: ScenarioName, atMs: number, toMs?: number): void
  /** Ends the episodes of this scenario on this target at an instant. */
  end(target: string, scenario: ScenarioName, atMs: number): void
  /** Readings so far, of all devices. */
  counts(): FleetCounts
  /** Devices say `offline` and close; resolves when all connections are closed. */
  stop(): Promise<void>
}

/** Readings of all devices so far. */
export interface FleetCounts {
  readonly acknowledged: number
  /** Recorded and not acknowledged: in the memories of the devices. */
  readonly kept: number
  /** Not recorded because a memory was full. */
  readonly notRecorded: number
  readonly connected: number
  /** Devices that gave up because the server refused them; the log said why. */
  readonly failed: number
}

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 100

/**
 * Makes the devices of a plan; none connects before `handIn` or `live`. Throws `Problem('bad-request')` when the plan
 * does not hold together or a secret is missing.
 */
export function startFleet(options: FleetOptions): Fleet {
  const { plan, clock, signal } = options
  const episodes = new Episodes(plan, options.scenarioOf)
  const units = unitsOf(options, episodes)
  const devices = devicesOf(options, units, episodes)
  const forget = (target: string): void => {
    for (const each of episodes.reachedBy(target)) units.get(each)?.unit.forget()
  }
  const stop = async (): Promise<void> => {
    await Promise.all(devices.map((device) => device.stop()))
  }
  signal?.addEventListener('abort', () => void stop(), { once: true })
  const sum = (of: (device: SimulatedDevice) => number): number =>
    devices.reduce((total, device) => total + of(device), 0)
  return {
    handIn: async (fromMs, toMs, onProgress = () => {}) => {
      const from = ({ id }: SimulatedDevice): number => (typeof fromMs === 'number' ? fromMs : fromMs(id))
      const total = sum((device) => device.recordedIn(from(device), toMs))
      let acknowledged = 0
      let toldMs = Number.NEGATIVE_INFINITY
      const note = (readings: number): void => {
        acknowledged += readings
        const nowMs = clock.monotonicMs()
        if (nowMs - toldMs < PROGRESS_INTERVAL_MS && acknowledged < total) return
        toldMs = nowMs
        onProgress({ total, acknowledged })
      }
      const handedIn = await Promise.all(devices.map((device) => device.handIn(from(device), toMs, note)))
      return handedIn.reduce((all, readings) => all + readings, 0)
    },
    live: () => {
      for (const device of devices) void device.live()
    },
    trigger: (target, scenario, atMs, toMs) => {
      episodes.add(target, scenario, atMs, toMs)
      forget(target)
    },
    end: (target, scenario, atMs) => {
      episodes.end(target, scenario, atMs)
      forget(target)
    },
    counts: () => ({
      acknowledged: sum((device) => device.acknowledged),
      kept: sum((device) => device.kept),
      notRecorded: sum((device) => device.notRecorded),
      connected: sum((device) => (device.connected ? 1 : 0)),
      failed: sum((device) => (device.failed ? 1 : 0)),
    }),
    stop,
  }
}

function unitsOf({ plan, seed }: FleetOptions, episodes: Episodes): ReadonlyMap<string, SampledUnit> {
  const units = plan.places.map((place) => {
    const sensors = plan.devices.flatMap((device) => device.sensors.filter((each) => each.place === place.id))
    const activeAt = episodes.reaching(place.id)
    const effectsAt = (atMs: number) => activeAt(atMs).effects
    const unit = createUnit({ place, sensors, zone: plan.zone, seed, effectsAt })
    return [place.id, { place, unit, sensors }] as const
  })
  return new Map(units)
}

function devicesOf(
  { plan, secrets, mqtt, clock, log, seed }: FleetOptions,
  units: ReadonlyMap<string, SampledUnit>,
  episodes: Episodes,
): readonly SimulatedDevice[] {
  return plan.devices.map((device) => {
    const { id } = device
    const secret = secrets.get(id)
    if (secret === undefined || device.sensors.length === 0) {
      const lack = secret === undefined ? 'secret' : 'sensor'
      throw new Problem('bad-request', {
        what: `Device ${id} of the plan has no ${lack}.`,
        remedy: `Give it a ${lack}, or take it out of the plan.`,
      })
    }
    const sampler = new Sampler(device, units, episodes.reaching(id), seed)
    const spread = chance(seedFor(seed, id), 3)
    return new SimulatedDevice({ id, secret, connect: mqtt, sampler, clock, log, spread })
  })
}

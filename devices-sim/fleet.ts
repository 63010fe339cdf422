import type { Clock, Log } from '../domain/index.ts'
import type { Connect } from './delivery.ts'
import type { CityPlan } from './plan.ts'
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
   * Every device hands in what it recorded from `fromMs` until before `toMs`, oldest first, up to 250 readings in a
   * message, as fast as acknowledgements allow; resolves when all are acknowledged, with the number of readings.
   * May be called while the fleet is live. Told at most every 100 ms. Throws `Problem('bad-credentials')`,
   * `Problem('connection-failed')` when the server cannot be reached at first.
   */
  handIn(fromMs: number, toMs: number, onProgress?: (progress: HandInProgress) => void): Promise<number>
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
}

import type { Episode, ScenarioName } from '../../devices-sim/index.ts'
import type { LogSettings } from '../doors/log.ts'

/**
 * What is asked of the process of the fleet: `start` (FleetStart) first, then `hand-in` (FleetPeriod, answered with the
 * number of readings; meanwhile notices `handed-in` tell HandInProgress), `live`, `trigger` and `end` (FleetEvent),
 * `stop`.
 */
export interface FleetStart {
  /** Secrets by device id: they travel over this channel and nowhere else. */
  readonly secrets: ReadonlyMap<string, string>
  /** `mqtt://host:port`. */
  readonly mqtt: string
  readonly seed: number
  /** By place or device. */
  readonly episodes: ReadonlyMap<string, readonly Episode[]>
  readonly log: Pick<LogSettings, 'level' | 'levels'>
}

/** A period of what devices recorded, [fromMs, toMs), epoch ms. */
export interface FleetPeriod {
  readonly fromMs: number
  readonly toMs: number
  /** Devices that begin later than `fromMs`, and when. */
  readonly laterMs?: ReadonlyMap<string, number>
}

/** A scenario on a place or a device that begins or ends at an instant, epoch ms. */
export interface FleetEvent {
  readonly target: string
  readonly scenario: ScenarioName
  readonly atMs: number
}

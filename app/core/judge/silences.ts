import { silencesOf } from '../../../alerts/index.ts'
import {
  type ContactRule,
  type Finding,
  maxGapFloorMs,
  maxGapMs,
  type Silence,
} from '../../../domain/index.ts'
import type { FindingReads } from '../../../store/index.ts'
import type { HeardTo } from './heard-horizon.ts'
import type { PlacedSensor, PointFacts } from './point-facts.ts'

/** Looked at again after this: what is not known may be by then, and a fact that lies ahead may begin. */
const LOOK_AGAIN_MS = 5 * 60_000

/** What judging the silences of a point gives. */
export interface SilenceJudgement {
  readonly before: readonly Finding[]
  readonly after: readonly Silence[]
  /** When time alone may make a silence of it; null where no rule asks. */
  readonly dueMs: number | null
}

/**
 * Judges the silences of a point again that something has changed about since `touchedMs`, epoch ms by the clock of
 * whoever received, as far as it is known who was heard.
 */
export function judgeSilences(
  reads: FindingReads,
  facts: PointFacts,
  touchedMs: number,
  { heardToMs, goesOnMs }: HeardTo,
): SilenceJudgement {
  const current = facts.placements.toSorted((a, b) => a.fromMs - b.fromMs).at(-1)
  const lastMs =
    current === undefined ? null : reads.contactOf(current.device, current.sensor, heardToMs).lastMs
  // one that goes on may have been judged by a clock that was set back since: then no record ends it
  const goingOnMs = reads
    .openAt(facts.place)
    .flatMap(({ kind, point, startMs }) => (kind === 'silence' && point === facts.point ? [startMs] : []))
  const firstMs = restartMs(
    reads,
    facts,
    Math.min(touchedMs, Math.max(lastMs ?? touchedMs, current?.fromMs ?? touchedMs), ...goingOnMs),
  )
  const contacts = facts.placements.map(({ device, sensor, fromMs, toMs }) => {
    return { fromMs, toMs, ...reads.contactOf(device, sensor, firstMs) }
  })
  const after = silencesOf({ ...facts, contacts }, heardToMs).filter(
    ({ startMs, open, alarmMs }) => startMs >= firstMs && (!open || alarmMs <= goesOnMs),
  )
  return {
    before: reads.findingsFrom(facts.point, firstMs).filter(({ kind }) => kind === 'silence'),
    after,
    dueMs: dueMs(facts, current, lastMs, goesOnMs),
  }
}

/** Nothing that changed since an instant lies in a silence that began before the one answered. */
function restartMs(reads: FindingReads, { placements }: PointFacts, touchedMs: number): number {
  const atMs = Math.max(Number.MIN_SAFE_INTEGER, touchedMs)
  const begun = placements.flatMap((placement) =>
    reads
      .contactOf(placement.device, placement.sensor, atMs)
      .silences.filter(({ toMs }) => toMs > atMs)
      .map(({ fromMs }) => Math.max(fromMs, placement.fromMs)),
  )
  return Math.min(atMs, ...begun)
}

function dueMs(
  facts: PointFacts,
  current: PlacedSensor | undefined,
  lastMs: number | null,
  goesOnMs: number,
): number | null {
  const rules = facts.rules.flatMap(({ rule }): ContactRule[] => (rule.quantity === 'contact' ? [rule] : []))
  if (rules.length === 0 || current === undefined) return null
  if (lastMs === null) return goesOnMs + LOOK_AGAIN_MS
  const fromMs = Math.max(lastMs, current.fromMs)
  const expectedMs = facts.expectedIntervals.at(-1)?.expectedIntervalMs ?? 0
  const shortestMs = Math.min(...rules.map(({ mode }) => mode.durationMs))
  const firstMs = fromMs + Math.max(shortestMs, maxGapMs(expectedMs, maxGapFloorMs(facts.placeKind)))
  return firstMs > goesOnMs ? firstMs : goesOnMs + LOOK_AGAIN_MS
}

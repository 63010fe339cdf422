import { silencesOf } from '../../../alerts/index.ts'
import {
  type ContactRule,
  type Finding,
  maxGapFloorMs,
  maxGapMs,
  type Silence,
} from '../../../domain/index.ts'
import type { FindingReads, SensorSilence } from '../../../store/index.ts'
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
  /** Up to when it was known who was heard. */
  readonly heardToMs: number
  readonly heard: Heard
}

/** What of a point's silences has been judged: all that lie between these instants, epoch ms. */
export interface Heard {
  readonly fromMs: number
  /** When a temperature had come last of the sensor of each placement. */
  readonly newestMs: readonly (number | null)[]
}

/**
 * False where no rule of a point can be about silences so short, whatever interval is expected: most loggers send
 * seldom, and every interval of five minutes or more is told of. One that is left out is met again with the next that
 * is not, or when time counts.
 */
export function mayBeFound(
  known: { readonly facts: PointFacts } | undefined,
  { longestMs }: Pick<SensorSilence, 'longestMs'>,
): boolean {
  if (known === undefined) return false
  const floorMs = maxGapFloorMs(known.facts.placeKind)
  return known.facts.rules.some(({ rule }) => {
    return rule.quantity === 'contact' && longestMs > Math.max(rule.mode.durationMs, floorMs)
  })
}

/**
 * Since when there are silences that have not been judged, of those that changed since `touchedMs`, epoch ms by the
 * clock of whoever received; Infinity: none. A judge that is behind ingest meets silence after silence that it saw
 * when it judged the first. No silence is stored without a newer temperature of its sensor, and it begins with the one
 * before.
 */
export function unheardFromMs(
  reads: FindingReads,
  facts: PointFacts,
  heard: Heard,
  touchedMs: number,
): number {
  if (touchedMs < heard.fromMs) return touchedMs
  const fromMs = newestContacts(reads, facts).map((newestMs, nth) => {
    const judgedMs = heard.newestMs[nth] ?? heard.fromMs
    return newestMs === heard.newestMs[nth] ? Number.POSITIVE_INFINITY : judgedMs
  })
  return Math.min(...fromMs)
}

function newestContacts(reads: FindingReads, { placements }: PointFacts): readonly (number | null)[] {
  return placements.map(({ device, sensor }) => {
    return reads.lastContactMs(device, sensor)
  })
}

/**
 * Judges the silences of a point again that something has changed about since `silenceMs`, epoch ms by the clock of
 * whoever received, as far as it is known who was heard. `heard`: those that were judged and have not changed since,
 * but for what `silenceMs` says.
 */
export function judgeSilences(
  reads: FindingReads,
  facts: PointFacts,
  { silenceMs: touchedMs, heard }: { readonly silenceMs: number; readonly heard: Heard | undefined },
  { heardToMs: atLeastMs, goesOnMs }: HeardTo,
): SilenceJudgement {
  const current = facts.placements.toSorted((a, b) => a.fromMs - b.fromMs).at(-1)
  const newestMs = newestContacts(reads, facts)
  // ingest may have gone on since it was found out: what is heard of these sensors came in order too
  const heardToMs = Math.max(atLeastMs, ...newestMs.map((each) => each ?? atLeastMs))
  const lastMs = current === undefined ? null : (newestMs[facts.placements.indexOf(current)] ?? null)
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
    heardToMs,
    heard: { fromMs: Math.min(firstMs, heard?.fromMs ?? firstMs), newestMs },
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

import type { DeviceReading, HeldReason, TimeJudgement } from '../domain/index.ts'
import { FUTURE_TOLERANCE_MS, isLivePace, judgeTime, quantities, resolve } from '../domain/index.ts'
import type {
  AheadReading,
  CanonicalTransaction,
  DeviceState,
  HeldRow,
  StoredReading,
} from '../store/index.ts'
import { isoTime, noteSeq } from './boots.ts'
import { choose, conflictDetail } from './choose.ts'

/** What the facts say of a device at the instant its record was received. */
export interface DeviceTerms {
  readonly acceptFromMs: number
  readonly expectedIntervalMs: number
}

/** What is the same for all readings of one record. */
export interface RecordContext {
  readonly tx: CanonicalTransaction
  readonly device: string
  /** Where the record lies. */
  readonly index: number
  /** The record that has it judged: itself, or the one that re-admits it, long after which nothing in it is live. */
  readonly judgedBy: number
  readonly receivedAtMs: number
  readonly terms: DeviceTerms
  /** Somebody decided that it is what is true. */
  readonly isChosen: boolean
  /** Changed in place as readings of the record are stored. */
  state: DeviceState
  /** Sensors that have more than one reading in this record. */
  readonly crowded: ReadonlySet<string>
  /** The same, with the faults among them; worked out only when asked for. */
  crowdedWithFaults(): ReadonlySet<string>
  /** Called for each temperature that is stored. */
  heard(series: number): void
  /** What a reading that is held said it measured, in short; worked out only when asked for. */
  faultContent(item: number): string
  /** Called for each delivery that had this outcome until another was chosen. */
  lose(outcome: 'stored' | 'complement', delivery: LostDelivery): void
  /** SHA-256 of the payload, first 8 bytes as hex; worked out only when asked for. */
  payloadHash(): string
}

/** A delivery that was decided against, of the same device. */
export type LostDelivery = Omit<HeldRow, 'device' | 'reason' | 'decidedBy'>

/** What became of one reading. */
export type Placement =
  | { readonly outcome: 'stored' | 'complement' | 'duplicate' }
  | { readonly outcome: 'held'; readonly reason: HeldReason; readonly detail: string }

const stored: Placement = { outcome: 'stored' }

/** A name that changes from message to message would otherwise open series for ever. */
export const SENSORS_PER_DEVICE_MAX = 64
/** A reading without time and number may move this many ms to find an instant of its own. */
const FREE_INSTANT_TRIES_MAX = 100
/** How long a reading without `at` is recognised when it is sent again (design section 5). */
const UNDATED_MEMORY_MS = 86_400_000
/** The nanoseconds that tell readings of one millisecond apart. */
const SUB_MODULUS = 1_000_000

/**
 * Gives one reading its place in the canonical store (design section 5): if its identity is known, the
 * standing reading decides (duplicate, complement, conflict); otherwise its time is judged and it is stored
 * or held. Must be called in log order of the device; nothing here is about another one.
 */
export function placeReading(context: RecordContext, reading: DeviceReading): Placement {
  const { tx, receivedAtMs } = context
  const series = tx.series(context.device, reading.sensor, receivedAtMs, SENSORS_PER_DEVICE_MAX)
  if (series === undefined) {
    return held('too-many-sensors', `sensor ${reading.sensor}; ${SENSORS_PER_DEVICE_MAX} are allowed`)
  }
  const sub = reading.seq === null ? 0 : (reading.seq + 1) % SUB_MODULUS
  const there = reading.atMs === null ? undefined : tx.at(series, reading.atMs, sub)
  const standing = findStanding(context, series, there, reading)
  if (standing !== undefined) return settle(context, standing, reading)
  const first = firstAhead(context, series, reading)
  if (first !== undefined && first.valuesJson === JSON.stringify(reading.values))
    return held('future-time', `${timeDetail(reading, receivedAtMs)}; it came first in record ${first.index}`)
  const judged = timeOf(context, reading, context.crowded)
  if (judged.use === 'none') {
    if (judged.reason === 'future-time') noteAhead(context, series, reading, JSON.stringify(reading.values))
    return held(judged.reason, timeDetail(reading, receivedAtMs))
  }
  const tMs =
    judged.use === 'stated' && reading.atMs !== null
      ? reading.atMs
      : freeInstant(tx, series, sub, receivedAtMs)
  const isTaken = tMs === undefined || (tMs === reading.atMs ? there : tx.at(series, tMs, sub)) !== undefined
  if (isTaken) return held('instant-taken', timeDetail(reading, receivedAtMs))
  const reused = noteSeq(context, reading)
  if (reused !== undefined) return held('seq-reused', reused)
  tx.insert(
    {
      series,
      tMs,
      sub,
      atMs: reading.atMs,
      seq: reading.seq,
      receivedAtMs,
      index: context.index,
      item: reading.item,
      values: reading.values,
      marks: judged.marks,
      payloadHash: reading.atMs === null && reading.seq !== null ? context.payloadHash() : null,
    },
    context.judgedBy,
  )
  if (reading.values.temperatureMilliC !== undefined) context.heard(series)
  return stored
}

/** What of a reading says which it is. */
type Identity = Pick<DeviceReading, 'atMs' | 'seq'>

/**
 * What first came of this identity with a time that was ahead. The same delivery once more is held too: a clock becomes
 * no truer by waiting (docs/decisions/017). The same is only what has a number and the same values: without, a clock
 * that was set right meanwhile would give the same instants to other readings.
 */
function firstAhead(
  { tx }: RecordContext,
  series: number,
  { atMs, seq }: Identity,
): AheadReading | undefined {
  return atMs === null || seq === null ? undefined : tx.ahead(series, atMs, seq)
}

function noteAhead(
  { tx, index }: RecordContext,
  series: number,
  { atMs, seq }: Identity,
  valuesJson: string,
): void {
  if (atMs !== null && seq !== null) tx.putAhead(series, atMs, seq, { index, valuesJson })
}

/**
 * Notes that the probe of a held reading was at fault, at the instant the reading would have been stored under. Where
 * that cannot be told (its time is not accepted, or was ahead when the same came first), it is held and nothing else.
 */
export function noteFault(context: RecordContext, fault: Omit<DeviceReading, 'values'>): void {
  const { tx, receivedAtMs } = context
  const { atMs } = fault
  const judged = timeOf(context, fault, context.crowdedWithFaults())
  const isAhead = atMs !== null && atMs > receivedAtMs + FUTURE_TOLERANCE_MS
  if (judged.use === 'none' && !isAhead) return
  const series = tx.series(context.device, fault.sensor, receivedAtMs, SENSORS_PER_DEVICE_MAX)
  if (series === undefined) return
  const content = JSON.stringify({ fault: context.faultContent(fault.item) })
  if (firstAhead(context, series, fault)?.valuesJson === content) return
  // unlike a reading, a fault that is noted at its arrival has no identity to be known by
  if (isAhead) noteAhead(context, series, fault, content)
  if (judged.use === 'none') return
  const tMs = judged.use === 'stated' && atMs !== null ? atMs : receivedAtMs
  tx.putFault({ series, tMs, index: context.judgedBy })
}

function timeOf(
  { index, judgedBy, receivedAtMs, terms, state }: RecordContext,
  { sensor, atMs, seq }: Omit<DeviceReading, 'values'>,
  crowded: ReadonlySet<string>,
): TimeJudgement {
  const isCrowded = crowded.has(sensor)
  const isLive =
    index === judgedBy &&
    !isCrowded &&
    isLivePace(receivedAtMs, state.previousReceivedAtMs, terms.expectedIntervalMs)
  const { acceptFromMs, expectedIntervalMs } = terms
  return judgeTime({
    atMs,
    hasSeq: seq !== null,
    receivedAtMs,
    acceptFromMs,
    expectedIntervalMs,
    live: isLive,
    crowded: isCrowded,
  })
}

function findStanding(
  context: RecordContext,
  series: number,
  there: StoredReading | undefined,
  reading: DeviceReading,
): StoredReading | undefined {
  const { tx } = context
  if (reading.atMs === null) {
    return reading.seq === null
      ? undefined
      : tx.undated(series, reading.seq, context.payloadHash(), context.receivedAtMs - UNDATED_MEMORY_MS)
  }
  if (there !== undefined && there.atMs === reading.atMs && there.seq === reading.seq) return there
  return tx.displaced(series, reading.atMs, reading.seq)
}

function settle(context: RecordContext, standing: StoredReading, reading: DeviceReading): Placement {
  const resolution = resolve(standing.values, reading.values)
  if (resolution.outcome === 'conflict') {
    if (context.isChosen) return choose(context, standing, reading)
    return held('conflict', conflictDetail(resolution.quantity, standing.values, reading.values))
  }
  if (resolution.outcome === 'complement') {
    const { added } = resolution
    const { index, receivedAtMs } = context
    const told = quantities.filter((quantity) => added[quantity] !== undefined)
    context.tx.complement(standing, added, context.judgedBy)
    context.tx.putPart(standing, { index, item: reading.item, receivedAtMs, told })
    if (added.temperatureMilliC !== undefined) context.heard(standing.series)
  } else if (isPartOf(context, standing, reading)) {
    return { outcome: 'complement' }
  } else {
    context.tx.repeat(standing)
  }
  return { outcome: resolution.outcome }
}

/**
 * True when what it told of the row stands already, since only some of what it said had been decided against: it is not
 * the same once more.
 */
function isPartOf(
  { tx, index, isChosen }: RecordContext,
  standing: StoredReading,
  { item }: DeviceReading,
): boolean {
  return isChosen && tx.parts(standing).some((part) => part.index === index && part.item === item)
}

/** The first instant at or after arrival that no reading of this series and number holds. */
function freeInstant(
  tx: CanonicalTransaction,
  series: number,
  sub: number,
  receivedAtMs: number,
): number | undefined {
  for (let tMs = receivedAtMs; tMs < receivedAtMs + FREE_INSTANT_TRIES_MAX; tMs += 1) {
    if (tx.at(series, tMs, sub) === undefined) return tMs
  }
  return undefined
}

function held(reason: HeldReason, detail: string): Placement {
  return { outcome: 'held', reason, detail }
}

function timeDetail(reading: DeviceReading, receivedAtMs: number): string {
  return `at ${isoTime(reading.atMs)}, received ${isoTime(receivedAtMs)}`
}

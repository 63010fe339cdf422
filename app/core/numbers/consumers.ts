import { HOUR_MS } from '../../../batches/index.ts'
import type { Clock, MessageRecord } from '../../../domain/index.ts'
import type { CanonicalReads, FactsReads, FindingReads } from '../../../store/index.ts'
import type { CoreStatus } from '../../link/protocol.ts'
import type { Sample } from '../../metrics/definitions.ts'
import { overAt } from '../influx/hours.ts'

/** What tells where consumers stand. */
export interface ConsumerParts {
  readonly reads: Pick<CanonicalReads, 'cursor' | 'changedRows'>
  readonly findings: Pick<FindingReads, 'changesAfter' | 'lastChange'>
  readonly facts: Pick<FactsReads, 'deskChange' | 'firstActAfter'>
  /** A durable record of the journal; rejects where there is none. */
  readonly record: (index: number) => Promise<MessageRecord>
  readonly clock: Clock
}

/** Where each consumer stands, how much is before it, and how old the oldest of that is. */
export async function consumerSamples(parts: ConsumerParts, status: CoreStatus): Promise<readonly Sample[]> {
  return [
    ...(await ofTheJournal(parts, status)),
    ...(await ofTheRows(parts, status)),
    ...(status.influx === null ? [] : besideSamples(parts)),
    ...(await deskSamples(parts)),
    ...(await auditSamples(parts, status)),
  ]
}

async function ofTheJournal(
  parts: ConsumerParts,
  { durableEnd: end }: CoreStatus,
): Promise<readonly Sample[]> {
  // how much there is a gateway has to say
  if (end === null) return []
  const samples: Sample[] = []
  for (const consumer of ['ingest', 'census'] as const) {
    const position = parts.reads.cursor(consumer)
    const receivedMs = position < end ? await receivedAt(parts, position) : undefined
    samples.push(...told(consumer, position, end - position, ageOf(parts.clock, receivedMs)))
  }
  return samples
}

/** These follow rows, which are there without a gateway, and when their records were shipped away. */
async function ofTheRows(parts: ConsumerParts, { influx }: CoreStatus): Promise<readonly Sample[]> {
  const { reads, clock } = parts
  const end = reads.cursor('ingest')
  const samples: Sample[] = []
  for (const consumer of influx === null ? (['judge'] as const) : (['judge', 'influx'] as const)) {
    const position = reads.cursor(consumer)
    const fromRow = () => reads.changedRows(position, end, 1).rows[0]?.receivedAtMs
    const receivedMs = position < end ? ((await receivedAt(parts, position)) ?? fromRow()) : undefined
    samples.push(...told(consumer, position, end - position, ageOf(clock, receivedMs)))
  }
  return samples
}

/** What goes to InfluxDB beside the readings: changes of findings, and hours that are over. */
function besideSamples({ reads, findings, clock }: ConsumerParts): readonly Sample[] {
  const last = reads.cursor('influx-findings')
  const [next] = findings.changesAfter(last, 1)
  const hour = reads.cursor('influx-hours')
  const over = overAt(clock.nowMs()) / HOUR_MS
  // before it began the first time no hour is late
  const isLate = hour > 0 && hour < over
  return [
    ...told('influx-findings', last, findings.lastChange() - last, ageOf(clock, next?.recordedAtMs)),
    ...told(
      'influx-hours',
      hour,
      isLate ? over - hour : 0,
      ageOf(clock, isLate ? (hour + 1) * HOUR_MS : undefined),
    ),
  ]
}

async function deskSamples({ findings, facts, clock }: ConsumerParts): Promise<readonly Sample[]> {
  const last = await facts.deskChange()
  const [next] = findings.changesAfter(last, 1)
  return told('desk', last, findings.lastChange() - last, ageOf(clock, next?.recordedAtMs))
}

async function auditSamples(
  { facts, clock }: ConsumerParts,
  { audit }: CoreStatus,
): Promise<readonly Sample[]> {
  const { copied, waiting } = audit
  if (copied === null || waiting === null) return []
  const firstMs = waiting > 0 ? await facts.firstActAfter(copied) : null
  return told('audit', copied, waiting, ageOf(clock, firstMs ?? undefined))
}

/** Undefined when the record is not there, because it was shipped away. */
async function receivedAt({ record }: ConsumerParts, index: number): Promise<number | undefined> {
  try {
    return (await record(index)).receivedAtMs
  } catch {
    // Nothing is lost: the distance is told all the same, and who cannot read the record says so itself.
    return undefined
  }
}

function ageOf(clock: Clock, sinceMs: number | undefined): number {
  return sinceMs === undefined ? 0 : Math.max(0, clock.nowMs() - sinceMs) / 1_000
}

function told(consumer: string, position: number, behind: number, ageS: number): readonly Sample[] {
  const labels = { consumer }
  return [
    { name: 'isotherm_consumer_position', labels, value: position },
    { name: 'isotherm_consumer_behind', labels, value: Math.max(0, behind) },
    { name: 'isotherm_consumer_oldest_age_seconds', labels, value: ageS },
  ]
}

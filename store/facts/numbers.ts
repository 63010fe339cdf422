import type { MessageState } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'

/** The name of the incident desk among the consumers. */
export const DESK = 'incidents'

/** Counts of the facts for whoever watches the system. */
export interface FactNumbers {
  /** Messages whose state was entered since an instant, and all that wait, by state. */
  readonly messages: readonly { readonly state: MessageState; readonly count: number }[]
  /** When the oldest message that waits was decided, epoch ms; null when none does. */
  readonly oldestWaitingMs: number | null
}

/**
 * Counts since `sinceMs` (epoch ms), at the cost of what is counted: rows are numbered in the order in which they were
 * recorded, and what waits stands in the outbox.
 */
export async function factNumbers(reader: FactsReader, sinceMs: number): Promise<FactNumbers> {
  const { db } = reader
  const [before] = await reader.all(
    db
      .selectFrom('message')
      .select('fact')
      .where('recordedAt', '<', sinceMs)
      .orderBy('fact', 'desc')
      .limit(1),
  )
  const settled = await reader.all(
    db
      .selectFrom('live_message')
      .select(['state', (eb) => eb.fn.countAll<number | string>().as('count')])
      .where('fact', '>', before?.fact ?? 0)
      .where('state', '<>', 'waiting')
      .groupBy('state'),
  )
  const [waiting] = await reader.all(
    db
      .selectFrom('outbox as waiting')
      // in this order: the other way round SQLite looks at every message there ever was
      .crossJoin('live_message as it')
      .whereRef('it.id', '=', 'waiting.message')
      // the receipt of one that is under way may have come already
      .where('it.state', '=', 'waiting')
      .select((eb) => [
        eb.fn.countAll<number | string>().as('count'),
        eb.fn.min('it.recordedAt').as('oldestMs'),
      ]),
  )
  // PostgreSQL counts in 64 bits, which come as text
  const messages = settled.map(({ state, count }) => ({ state, count: Number(count) }))
  return {
    messages: [...messages, { state: 'waiting', count: Number(waiting?.count ?? 0) }],
    oldestWaitingMs: waiting?.oldestMs ?? null,
  }
}

/** Number of the last change of findings the incident desk has taken. */
export async function deskChange(reader: FactsReader): Promise<number> {
  const [desk] = await reader.all(reader.db.selectFrom('consumer').select('next').where('name', '=', DESK))
  return desk?.next ?? 0
}

/** When the first act behind a version of the facts was recorded, epoch ms; null when there is none. */
export async function firstActAfter(reader: FactsReader, version: number): Promise<number | null> {
  const [act] = await reader.all(
    reader.db
      .selectFrom('fact_version')
      .innerJoin('audit', 'audit.seq', 'fact_version.act')
      .select('audit.at')
      .where('fact_version.version', '>', version)
      .orderBy('fact_version.version')
      .limit(1),
  )
  return act?.at ?? null
}

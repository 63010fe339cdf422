import type { MessageState } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'

/** The name of the incident desk among the consumers. */
export const DESK = 'incidents'

/** Counts of the facts for whoever watches the system. */
export interface FactNumbers {
  /** Messages decided since an instant, and all that wait, by state. */
  readonly messages: readonly { readonly state: MessageState; readonly count: number }[]
  /** When the oldest message that waits was decided, epoch ms; null when none does. */
  readonly oldestWaitingMs: number | null
}

/** Counts since `sinceMs` (epoch ms); goes through all messages, so the caller remembers them. */
export async function factNumbers(reader: FactsReader, sinceMs: number): Promise<FactNumbers> {
  const { db } = reader
  const messages = await reader.all(
    db
      .selectFrom('live_message')
      .select(['state', (eb) => eb.fn.countAll<number | string>().as('count')])
      .where((eb) => eb.or([eb('recordedAt', '>=', sinceMs), eb('state', '=', 'waiting')]))
      .groupBy('state'),
  )
  const [waiting] = await reader.all(
    db
      .selectFrom('outbox as waiting')
      .innerJoin('live_message as it', 'it.id', 'waiting.message')
      .select((eb) => eb.fn.min('it.recordedAt').as('oldestMs')),
  )
  return {
    // PostgreSQL counts in 64 bits, which come as text
    messages: messages.map(({ state, count }) => ({ state, count: Number(count) })),
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

import type { FactsReader } from './port.ts'

/** Acts looked at for one page at most: about 20 ms of a query thread. */
export const ACTS_PER_PAGE_MAX = 5_000

/** Which acts to look at. `after`: the `seq` before the first one. Times in epoch ms, [fromMs, toMs). */
export interface AuditWindowInput {
  readonly after: number
  readonly kind?: string
  readonly subject?: string
  readonly actor?: string
  readonly fromMs?: number
  readonly toMs?: number
}

/** An act as its audit row tells it; `old` and `new` are JSON. */
export type WindowAct = Awaited<ReturnType<typeof actsIn>>[number]

/** Acts that match, ascending. Every act up to `seenTo` was looked at; `isEnd`: none lies behind it now. */
export interface AuditWindow {
  readonly acts: readonly WindowAct[]
  readonly seenTo: number
  readonly isEnd: boolean
}

/** The next acts that match: those among so many acts as one page may look at, however few that are. */
export async function auditWindow(reader: FactsReader, input: AuditWindowInput): Promise<AuditWindow> {
  const { kind, subject, actor, fromMs, toMs } = input
  const begin = fromMs === undefined ? 0 : await lastBefore(reader, fromMs)
  const end = toMs === undefined ? await lastOfAll(reader) : await lastBefore(reader, toMs)
  const after = Math.max(input.after, begin)
  // an index finds the acts on one subject; anything else is looked for among so many acts in a row
  const to = subject === undefined ? Math.min(end, after + ACTS_PER_PAGE_MAX) : end
  const seen = await actsIn(reader, after, to, subject)
  const last = seen.length === ACTS_PER_PAGE_MAX ? seen.at(-1) : undefined
  const seenTo = last?.seq ?? Math.max(to, after)
  return {
    acts: seen.filter(
      (act) => (kind === undefined || act.kind === kind) && (actor === undefined || act.actor === actor),
    ),
    seenTo,
    isEnd: seenTo >= end,
  }
}

function actsIn(reader: FactsReader, after: number, to: number, subject: string | undefined) {
  return reader.all(
    reader.db
      .selectFrom('audit')
      .select(['seq', 'at', 'actor', 'kind', 'subject', 'reason', 'oldJson', 'newJson', 'claimedAt'])
      .where('seq', '>', after)
      .where('seq', '<=', to)
      .$if(subject !== undefined, (query) => query.where('subject', '=', subject ?? ''))
      .orderBy('seq')
      .limit(ACTS_PER_PAGE_MAX),
  )
}

/** The last act before an instant; times never decrease with `seq`. 0 = none. */
async function lastBefore(reader: FactsReader, timeMs: number): Promise<number> {
  const [last] = await reader.all(
    reader.db
      .selectFrom('audit')
      .select('seq')
      .where('at', '<', timeMs)
      .orderBy('at', 'desc')
      .orderBy('seq', 'desc')
      .limit(1),
  )
  return last?.seq ?? 0
}

async function lastOfAll(reader: FactsReader): Promise<number> {
  const [last] = await reader.all(reader.db.selectFrom('audit').select('seq').orderBy('seq', 'desc').limit(1))
  return last?.seq ?? 0
}

import type { DatabaseSync } from 'node:sqlite'
import { silencesIn, type SilenceRun } from './silence-runs.ts'
import { instantsIn, type NumberRun } from './used-numbers.ts'

/** One of what a run is of: its key, ascending within a file, and what is kept of it. */
type Single = readonly [owner: number, part: number, key: number, content: number]

/** How singles differ between two files. */
interface Difference {
  readonly changed: number
  readonly added: number
  readonly missing: number
}

/** How to go through what the runs of a file (`main`, `before`) are of, by table. */
const inRuns = { seq_use: usedNumbersOf, silence: silencesOf } as const
/** The tables whose rows are runs. */
export const runTables = ['seq_use', 'silence'] as const satisfies readonly (keyof typeof inRuns)[]

/**
 * How what the runs of a table are of differs between both files of a connection, whatever rows it lies in: those are
 * cut where a transaction ended, and that is another place each time. One pass over both, in the order of the key.
 */
export function differenceOfRuns(database: DatabaseSync, table: keyof typeof inRuns): Difference {
  const [after, before] = [inRuns[table](database, 'main'), inRuns[table](database, 'before')]
  const found = { changed: 0, added: 0, missing: 0 }
  let [own, other] = [next(after), next(before)]
  while (own !== undefined || other !== undefined) {
    const order = orderOf(own, other)
    if (order < 0) found.added += 1
    else if (order > 0) found.missing += 1
    else if (own?.[3] !== other?.[3]) found.changed += 1
    if (order <= 0) own = next(after)
    if (order >= 0) other = next(before)
  }
  return found
}

function next(singles: Generator<Single, undefined>): Single | undefined {
  return singles.next().value
}

/** Below 0 where `a` comes first; what is at its end comes last. */
function orderOf(a: Single | undefined, b: Single | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

function* usedNumbersOf(database: DatabaseSync, file: string): Generator<Single, undefined> {
  const rows = rowsOf<NumberRun & { readonly device: number; readonly boot: number }>(
    database,
    `select device, boot, seq, at, last_seq, last_at, packed from ${file}.seq_use order by device, boot, seq`,
  )
  for (const row of rows) {
    const { device, boot, seq } = row
    for (const [nth, atMs] of instantsIn(row).entries()) yield [device, boot, seq + nth, atMs]
  }
}

/** By which record one ended is known of the last of a run only. */
function* silencesOf(database: DatabaseSync, file: string): Generator<Single, undefined> {
  const rows = rowsOf<SilenceRun & { readonly series: number }>(
    database,
    `select series, from_ms, to_ms, packed from ${file}.silence order by series, from_ms`,
  )
  for (const row of rows) {
    for (const { fromMs, toMs } of silencesIn(row)) yield [row.series, 0, fromMs, toMs]
  }
}

/** One by one: there are millions. */
function rowsOf<Row>(database: DatabaseSync, sql: string): Iterable<Row> {
  const rows: Iterable<unknown> = database.prepare(sql).iterate()
  // our tables are strict, so a column holds the type its definition and the caller's Row both name
  return rows as Iterable<Row>
}

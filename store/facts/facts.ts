import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock, FactChange } from '../../domain/index.ts'
import { Problem } from '../../domain/index.ts'
import { latestVersion, lastActAtMs, snapshotOf } from './feed.ts'
import type { ChangeDraft, Facts, FactsTransaction } from './port.ts'
import { openSqliteWriter, type SqliteFacts } from './sqlite.ts'

/** More waiting jobs than this means the disk has stopped: better to refuse than to pile up. */
const WAITING_JOBS_MAX = 10_000

type Job<T> = (tx: FactsTransaction) => Promise<T>

/** Opens the facts database file for writing; see `Facts` for what it promises and `openSqliteWriter` for refusals. */
export async function openFacts(options: { readonly path: string; readonly clock: Clock }): Promise<Facts> {
  const { clock } = options
  const sqlite = await openSqliteWriter(options.path)
  const { connection } = sqlite
  const listeners = new Set<(change: FactChange) => void>()
  let lastAtMs = await lastActAtMs(sqlite)
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closing: Promise<void> | undefined

  async function transaction<T>(job: Job<T>): Promise<T> {
    // facts are found by when they were recorded, so a clock set back must not disorder them
    const atMs = Math.max(clock.nowMs(), lastAtMs)
    const { result, change } = await commit(sqlite, atMs, job)
    if (change.version === undefined) return result
    lastAtMs = atMs
    const fed: FactChange = { version: change.version, rows: change.rows }
    for (const listener of listeners) listener(fed)
    return result
  }

  function queued<T>(work: () => Promise<T>): Promise<T> {
    const closed = closing !== undefined
    if (closed || waiting >= WAITING_JOBS_MAX) return Promise.reject(unavailable(closed))
    waiting += 1
    const done = tail.then(work)
    // the job's own promise carries its failure; the queue only waits for its end
    tail = done.then(
      () => (waiting -= 1),
      () => (waiting -= 1),
    )
    return done
  }

  return {
    transact: (job) => queued(() => transaction(job)),
    snapshot: () => queued(() => transaction(async (tx) => snapshotOf(tx, await latestVersion(tx)))),
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () =>
      (closing ??= tail.then(() => {
        connection.close()
      })),
  }
}

/** Runs the job from BEGIN to COMMIT; a throw rolls back. Its transaction is of no use to anybody afterwards. */
async function commit<T>(
  sqlite: SqliteFacts,
  atMs: number,
  job: Job<T>,
): Promise<{ readonly result: T; readonly change: ChangeDraft }> {
  const { connection } = sqlite
  const change: ChangeDraft = { version: undefined, rows: [] }
  let open = true
  const tx: FactsTransaction = {
    db: sqlite.db,
    all: (query) => {
      assert(open, 'a transaction was used after its end')
      return sqlite.all(query)
    },
    run: (query) => {
      assert(open, 'a transaction was used after its end')
      return sqlite.run(query)
    },
    atMs,
    change,
  }
  try {
    connection.exec('begin immediate')
    const before = totalChanges(connection)
    const result = await job(tx)
    assert(change.version !== undefined || totalChanges(connection) === before, 'a job wrote without an act')
    connection.exec('commit')
    return { result, change }
  } catch (thrown) {
    if (connection.isTransaction) connection.exec('rollback')
    throw sqlite.problem(thrown)
  } finally {
    open = false
  }
}

/** Rows this connection ever changed. */
function totalChanges(connection: DatabaseSync): unknown {
  return connection.prepare('select total_changes() as changes').get()?.['changes']
}

function unavailable(closed: boolean): Problem {
  return new Problem('core-unavailable', {
    what: closed
      ? 'The facts are closed.'
      : `More than ${WAITING_JOBS_MAX} jobs wait for the facts database to write.`,
    remedy: 'Try again; if it stays, check the disk of the data directory.',
  })
}

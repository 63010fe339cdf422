import assert from 'node:assert/strict'
import type { Clock, FactChange } from '../../domain/index.ts'
import { Problem } from '../../domain/index.ts'
import { latestVersion, lastActAtMs, snapshotOf } from './feed.ts'
import type { ChangeDraft, Facts, FactsTransaction } from './port.ts'
import { openSqliteWriter } from './sqlite.ts'

/** More waiting jobs than this means the disk has stopped: better to refuse than to pile up. */
const WAITING_JOBS_MAX = 10_000

/** Opens the facts database file for writing; see `Facts` for what it promises and `openSqliteWriter` for refusals. */
export async function openFacts(options: { readonly path: string; readonly clock: Clock }): Promise<Facts> {
  const { clock } = options
  const sqlite = await openSqliteWriter(options.path)
  const { connection } = sqlite
  const listeners = new Set<(change: FactChange) => void>()
  let lastAtMs = await lastActAtMs(sqlite)
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closed = false

  async function transaction<T>(job: (tx: FactsTransaction) => Promise<T>): Promise<T> {
    // facts are found by when they were recorded, so a clock set back must not disorder them
    const atMs = Math.max(clock.nowMs(), lastAtMs)
    const change: ChangeDraft = { version: undefined, rows: [] }
    let result: T
    try {
      connection.exec('begin immediate')
      const before = totalChanges()
      result = await job({ db: sqlite.db, all: sqlite.all, run: sqlite.run, atMs, change })
      assert(change.version !== undefined || totalChanges() === before, 'a job wrote without an act')
      connection.exec('commit')
    } catch (thrown) {
      if (connection.isTransaction) connection.exec('rollback')
      throw sqlite.problem(thrown)
    }
    if (change.version === undefined) return result
    lastAtMs = atMs
    const fed: FactChange = { version: change.version, rows: change.rows }
    for (const listener of listeners) listener(fed)
    return result
  }

  function totalChanges(): unknown {
    return connection.prepare('select total_changes() as changes').get()?.['changes']
  }

  function queued<T>(work: () => Promise<T>): Promise<T> {
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
    close: async () => {
      if (closed) return
      closed = true
      await tail
      connection.close()
    },
  }
}

function unavailable(closed: boolean): Problem {
  return new Problem('core-unavailable', {
    what: closed
      ? 'The facts are closed.'
      : `More than ${WAITING_JOBS_MAX} jobs wait for the facts database to write.`,
    remedy: 'Try again; if it stays, check the disk of the data directory.',
  })
}

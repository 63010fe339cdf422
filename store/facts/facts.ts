import assert from 'node:assert/strict'
import type { Clock, FactChange } from '../../domain/index.ts'
import { Problem } from '../../domain/index.ts'
import { latestVersion, lastActAtMs, snapshotOf } from './feed.ts'
import type { ChangeDraft, Facts, FactsTransaction, FactsWriter } from './port.ts'
import { openSqliteWriter } from './sqlite.ts'

/** More waiting jobs than this means the disk has stopped: better to refuse than to pile up. */
const WAITING_JOBS_MAX = 10_000

type Job<T> = (tx: FactsTransaction) => Promise<T>

/** Opens the facts database file for writing; see `Facts` for what it promises and `openSqliteWriter` for refusals. */
export async function openFacts(options: { readonly path: string; readonly clock: Clock }): Promise<Facts> {
  return factsOn(await openSqliteWriter(options.path), options.clock)
}

/** The facts on a connection that nobody else writes through; closes it with the facts. */
export async function factsOn(writer: FactsWriter, clock: Clock): Promise<Facts> {
  const listeners = new Set<(change: FactChange) => void>()
  let lastAtMs = await lastActAtMs(writer)
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closing: Promise<void> | undefined

  async function transaction<T>(job: Job<T>): Promise<T> {
    // facts are found by when they were recorded, so a clock set back must not disorder them
    const atMs = Math.max(clock.nowMs(), lastAtMs)
    const { result, change } = await commit(writer, atMs, job)
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
    close: () => (closing ??= tail.then(() => writer.close())),
  }
}

/** Runs the job from BEGIN to COMMIT; a throw rolls back. Its transaction is of no use to anybody afterwards. */
async function commit<T>(
  writer: FactsWriter,
  atMs: number,
  job: Job<T>,
): Promise<{ readonly result: T; readonly change: ChangeDraft }> {
  const change: ChangeDraft = { version: undefined, keptBooks: false, rows: [] }
  let open = true
  const tx: FactsTransaction = {
    db: writer.db,
    all: (query) => {
      assert(open, 'a transaction was used after its end')
      return writer.all(query)
    },
    run: (query) => {
      assert(open, 'a transaction was used after its end')
      return writer.run(query)
    },
    keepBooks: (query) => {
      change.keptBooks = true
      return tx.run(query)
    },
    atMs,
    change,
  }
  try {
    await writer.begin()
    const result = await job(tx)
    const isAnswered = change.version !== undefined || change.keptBooks
    assert(isAnswered || !(await writer.hasWritten()), 'a job wrote without an act')
    await writer.commit()
    return { result, change }
  } catch (thrown) {
    await writer.rollback()
    throw writer.problem(thrown)
  } finally {
    open = false
  }
}

function unavailable(closed: boolean): Problem {
  return new Problem('core-unavailable', {
    what: closed
      ? 'The facts are closed.'
      : `More than ${WAITING_JOBS_MAX} jobs wait for the facts database to write.`,
    remedy: 'Try again; if it stays, check the disk or server the facts are kept on.',
  })
}

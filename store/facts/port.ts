import type { Compilable, Kysely } from 'kysely'
import type { FactChange, FedRow } from '../../domain/index.ts'
import type { FactsSchema } from './schema.ts'

/** Reads of the facts. kysely compiles a query, the port executes it; keys of rows are camelCase. */
export interface FactsReader {
  /** Builds queries in the dialect of this database. It never executes anything itself. */
  readonly db: Kysely<FactsSchema>
  readonly all: <R>(query: Compilable<R>) => Promise<readonly R[]>
}

/**
 * One job's transaction. On SQLite everything is executed before the call returns, so what a job awaits is
 * already there and no other work of the thread runs in between; a job MUST NOT await anything else. A statement
 * that fails fails the job: PostgreSQL takes no other one after it.
 */
export interface FactsTransaction extends FactsReader {
  /** Answers how many rows changed. */
  readonly run: (query: Compilable) => Promise<{ readonly changedRows: number }>
  /**
   * The same for what nobody answers for: how far a consumer has come, how often a message was tried. A job that
   * writes nothing else needs no act.
   */
  readonly keepBooks: FactsTransaction['run']
  /** The instant everything in this transaction is recorded at, epoch ms; never decreases from job to job. */
  readonly atMs: number
  /** What this transaction adds to the change feed; filled by `act` and what is written with it. */
  readonly change: ChangeDraft
}

/** The feed's step while its transaction is under way; `version` stays undefined until the first act. */
export interface ChangeDraft {
  version: number | undefined
  /** True once `keepBooks` wrote. */
  keptBooks: boolean
  readonly rows: FedRow[]
}

/** One connection to one database, which only `facts.ts` writes through: one transaction at a time. */
export interface FactsWriter extends FactsReader {
  readonly run: FactsTransaction['run']
  begin(): Promise<void>
  /** Resolves when what was written is synced. */
  commit(): Promise<void>
  /** Ends the open transaction without a trace; does nothing when there is none. */
  rollback(): Promise<void>
  /** True when the open transaction wrote anything. */
  hasWritten(): Promise<boolean>
  /** Turns an error of the database into a `Problem` that says where; anything else stays as it is. */
  problem(thrown: unknown): unknown
  close(): Promise<void>
}

/** The facts database, open for writing: one connection, one job at a time. */
export interface Facts {
  /**
   * Runs a job as one transaction, after all jobs asked for earlier: committed and synced when the promise
   * resolves, rolled back when it rejects. A job that writes without an act is rolled back.
   * Rejects with what the job threw, or `core-unavailable` (too many jobs wait, disk full, closed),
   * `store-damaged`.
   */
  transact<T>(job: (tx: FactsTransaction) => Promise<T>): Promise<T>
  /** All live rows of the fed tables and the open sessions, with the version they add up to. */
  snapshot(): Promise<FactChange>
  /**
   * Calls back after each commit, in version order, before the job's promise resolves; `snapshot` included,
   * no change is told twice or left out. Listeners MUST NOT throw. Returns the function that stops it.
   */
  onChange(listener: (change: FactChange) => void): () => void
  /** Waits for the jobs under way and closes. Idempotent. */
  close(): Promise<void>
}

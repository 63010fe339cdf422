import type { DatabaseSync } from 'node:sqlite'
import { Problem } from '../../domain/index.ts'
import type { CanonicalStore, CanonicalTransaction, Commit } from './port.ts'
import { sqliteProblem } from './sqlite.ts'

/** With `normal` SQLite syncs its log before it moves pages out of it: what is there is whole, and may be old. */
const synchronous = { synced: 'full', repeatable: 'normal' } as const satisfies Record<Commit, string>

type Transact = Pick<CanonicalStore, 'transact' | 'transactInTurn' | 'transactAtLength'>

/** What whoever keeps something beside the file does with it. */
interface Ends {
  /** Writes what is not written yet; what it throws undoes the transaction. */
  readonly beforeCommit: () => void
  /** Forgets what was written or was about to be. */
  readonly onUndone: () => void
}

/** The transactions of one connection, one after another. */
export class Transactions {
  readonly #database: DatabaseSync
  readonly #path: string
  #inside = false
  #commits: Commit | undefined
  /** Resolves when the transaction at length that is under way has ended. */
  #atLength: Promise<void> | undefined

  constructor(database: DatabaseSync, path: string) {
    this.#database = database
    this.#path = path
  }

  /** Throws `internal` outside of a job. */
  requireInside(): void {
    if (!this.#inside) throw misuse('A canonical transaction was used outside of its job.')
  }

  /** What does jobs with `tx`. */
  of(tx: CanonicalTransaction, { beforeCommit, onUndone }: Ends): Transact {
    const transact: Transact['transact'] = (job, commit = 'synced') => {
      if (this.#inside) throw misuse('A canonical transaction was begun inside another.')
      try {
        this.#begin(commit)
        const result = job(tx)
        if (result instanceof Promise)
          throw misuse('A canonical job returned a promise; a job must not await.')
        beforeCommit()
        this.#database.exec('commit')
        return result
      } catch (thrown) {
        throw this.#undone(thrown, onUndone)
      } finally {
        this.#inside = false
      }
    }
    const transactInTurn: Transact['transactInTurn'] = async (job, commit) => {
      // looked at here and below, not in a function that is awaited: by the time that answers, another may have begun
      while (this.#atLength !== undefined) await this.#atLength
      return transact(job, commit)
    }
    const transactAtLength: Transact['transactAtLength'] = async (job, commit = 'synced') => {
      while (this.#atLength !== undefined) await this.#atLength
      const ended = Promise.withResolvers<void>()
      this.#atLength = ended.promise
      try {
        this.#begin(commit)
        const result = await job(tx)
        beforeCommit()
        this.#database.exec('commit')
        return result
      } catch (thrown) {
        throw this.#undone(thrown, onUndone)
      } finally {
        this.#inside = false
        this.#atLength = undefined
        ended.resolve()
      }
    }
    return { transact, transactInTurn, transactAtLength }
  }

  #begin(commit: Commit): void {
    if (commit !== this.#commits) this.#database.exec(`pragma synchronous = ${synchronous[commit]}`)
    this.#commits = commit
    this.#database.exec('begin immediate')
    this.#inside = true
  }

  /** What is told of a job that failed; nothing of it is left. */
  #undone(thrown: unknown, onUndone: () => void): unknown {
    onUndone()
    if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('rollback')
    return sqliteProblem(thrown, this.#path)
  }
}

function misuse(what: string): Problem {
  const remedy = 'This is a mistake of Isotherm itself: report it with this message. Nothing was stored.'
  return new Problem('internal', { what, remedy })
}

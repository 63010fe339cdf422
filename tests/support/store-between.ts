import type { CanonicalStore, CanonicalTransaction } from '../../store/index.ts'

/** What stands between a job and the real store. */
export interface Between {
  /** In the job's turn, before anything of it is done; what it throws keeps it from being begun. */
  readonly before?: () => void
  /** What the job gets. */
  readonly given?: (tx: CanonicalTransaction) => CanonicalTransaction
  /** After the job and before its commit; what it throws undoes the job. */
  readonly after?: () => void
}

/** The real store, with something between it and every job. */
export function storeBetween(store: CanonicalStore, between: Between): CanonicalStore {
  const { before, given = (tx) => tx, after } = between
  const inTurn =
    <T>(job: (tx: CanonicalTransaction) => T) =>
    (tx: CanonicalTransaction): T => {
      before?.()
      const result = job(given(tx))
      after?.()
      return result
    }
  return {
    ...store,
    transact: (job, commit) => store.transact(inTurn(job), commit),
    transactInTurn: async (job, commit) => store.transactInTurn(inTurn(job), commit),
    transactAtLength: async (job, commit) => {
      const whole = async (tx: CanonicalTransaction) => {
        before?.()
        const result = await job(given(tx))
        after?.()
        return result
      }
      return store.transactAtLength(whole, commit)
    },
  }
}

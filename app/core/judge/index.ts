import type { Clock, Log, RulePack } from '../../../domain/index.ts'
import type { CanonicalReads, CanonicalStore, Facts, FactsView, FindingReads } from '../../../store/index.ts'
import { startJudge } from './judge.ts'
import type { JudgeNumbers } from './judge-numbers.ts'

export type { JudgeNumbers }

/** The judge of this core. */
export interface RunningJudge {
  /** Call after each step of ingest. */
  wake(this: void): void
  numbers(): JudgeNumbers
  stop(): Promise<void>
}

/** Starts the judge; whatever happens to it, ingest does not wait. */
export function openJudge(options: {
  readonly store: CanonicalStore
  readonly reads: CanonicalReads
  readonly facts: Pick<Facts, 'onChange'>
  /** In this thread, and told of each change before the judge is. */
  readonly view: FactsView
  readonly findings: FindingReads
  /** True while every durable record has been taken by ingest. */
  readonly isLevel: () => boolean
  readonly packs: readonly RulePack[]
  readonly clock: Clock
  readonly log: Log
  /** Called after findings have changed. */
  readonly onFindings: () => void
}): RunningJudge {
  const { facts } = options
  const stopping = new AbortController()
  const judge = startJudge({ ...options, signal: stopping.signal })
  const stopFacts = facts.onChange((change) => {
    judge.onFacts(change)
  })
  return {
    wake: () => {
      judge.wake()
    },
    numbers: () => judge.numbers(),
    stop: async () => {
      stopFacts()
      stopping.abort()
      await judge.stopped
    },
  }
}

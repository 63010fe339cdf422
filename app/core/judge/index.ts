import type { Clock, Log } from '../../../domain/index.ts'
import {
  type CanonicalReads,
  type CanonicalStore,
  type Facts,
  type FactsView,
  openFindingReads,
} from '../../../store/index.ts'
import { readRulePacks } from '../../doors/rule-packs.ts'
import type { DataLayout } from '../../layout.ts'
import { startJudge } from './judge.ts'

/** The judge of this core. */
export interface RunningJudge {
  /** Call after each step of ingest. */
  wake(this: void): void
  stop(): Promise<void>
}

/** Reads the rule packs and starts the judge; whatever happens to it, ingest does not wait. */
export async function openJudge(options: {
  readonly layout: DataLayout
  readonly store: CanonicalStore
  readonly reads: CanonicalReads
  readonly facts: Pick<Facts, 'onChange'>
  /** In this thread, and told of each change before the judge is. */
  readonly view: FactsView
  readonly clock: Clock
  readonly log: Log
  /** Called after findings have changed. */
  readonly onFindings: () => void
}): Promise<RunningJudge> {
  const { layout, facts } = options
  const packs = await readRulePacks()
  const findings = openFindingReads({ path: layout.readings })
  const stopping = new AbortController()
  const judge = startJudge({ ...options, findings, packs, signal: stopping.signal })
  const stopFacts = facts.onChange((change) => {
    judge.onFacts(change)
  })
  return {
    wake: () => {
      judge.wake()
    },
    stop: async () => {
      stopFacts()
      stopping.abort()
      await judge.stopped
      findings.close()
    },
  }
}

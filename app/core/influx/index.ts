import type { Clock, Log, RulePack } from '../../../domain/index.ts'
import {
  type BesideProjection,
  type CanonicalReads,
  type CanonicalStore,
  type Facts,
  type FactsView,
  type FindingReads,
  type InfluxCursor,
  type InfluxWriter,
  projectFindings,
} from '../../../store/index.ts'
import { findingWords } from './finding-words.ts'
import { type HoursParts, projectHours } from './hours.ts'

/** What is written to InfluxDB beside the readings: findings, hours of lots, limits and names. */
export function openBeside(parts: {
  readonly store: CanonicalStore
  readonly reads: CanonicalReads
  readonly findings: FindingReads
  readonly facts: Pick<Facts, 'onChange'>
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly writer: InfluxWriter
  readonly waiting: HoursParts['waiting']
  readonly clock: Clock
  readonly log: Log
}): { readonly projections: readonly BesideProjection[]; readonly stop: () => void } {
  const { store, reads, facts, view, packs } = parts
  const saveCursors: HoursParts['saveCursors'] = (cursors, unless) =>
    store.transactInTurn((tx) => {
      // when everything is to be written again meanwhile, that stands
      if (unless !== undefined && tx.cursor(unless.name) !== unless.was) return false
      for (const [name, next] of Object.entries(cursors)) tx.setCursor(name as InfluxCursor, next)
      return true
    })
  const findings = projectFindings({
    ...parts,
    cursor: () => reads.cursor('influx-findings'),
    saveCursor: async (no, was) => {
      const name = 'influx-findings'
      await saveCursors({ [name]: no }, was === undefined ? undefined : { name, was })
    },
    words: findingWords(view, packs),
  })
  const hours = projectHours({ ...parts, saveCursors })
  const stop = facts.onChange((change) => {
    hours.onFacts(change)
  })
  return { projections: [findings, hours], stop }
}

import { type PlaceFact, Problem } from '../domain/index.ts'
import { type IncidentsOf, reportJson } from '../reports/index.ts'
import type { CanonicalReads, FactsView, FindingReads, Queries } from '../store/index.ts'
import { systemClock } from './doors/clock.ts'
import { readRulePacks } from './doors/rule-packs.ts'
import { readSoftwareVersion } from './doors/version.ts'
import { gatherExcursions } from './report/gather.ts'
import { renderApart } from './report/render.ts'
import { takingTurns } from './report/turns.ts'

/** What reports are made from. */
export interface ReportStores {
  readonly reads: CanonicalReads
  readonly findings: FindingReads
  readonly view: FactsView
  /** Resolves when the view has the facts; rejects with `core-unavailable` when that takes too long. */
  readonly viewReady: () => Promise<void>
  readonly incidentsOf: IncidentsOf
  /** Whether a place lies in the scopes. */
  readonly seenFrom: (scopes: readonly string[]) => (place: PlaceFact) => boolean
}

/** Reports made at once: each holds its rows in memory, and two cores are busy with two of them. */
const REPORTS_AT_ONCE_MAX = 4

/** Answers that are files. */
export function reportAnswers({ viewReady, seenFrom, ...stores }: ReportStores) {
  let making = 0
  const made = async (asked: Queries['report.excursions']): Promise<Uint8Array> => {
    await viewReady()
    const parts = {
      ...stores,
      packs: await readRulePacks(),
      softwareVersion: await readSoftwareVersion(),
      rest: takingTurns(systemClock),
    }
    const { scopes, format, language, ...query } = asked
    const report = await gatherExcursions(parts, { ...query, isSeen: seenFrom(scopes) })
    return format === 'json' ? reportJson(report) : renderApart({ report, format, language })
  }
  return {
    'report.excursions': async (asked: Queries['report.excursions']) => {
      if (making >= REPORTS_AT_ONCE_MAX) throw tooManyAtOnce()
      making += 1
      try {
        return await made(asked)
      } finally {
        making -= 1
      }
    },
  }
}

function tooManyAtOnce(): Problem {
  return new Problem('too-many-requests', {
    what: `${REPORTS_AT_ONCE_MAX} reports are being made already.`,
    remedy: 'Wait a few seconds and ask again.',
  })
}

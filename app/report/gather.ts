import { coverOf, type Period } from '../../batches/index.ts'
import { type PlaceFact, Problem, type RulePack } from '../../domain/index.ts'
import type {
  ExcursionReport,
  ReportPack,
  ConditionRow,
  ReportRow,
  ReportSubject,
} from '../../reports/index.ts'
import type { FactsView, Queries } from '../../store/index.ts'
import { pointFactsOf } from '../core/judge/point-facts.ts'
import { type CompletenessParts, completenessOf } from './completeness.ts'
import { namesIn } from './named.ts'
import { type RowParts, rowsOf } from './rows.ts'
import { spansOf, type WatchedSpan } from './spans.ts'

/** What a report is gathered from. */
export interface ReportParts extends RowParts, CompletenessParts {
  readonly softwareVersion: string
}

/** What is asked for, and which places the caller may see. */
export interface ReportQuery
  extends Pick<Queries['report.excursions'], 'subject' | 'fromMs' | 'toMs' | 'asOfMs' | 'by'> {
  readonly isSeen: (place: PlaceFact) => boolean
}

/** The longest period of one report: a year, whichever it is. */
const DAYS_MAX = 366
const DAY_MS = 86_400_000

/**
 * Gathers the excursions of a place or a lot in [fromMs, toMs), and how complete the record is, of what is known
 * now. Rejects with `not-found` for what is not there or not seen, and with `bad-request` for a period that is empty,
 * too long or has not begun, and for too much at once.
 */
export async function gatherExcursions(parts: ReportParts, query: ReportQuery): Promise<ExcursionReport> {
  const { view } = parts
  const { subject, fromMs, toMs, asOfMs, by, isSeen } = query
  checkPeriod(query)
  const about = subjectOf(view, query)
  const period = { fromMs, toMs: Math.min(toMs, asOfMs) }
  const spans = spansOf(view, subject, period, isSeen)
  const completeness = await completenessOf(parts, spans, period, asOfMs)
  const { rows, conditions } = await rowsOf(parts, subject, spans, period, isSeen)
  const all = [...rows, ...conditions]
  const names = namesIn(view)
  const sites = [...new Set([...spans.map(({ place }) => place.site), ...all.map(({ site }) => site.id)])]
  const own = about.by === 'place' ? [about.site.zone] : sites.map((site) => names.site(site).zone)
  const [zone = 'UTC', ...others] = new Set(own)
  return {
    subject: about,
    demo: [...sites, ...(about.by === 'place' ? [about.site.id] : [])].some((site) => isDemo(view, site)),
    fromMs,
    toMs,
    zone: others.length === 0 ? zone : 'UTC',
    generatedMs: asOfMs,
    factVersion: view.version,
    by,
    softwareVersion: parts.softwareVersion,
    packs: packsOf(parts, spans, all),
    rows,
    conditions,
    completeness,
  }
}

function subjectOf(view: FactsView, { subject, isSeen }: ReportQuery): ReportSubject {
  const names = namesIn(view)
  if (subject.by === 'lot') {
    const lot = view.lot(subject.lot)
    if (lot === undefined) throw notFound('lot', subject.lot)
    return { by: 'lot', lot: names.lot(lot) }
  }
  const place = view.place(subject.place)
  if (place === undefined || !isSeen(place)) throw notFound('place', subject.place)
  const measuredIn = coverOf(view, place.id)?.place
  return {
    by: 'place',
    place: names.place(place.id),
    site: names.site(place.site),
    measuredIn: measuredIn === undefined ? null : names.place(measuredIn),
  }
}

function isDemo(view: FactsView, site: string): boolean {
  return view.organisation(view.site(site)?.organisation ?? '')?.demo === 1
}

/** The versions of packs in force at the points while they spoke, and those by which the findings were made. */
function packsOf(
  { view, packs }: ReportParts,
  spans: readonly WatchedSpan[],
  rows: readonly Pick<ReportRow | ConditionRow, 'finding'>[],
): readonly ReportPack[] {
  const used = new Map<string, ReportPack>()
  const use = (rule: string, version: number): void => {
    const id = rule.slice(0, rule.indexOf('/'))
    used.set(`${id} ${String(version).padStart(7, '0')}`, packOf(packs, id, version))
  }
  const inForce = new Map(
    spans.map(({ point }) => [point?.id, point === null ? undefined : pointFactsOf(view, packs, point.id)]),
  )
  for (const span of spans) {
    for (const { rule, packVersion, fromMs, toMs } of inForce.get(span.point?.id)?.rules ?? []) {
      if (fromMs < span.toMs && (toMs === null || toMs > span.fromMs)) use(rule.id, packVersion)
    }
  }
  for (const { finding } of rows) use(finding.rule, finding.packVersion)
  return [...used.keys()].toSorted().flatMap((key) => used.get(key) ?? [])
}

function packOf(packs: readonly RulePack[], id: string, version: number): ReportPack {
  const pack = packs.find((each) => each.id === id && each.version === version)
  return { id, version, title: pack?.title ?? { zh: id, en: id } }
}

function checkPeriod({ fromMs, toMs, asOfMs }: Period & Pick<ReportQuery, 'asOfMs'>): void {
  if (fromMs >= toMs) {
    throw new Problem('bad-request', {
      what: 'The period is empty: from does not lie before to.',
      remedy: 'Give from and to in order; to defaults to now.',
    })
  }
  if (toMs - fromMs > DAYS_MAX * DAY_MS) {
    throw new Problem('bad-request', {
      what: `The period is longer than ${DAYS_MAX} days.`,
      remedy: `Ask for ${DAYS_MAX} days at most, and for more in several reports.`,
    })
  }
  if (fromMs >= asOfMs) {
    throw new Problem('bad-request', {
      what: 'The period has not begun: from does not lie in the past.',
      remedy: 'Ask for a period that has begun.',
    })
  }
}

function notFound(thing: 'place' | 'lot', id: string): Problem {
  return new Problem('not-found', {
    what: `There is no ${thing} "${id}" within your reach.`,
    remedy: `Correct the id, or ask for a role on the organisation of the ${thing}.`,
  })
}

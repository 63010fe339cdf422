import { type Period, placesConcerned, staysIn } from '../../batches/index.ts'
import {
  type Finding,
  labelOfFinding,
  type PlaceFact,
  Problem,
  ruleOfFinding,
  type RulePack,
} from '../../domain/index.ts'
import type { AffectedLot, ConditionRow, IncidentsOf, ReportRow } from '../../reports/index.ts'
import type { FactsView, FindingReads, JudgedFinding } from '../../store/index.ts'
import { namesIn } from './named.ts'
import type { Subject, WatchedSpan } from './spans.ts'

/** Findings of one report: more are no report that anybody reads. */
export const FINDINGS_MAX = 10_000
/** Affected lots, and messages, of one report: what a workbook still opens with. */
const DETAILS_MAX = 100_000
/** Findings taken at a time. */
const PAGE_FINDINGS = 500

/** What the rows of a report are gathered from. */
export interface RowParts {
  readonly findings: FindingReads
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly incidentsOf: IncidentsOf
  /** Called between the pages, so that others may be answered meanwhile. */
  readonly rest: () => Promise<void>
}

/**
 * The findings at points of the spans while they spoke, by start, with the rule, the lots and the incident of each.
 * Of a lot only the lot itself, where it may be seen. Rejects with `bad-request` when there are too many.
 */
export async function rowsOf(
  parts: RowParts,
  subject: Subject,
  spans: readonly WatchedSpan[],
  period: Period,
  isSeen: (place: PlaceFact) => boolean,
): Promise<ReportRows> {
  const speaking = spans.filter(({ point }) => point !== null)
  const spansAt = Map.groupBy(speaking, ({ point }) => point?.id ?? '')
  // a door or power may be told of by a point that speaks for no temperature
  const spansIn = Map.groupBy(speaking, ({ place }) => place.id)
  const places = [...spansIn.keys()]
  const lotsOf = lotFinder(parts.view, subject, isSeen)
  const rows: (ReportRow | ConditionRow)[] = []
  let details = 0
  let after: string | null | undefined = places.length === 0 ? null : undefined
  while (after !== null) {
    const asked = { places, ...period, limit: PAGE_FINDINGS, ...(after === undefined ? {} : { after }) }
    const page = parts.findings.page(asked)
    const found = page.items.filter(({ finding }) =>
      (finding.kind === 'excursion' ? spansAt.get(finding.point) : spansIn.get(finding.place))?.some((span) =>
        touches(finding, span),
      ),
    )
    const made = await rowsOfPage(parts, found, lotsOf)
    rows.push(...made)
    details += made.reduce((sum, { lots, incident }) => sum + lots.length + (incident?.told.length ?? 0), 0)
    if (rows.length > FINDINGS_MAX) throw tooMany(`more than ${FINDINGS_MAX} findings`)
    if (details > DETAILS_MAX) throw tooMany(`more than ${DETAILS_MAX} affected lots and messages`)
    after = page.next
    await parts.rest()
  }
  return {
    rows: rows.filter((row) => row.finding.kind === 'excursion') as readonly ReportRow[],
    conditions: rows.filter((row) => row.finding.kind !== 'excursion') as readonly ConditionRow[],
  }
}

/** Excursions, and everything else. */
interface ReportRows {
  readonly rows: readonly ReportRow[]
  readonly conditions: readonly ConditionRow[]
}

async function rowsOfPage(
  { view, packs, incidentsOf }: RowParts,
  found: readonly JudgedFinding[],
  lotsOf: (finding: JudgedFinding) => readonly AffectedLot[],
): Promise<readonly (ReportRow | ConditionRow)[]> {
  const names = namesIn(view)
  const incidents = await incidentsOf(found.map(({ finding }) => finding.id))
  return found.map((judged): ReportRow | ConditionRow => {
    const { finding } = judged
    const rule = ruleOfFinding(packs, finding) ?? null
    const row = {
      site: names.site(view.place(finding.place)?.site ?? ''),
      place: names.place(finding.place),
      point: names.point(finding.point),
      lots: lotsOf(judged),
      incident: incidents.get(finding.id) ?? null,
    }
    if (finding.kind !== 'excursion') return { finding, rule, ...row }
    const label = labelOfFinding(finding)
    return {
      finding,
      // with the limit it began under
      rule: rule?.quantity === 'temperature' ? rule : null,
      label: label === null ? null : names.product(label.product),
      ...row,
    }
  })
}

/** Finds the lots that lay where the point of a finding spoke for them, while the finding held. */
function lotFinder(
  view: FactsView,
  subject: Subject,
  isSeen: (place: PlaceFact) => boolean,
): (judged: JudgedFinding) => readonly AffectedLot[] {
  const names = namesIn(view)
  const spokenFor = new Map<string, readonly string[]>()
  const placesOf = (point: string): readonly string[] => {
    const known = spokenFor.get(point)
    if (known !== undefined) return known
    const places = placesConcerned(view, point).filter((id) => {
      const place = view.place(id)
      return place !== undefined && isSeen(place)
    })
    spokenFor.set(point, places)
    return places
  }
  return ({ finding, asOfMs }) => {
    const toMs = finding.endMs ?? Math.max(asOfMs, finding.startMs + 1)
    return staysIn(view, placesOf(finding.point), { fromMs: finding.startMs, toMs }).flatMap((stay) => {
      const fact = view.lot(stay.lot)
      if (fact === undefined || (subject.by === 'lot' && stay.lot !== subject.lot)) return []
      const { quantity, fromMs } = stay
      const isGoingOn = finding.endMs === null && stay.toMs === toMs
      const end = isGoingOn ? null : stay.toMs
      return [{ lot: names.lot(fact), place: names.place(stay.place), quantity, fromMs, toMs: end }]
    })
  }
}

function touches({ startMs, endMs }: Finding, span: Period): boolean {
  return startMs < span.toMs && (endMs === null || endMs > span.fromMs)
}

function tooMany(what: string): Problem {
  return new Problem('bad-request', {
    what: `The report would have ${what}.`,
    remedy: 'Ask for a shorter period, or for a place with fewer points.',
  })
}

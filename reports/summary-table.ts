import { completenessTotals } from './completeness.ts'
import { nameIn } from './excursion-table.ts'
import type { Named } from './named.ts'
import { hoursMinutesSeconds, localTime } from './print.ts'
import type { ExcursionReport, ReportSite, ReportSubject } from './report.ts'
import { type Cell, type Table, whole } from './table.ts'
import type { Words } from './words.ts'

type Line = readonly [label: string, value: Cell]

/** What the report is about, how it was made, and what is in it. */
export function summaryTable(report: ExcursionReport, words: Words): Table {
  return {
    title: words.summary,
    columns: [
      { title: words.item, width: 34 },
      { title: words.value, width: 80 },
    ],
    rows: [
      [words.title, report.demo ? words.demo : null],
      ...subjectLines(report.subject, words),
      ...originLines(report, words),
      ...findingLines(report, words),
      ...completenessLines(report, words),
      ...noteLines(report, words),
    ],
  }
}

function subjectLines(subject: ReportSubject, words: Words): readonly Line[] {
  const named = (thing: Named): string => `${nameIn(words, thing)} (${thing.id})`
  if (subject.by === 'place') {
    const { site, place, measuredIn } = subject
    return [
      [words.site, named(site)],
      [words.place, named(place)],
      [words.measuredIn, measuredIn === null ? words.nothingMeasured : named(measuredIn)],
    ]
  }
  const { id, number, product, maker } = subject.lot
  return [
    [words.lot, id],
    [words.lotNumber, number],
    [words.product, named(product)],
    [words.maker, maker],
  ]
}

function originLines(report: ExcursionReport, words: Words): readonly Line[] {
  const { fromMs, toMs, zone, generatedMs, factVersion, by, softwareVersion, packs } = report
  const time = (epochMs: number): string => localTime(epochMs, { zone } satisfies Pick<ReportSite, 'zone'>)
  const used = packs.map(({ id, version, title }) => `${title[words.language]} (${id}, ${version})`)
  return [
    [words.periodFrom, time(fromMs)],
    [words.periodTo, time(toMs)],
    [words.zone, zone],
    [words.generatedAt, time(generatedMs)],
    [words.factVersion, whole(factVersion)],
    [words.generatedBy, by.name === '' ? by.actor : `${by.name} (${by.actor})`],
    [words.softwareVersion, `Isotherm ${softwareVersion}`],
    ...(used.length === 0 ? [words.none] : used).map((pack): Line => [words.rulePacks, pack]),
  ]
}

function findingLines({ rows, conditions }: ExcursionReport, words: Words): readonly Line[] {
  const suspected = rows.filter(({ finding }) => finding.state === 'suspected').length
  return [
    [words.excursionCount, whole(rows.length)],
    [words.confirmedCount, whole(rows.length - suspected)],
    [words.suspectedCount, whole(suspected)],
    [words.openCount, whole(rows.filter(({ finding }) => finding.open).length)],
    [words.conditionCount, whole(conditions.length)],
  ]
}

function completenessLines({ completeness }: ExcursionReport, words: Words): readonly Line[] {
  const totals = completenessTotals(completeness)
  return [
    [words.expected, whole(totals.expected)],
    [words.stored, whole(totals.stored)],
    [words.late, whole(totals.late)],
    [words.duplicate, whole(totals.duplicate)],
    [words.heldCount, whole(totals.held)],
    [words.missing, whole(totals.missing)],
    [words.unknownTime, hoursMinutesSeconds(totals.unknownMs)],
  ]
}

function noteLines({ rows, conditions }: ExcursionReport, words: Words): readonly Line[] {
  const isUnverified = [...rows, ...conditions].some(
    ({ rule }) => rule === null || rule.confidence !== 'seen',
  )
  const notes = [
    `${words.noteExpected}${words.language === 'en' ? ' ' : ''}${words.noteSurplus}`,
    words.noteHeld,
    words.noteUnknown,
    words.noteDuration,
    ...(isUnverified ? [words.noteLimits] : []),
    words.noteApostrophe,
  ]
  return notes.map((note): Line => [words.notes, note])
}

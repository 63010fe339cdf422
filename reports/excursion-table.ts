import { durationOf } from '../domain/index.ts'
import type { ReportIncident, ReportMessage } from './incident.ts'
import { decimalsOf, decimalsOfLimit, hoursMinutesSeconds, localTime } from './print.ts'
import type { Named } from './named.ts'
import type { AffectedLot, ConditionRow, ReportRow } from './report.ts'
import { type Cell, column, degrees, type Printed, seconds, type Table, tableOf, whole } from './table.ts'
import type { Words } from './words.ts'

/** Lots and messages named in the row of a finding; all of them are in tables of their own. */
const NAMED_MAX = 5

/** A name in the language of the report, where there is one. */
export function nameIn({ language }: Pick<Words, 'language'>, { name, nameEn }: Named): string {
  return language === 'en' ? (nameEn ?? name) : name
}

/** The table of excursions: one row per finding. */
export function excursionTable(words: Words, rows: readonly ReportRow[]): Table {
  const columns = [
    ...whereColumns(words),
    ...limitColumns(words),
    ...findingColumns(words),
    ...lotColumns(words),
    ...incidentColumns(words),
  ]
  return tableOf(words.excursions, columns, rows)
}

/** The table of all other findings: one row each. */
export function conditionTable(words: Words, rows: readonly ConditionRow[]): Table {
  const columns: readonly Printed<ConditionRow>[] = [
    ...whereColumns(words),
    column(words.findingKind, 16, ({ finding }) => words.names.findingKind[finding.kind]),
    column(words.rule, 30, ({ finding }) => finding.rule),
    column(words.packVersion, 8, ({ finding }) => whole(finding.packVersion)),
    column(words.level, 14, ({ finding }) => words.names.level[finding.level]),
    column(words.limitDuration, 10, ({ rule }) =>
      rule === null ? null : hoursMinutesSeconds(durationOf(rule.mode)),
    ),
    column(words.clause, 40, ({ rule }) => rule?.clause ?? words.unknownRule),
    column(words.confidence, 20, ({ rule }) =>
      rule === null ? words.unknownRule : words.names.confidence[rule.confidence],
    ),
    column(words.state, 10, ({ finding }) => words.names.findingState[finding.state]),
    ...whenColumns(words),
    ...intervalColumns(words),
    ...lotColumns(words),
    ...incidentColumns(words),
  ]
  return tableOf(words.conditions, columns, rows)
}

/** A row of either table. */
type AnyRow = ReportRow | ConditionRow

function whereColumns(words: Words): readonly Printed<AnyRow>[] {
  return [
    column(words.findingId, 20, ({ finding }) => finding.id),
    column(words.site, 18, ({ site }) => nameIn(words, site)),
    column(words.place, 18, ({ place }) => nameIn(words, place)),
    column(words.point, 18, ({ point }) => nameIn(words, point)),
  ]
}

function limitColumns(words: Words): readonly Printed<ReportRow>[] {
  return [
    column(words.rule, 30, ({ finding }) => finding.rule),
    column(words.packVersion, 8, ({ finding }) => whole(finding.packVersion)),
    column(words.level, 14, ({ finding }) => words.names.level[finding.level]),
    column(words.direction, 10, ({ finding }) => words.names.direction[finding.direction]),
    column(words.operator, 8, ({ rule }) => rule?.operator ?? null),
    column(words.limit, 10, ({ rule }) =>
      rule === null ? null : degrees(rule.limitMilliC, decimalsOfLimit(rule.limitMilliC)),
    ),
    column(words.limitLabel, 18, ({ label }) => (label === null ? null : nameIn(words, label))),
    column(words.limitDuration, 10, ({ rule }) =>
      rule === null ? null : hoursMinutesSeconds(durationOf(rule.mode)),
    ),
    column(words.clause, 40, ({ rule }) => rule?.clause ?? words.unknownRule),
    column(words.confidence, 20, ({ rule }) =>
      rule === null ? words.unknownRule : words.names.confidence[rule.confidence],
    ),
  ]
}

function findingColumns(words: Words): readonly Printed<ReportRow>[] {
  const yesNo = (is: boolean): string => (is ? words.yes : words.no)
  return [
    column(words.state, 10, ({ finding }) => words.names.findingState[finding.state]),
    ...spanColumns(words),
    column(words.peak, 10, ({ finding, rule }) =>
      degrees(finding.peakMilliC, decimalsOf(finding.peakMilliC, rule?.limitMilliC ?? null)),
    ),
    column(words.peakAt, 27, ({ finding, site }) => localTime(finding.peakMs, site)),
    ...lengthColumns(words),
    column(words.bridged, 10, ({ finding }) => yesNo(finding.bridged)),
    column(words.readings, 10, ({ finding }) => whole(finding.readings)),
    column(words.singleReading, 10, ({ finding }) => yesNo(finding.confirmedBySingleReading)),
  ]
}

/** When it began, was called for and ended, and how long it lasted. */
function whenColumns(words: Words): readonly Printed<AnyRow>[] {
  return [...spanColumns(words), ...lengthColumns(words)]
}

function spanColumns(words: Words): readonly Printed<AnyRow>[] {
  return [
    column(words.zone, 16, ({ site }) => site.zone),
    column(words.start, 27, ({ finding, site }) => localTime(finding.startMs, site)),
    column(words.alarm, 27, ({ finding, site }) => timeOrEmpty(finding.alarmMs, site)),
    column(words.end, 27, ({ finding, site }) => timeOrEmpty(finding.endMs, site) ?? words.open),
    column(words.endReason, 18, ({ finding }) =>
      finding.endReason === null ? null : words.names.endReason[finding.endReason],
    ),
  ]
}

function lengthColumns(words: Words): readonly Printed<AnyRow>[] {
  return [
    column(words.observedSeconds, 12, ({ finding }) => seconds(finding.observedMs)),
    column(words.observed, 12, ({ finding }) => hoursMinutesSeconds(finding.observedMs)),
    column(words.worstCaseSeconds, 12, ({ finding }) => seconds(finding.worstCaseMs)),
    column(words.worstCase, 12, ({ finding }) => hoursMinutesSeconds(finding.worstCaseMs)),
  ]
}

/** Of records too far apart; empty for other findings. */
function intervalColumns(words: Words): readonly Printed<ConditionRow>[] {
  return [
    column(words.intervalsTooLong, 10, ({ finding }) =>
      finding.kind === 'cadence' ? whole(finding.intervals) : null,
    ),
    column(words.longestIntervalSeconds, 12, ({ finding }) =>
      finding.kind === 'cadence' ? seconds(finding.longestMs) : null,
    ),
  ]
}

function lotColumns(words: Words): readonly Printed<AnyRow>[] {
  const named = ({ lot, quantity }: AffectedLot): string =>
    `${nameIn(words, lot.product)} ${lot.number} (${lot.id}) × ${quantity}`
  return [
    column(words.affectedLotCount, 10, ({ lots }) => whole(new Set(lots.map(({ lot }) => lot.id)).size)),
    column(words.affectedLots, 40, ({ lots }) => some(words, lots.map(named))),
  ]
}

function incidentColumns(words: Words): readonly Printed<AnyRow>[] {
  return [
    column(words.incident, 20, ({ incident }) => incident?.id ?? words.noIncident),
    column(
      words.incidentState,
      14,
      of(({ state }) => words.names.incidentState[state]),
    ),
    column(
      words.raised,
      27,
      of(({ raisedMs }, { site }) => localTime(raisedMs, site)),
    ),
    column(
      words.seenLate,
      10,
      of(({ seenLate }) => (seenLate ? words.yes : words.no)),
    ),
    column(
      words.acknowledgedBy,
      16,
      of(({ acknowledged }) => acknowledged?.by ?? null),
    ),
    column(
      words.acknowledgedAt,
      27,
      of(({ acknowledged }, { site }) => timeOrEmpty(acknowledged?.atMs ?? null, site)),
    ),
    column(
      words.resolvedBy,
      16,
      of(({ resolved }) => resolved?.by ?? null),
    ),
    column(
      words.resolvedAt,
      27,
      of(({ resolved }, { site }) => timeOrEmpty(resolved?.atMs ?? null, site)),
    ),
    column(
      words.resolution,
      16,
      of(({ resolved }) => (resolved === null ? null : words.names.resolution[resolved.resolution])),
    ),
    column(
      words.resolvedReason,
      30,
      of(({ resolved }) => (resolved === null || resolved.reason === '' ? null : resolved.reason)),
    ),
    ...toldColumns(words),
  ]
}

function toldColumns(words: Words): readonly Printed<AnyRow>[] {
  const told = ({ recipient, channel, atMs, state }: ReportMessage, { site }: AnyRow): string =>
    [recipient, words.names.channel[channel], localTime(atMs, site), words.names.messageState[state]].join(
      ' ',
    )
  return [
    column(
      words.toldCount,
      8,
      of((incident) => whole(incident.told.length)),
    ),
    column(
      words.told,
      50,
      of((incident, row) =>
        some(
          words,
          incident.told.map((message) => told(message, row)),
        ),
      ),
    ),
  ]
}

/** A cell about the incident of a row; empty where there is none. */
function of(cell: (incident: ReportIncident, row: AnyRow) => Cell): (row: AnyRow) => Cell {
  return (row) => (row.incident === null ? null : cell(row.incident, row))
}

/** An instant in the zone of a site, or nothing. */
export function timeOrEmpty(epochMs: number | null, site: ReportRow['site']): string | null {
  return epochMs === null ? null : localTime(epochMs, site)
}

/** The first few, and how many more there are. */
function some(words: Words, texts: readonly string[]): string | null {
  if (texts.length === 0) return null
  const more = texts.length - NAMED_MAX
  return [...texts.slice(0, NAMED_MAX), ...(more > 0 ? [`${words.more} ${more}`] : [])].join('; ')
}

import { type CompletenessPiece, completenessTotals, type HeldTally } from './completeness.ts'
import { conditionTable, excursionTable, nameIn, timeOrEmpty } from './excursion-table.ts'
import type { ReportMessage } from './incident.ts'
import { hoursMinutesSeconds, localTime } from './print.ts'
import type { AffectedLot, ConditionRow, ExcursionReport, ReportRow } from './report.ts'
import { summaryTable } from './summary-table.ts'
import { type Cell, column, seconds, type Table, tableOf, whole } from './table.ts'
import type { Words } from './words.ts'

type AnyRow = ReportRow | ConditionRow

/** The tables of a report, in the order in which they are read. */
export function tablesOf(report: ExcursionReport, words: Words): readonly Table[] {
  const { rows, conditions, completeness } = report
  const all = [...rows, ...conditions]
  const tables = [
    summaryTable(report, words),
    excursionTable(words, rows),
    conditionTable(words, conditions),
    lotTable(words, all),
    messageTable(words, all),
    completenessTable(words, report),
    heldTable(words, completeness.held),
  ]
  if (!report.demo) return tables
  return tables.map((table) => ({ ...table, title: `${table.title} ${words.demo}` }))
}

function lotTable(words: Words, rows: readonly AnyRow[]): Table {
  const stays = rows.flatMap((row) => row.lots.map((stay) => ({ row, stay })))
  return tableOf<{ readonly row: AnyRow; readonly stay: AffectedLot }>(
    words.lots,
    [
      column(words.findingId, 20, ({ row }) => row.finding.id),
      column(words.lotId, 20, ({ stay }) => stay.lot.id),
      column(words.lotNumber, 16, ({ stay }) => stay.lot.number),
      column(words.product, 24, ({ stay }) => nameIn(words, stay.lot.product)),
      column(words.maker, 24, ({ stay }) => stay.lot.maker),
      column(words.place, 18, ({ stay }) => nameIn(words, stay.place)),
      column(words.quantity, 14, ({ stay }) => whole(stay.quantity)),
      column(words.zone, 16, ({ row }) => row.site.zone),
      column(words.lotFrom, 27, ({ row, stay }) => localTime(stay.fromMs, row.site)),
      column(words.lotTo, 27, ({ row, stay }) => timeOrEmpty(stay.toMs, row.site) ?? words.open),
    ],
    stays,
  )
}

function messageTable(words: Words, rows: readonly AnyRow[]): Table {
  const messages = rows.flatMap((row) => (row.incident?.told ?? []).map((message) => ({ row, message })))
  return tableOf<{ readonly row: AnyRow; readonly message: ReportMessage }>(
    words.messages,
    [
      column(words.findingId, 20, ({ row }) => row.finding.id),
      column(words.incident, 20, ({ row }) => row.incident?.id ?? null),
      column(words.recipient, 18, ({ message }) => message.recipient),
      column(words.channel, 12, ({ message }) => words.names.channel[message.channel]),
      column(words.kind, 14, ({ message }) => words.names.template[message.kind]),
      column(words.grade, 12, ({ message }) =>
        message.grade === null ? null : words.names.severity[message.grade],
      ),
      column(words.zone, 16, ({ row }) => row.site.zone),
      column(words.createdAt, 27, ({ row, message }) => localTime(message.atMs, row.site)),
      column(words.sentAt, 27, ({ row, message }) => timeOrEmpty(message.sentMs, row.site)),
      column(words.deliveredAt, 27, ({ row, message }) => timeOrEmpty(message.deliveredMs, row.site)),
      column(words.messageState, 14, ({ message }) => words.names.messageState[message.state]),
    ],
    messages,
  )
}

function completenessTable(words: Words, { completeness, zone }: ExcursionReport): Table {
  const time = (epochMs: number): string => localTime(epochMs, { zone })
  const table = tableOf<CompletenessPiece>(
    words.completeness,
    [
      column(words.place, 18, ({ place }) => nameIn(words, place)),
      column(words.point, 18, ({ point }) => (point === null ? words.nothingMeasured : nameIn(words, point))),
      column(words.device, 18, ({ device }) => device ?? words.noSensor),
      column(words.sensor, 12, ({ sensor }) => sensor),
      column(words.zone, 16, () => zone),
      column(words.from, 27, ({ fromMs }) => time(fromMs)),
      column(words.to, 27, ({ toMs }) => time(toMs)),
      column(words.interval, 12, ({ intervalMs }) => (intervalMs === null ? null : seconds(intervalMs))),
      column(words.expected, 12, ({ expected }) => whole(expected)),
      column(words.stored, 12, ({ stored }) => whole(stored)),
      column(words.late, 12, ({ late }) => whole(late)),
      column(words.duplicate, 12, ({ duplicate }) => whole(duplicate)),
      column(words.missing, 12, ({ missing }) => whole(missing)),
      column(words.unknownSeconds, 14, ({ unknownMs }) => seconds(unknownMs)),
      column(words.unknown, 12, ({ unknownMs }) => hoursMinutesSeconds(unknownMs)),
    ],
    completeness.pieces,
  )
  const sums = completenessTotals(completeness)
  const numbers = [sums.expected, sums.stored, sums.late, sums.duplicate, sums.missing].map(whole)
  const unknown = [seconds(sums.unknownMs), hoursMinutesSeconds(sums.unknownMs)]
  const total: readonly Cell[] = [words.total, ...Array<null>(7).fill(null), ...numbers, ...unknown]
  return { ...table, rows: [...table.rows, total] }
}

function heldTable(words: Words, held: readonly HeldTally[]): Table {
  return tableOf<HeldTally>(
    words.held,
    [
      column(words.device, 18, ({ device }) => device),
      column(words.sensor, 12, ({ sensor }) => sensor),
      column(words.reason, 24, ({ reason }) => reason),
      column(words.count, 12, ({ count }) => whole(count)),
    ],
    held,
  )
}

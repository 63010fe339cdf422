import { stringify } from 'csv-stringify/sync'
import { decimal } from './print.ts'
import type { ExcursionReport, ReportLanguage } from './report.ts'
import type { Cell } from './table.ts'
import { tablesOf } from './tables.ts'
import { wordsOf } from './words.ts'

/** What a spreadsheet takes for a number; where that is not what stands there, the text must be marked as text. */
const NUMBER = /^\d[\d.,]*(?:[eE][+-]?\d+)?$/
/** Digits a spreadsheet keeps of a number. */
const DIGITS_MAX = 15
/** `3-5` and `2026/11` become dates. */
const DATE = /^\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?$/

/**
 * The report as CSV for people: UTF-8 with a byte order mark, lines end with CR LF (RFC 4180), one table below the
 * other, each under its title. Text that a spreadsheet would run, or take for a number or a date it is not, gets an
 * apostrophe in front.
 */
export function reportCsv(report: ExcursionReport, language: ReportLanguage): Uint8Array {
  const lines = tablesOf(report, wordsOf(language)).flatMap(({ title, columns, rows }, index) => [
    ...(index === 0 ? [] : [[]]),
    [title],
    columns.map((column) => column.title),
    ...rows,
  ])
  const text = stringify(
    lines.map((line) => line.map(asField)),
    {
      bom: true,
      record_delimiter: '\r\n',
      // without it a line break of its own kind inside a text would begin a new record
      quote_record_delimiter: true,
      escape_formulas: true,
      // numbers come as objects: what they print begins with a minus sign and is no formula
      cast: { object: ({ number }) => ({ value: String(number), escape_formulas: false }) },
    },
  )
  return new TextEncoder().encode(text)
}

function asField(cell: Cell): string | { readonly number: string } {
  if (cell === null) return ''
  if (typeof cell === 'string') return isMisread(cell) ? `'${cell}` : cell
  return { number: decimal(cell.thousandths, cell.decimals) }
}

function isMisread(text: string): boolean {
  if (DATE.test(text)) return true
  return NUMBER.test(text) && (String(Number(text)) !== text || text.length > DIGITS_MAX)
}

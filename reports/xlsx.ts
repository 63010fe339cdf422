import writeXlsx, { type Cell as SheetCell, type Sheet } from 'write-excel-file/node'
import type { ExcursionReport, ReportLanguage } from './report.ts'
import type { Cell, Column, Table } from './table.ts'
import { tablesOf } from './tables.ts'
import { wordsOf } from './words.ts'
import { withoutTimes } from './zip-times.ts'

/** A cell of a workbook takes 32,767 characters; what is longer is cut, and says so. */
const CHARACTERS_MAX = 32_000
/** What XML 1.0 cannot carry, and the mark of what was lost before: the writer would leave them out unseen. */
// oxlint-disable-next-line no-control-regex -- these are the characters that must go
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd\ufffe\uffff]/g
const NOT_PRINTABLE = '□'
const HEADER_COLOUR = '#DCE6F1'

/** The report as a workbook: a sheet per table, numbers as numbers, text always as text and never as a formula. */
export async function reportXlsx(report: ExcursionReport, language: ReportLanguage): Promise<Uint8Array> {
  const sheets = tablesOf(report, wordsOf(language)).map(sheetOf)
  return withoutTimes(await writeXlsx(sheets, { fontFamily: 'Microsoft YaHei', fontSize: 10 }).toBuffer())
}

function sheetOf({ title, columns, rows }: Table): Sheet<Buffer> {
  return {
    sheet: title,
    data: [columns.map(headerOf), ...rows.map((row) => row.map(sheetCell))],
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}

function headerOf({ title }: Column): SheetCell {
  return { value: title, type: String, fontWeight: 'bold', backgroundColor: HEADER_COLOUR, wrap: true }
}

function sheetCell(cell: Cell): SheetCell {
  if (cell === null) return null
  if (typeof cell === 'string') return { value: textOf(cell), type: String, wrap: true, alignVertical: 'top' }
  const { thousandths, decimals } = cell
  const format = decimals === 0 ? '0' : `0.${'0'.repeat(decimals)}`
  return { value: thousandths / 1_000, type: Number, format, alignVertical: 'top' }
}

function textOf(text: string): string {
  const cut = text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}…` : text
  const clean = cut.toWellFormed().replaceAll(NOT_IN_XML, NOT_PRINTABLE)
  // the writer looks texts up in an object: `constructor` would be found there before it was put in
  return clean in Object.prototype ? `${clean} ` : clean
}

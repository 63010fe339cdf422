import type { Problem } from '../domain/index.ts'
import type { Choice, Column } from './columns.ts'
import { Columns } from './columns.ts'
import { decide } from './decisions.ts'
import type { LoggerRow, RejectedRow, LoggerFilePlan, LoggerFileOptions, LoggerFile } from './logger-row.ts'
import { RowReader } from './row-reader.ts'
import type { FileBytes, Table } from './table.ts'
import { readTable } from './table.ts'
import { parseTime, timeFormats } from './times.ts'

/**
 * Reads the CSV file of a logger. `defaultZone` (IANA) holds for times without an offset when neither option nor
 * column says otherwise. Throws `Problem('file-not-understood')` naming the option to give when a guess is not
 * clear, `Problem('file-unreadable')` for damaged gzip or too large a file. Single bad rows are listed, not thrown.
 */
export async function readLoggerFile(input: {
  readonly bytes: FileBytes
  readonly fileName: string
  readonly options?: LoggerFileOptions
  readonly defaultZone: string
}): Promise<LoggerFile> {
  const { fileName, options = {}, defaultZone } = input
  const table = await readTable(input.bytes, fileName)
  const columns = new Columns(table, fileName)
  if (table.header.some(isTime)) {
    throw columns.problem('has data in its first line', 'Put a line above it that names the columns.')
  }
  if (table.records.length === 0) {
    throw columns.problem('has no data rows', 'Give a file with at least one reading.')
  }
  const reader = new RowReader(columns, decide(columns, options, defaultZone))
  const rows: LoggerRow[] = []
  const rejected: RejectedRow[] = []
  for (const [index, record] of table.records.entries()) {
    const read = reader.read(index + 1, record)
    if ('reason' in read) rejected.push(read)
    else rows.push(read)
  }
  if (rows.length === 0) throw nothingRead(columns, rejected[0])
  return { rows, rejected, plan: plan(table, columns, reader) }
}

function isTime(cell: string): boolean {
  return timeFormats.some((format) => parseTime(cell, format) !== undefined)
}

function plan(table: Table, columns: Columns, reader: RowReader): LoggerFilePlan {
  const { time, format, value, unit, zone, humidity, sensor } = reader.decisions
  return {
    delimiter: table.delimiter,
    columns: columns.all.map((column) => column.name),
    timeColumn: byName(time),
    timeFormat: format,
    valueColumn: byName(value),
    unit: orColumn(unit),
    zone: reader.zoneNeeded ? orColumn(zone) : { value: 'none needed', why: 'every time names its offset' },
    humidityColumn: humidity === undefined ? null : byName(humidity),
    sensorColumn: sensor === undefined ? null : byName(sensor),
    ambiguousTimes: reader.ambiguousTimes,
  }
}

function byName({ value, why }: Choice<Column>): Choice<string> {
  return { value: value.name, why }
}

function orColumn({ value, why }: Choice<Column | string>): Choice<string> {
  return { value: typeof value === 'string' ? value : `column ${value.name}`, why }
}

function nothingRead(columns: Columns, first: RejectedRow | undefined): Problem {
  const example = first === undefined ? '' : `; line ${first.line}, '${first.cell}': ${first.reason}`
  return columns.problem(
    `has no row that can be read${example}`,
    'Name the right columns with --time-column, --value-column and --unit-column.',
  )
}

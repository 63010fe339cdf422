import type { Problem } from '../domain/index.ts'
import type { Choice, Column } from './columns.ts'
import { Columns } from './columns.ts'
import { decide } from './decisions.ts'
import { RowReader } from './row-reader.ts'
import type { FileBytes, Table } from './table.ts'
import { readTable } from './table.ts'
import type { Unit } from './temperature.ts'
import type { TimeFormat } from './times.ts'
import { parseTime, timeFormats } from './times.ts'

/** One reading of a logger file. */
export interface LoggerRow {
  /** Number of its data row in the file, from 1, counting rejected rows too: the same whatever the options are. */
  readonly row: number
  /** Event time, epoch ms UTC. */
  readonly atMs: number
  /** degC as the file has it; from Fahrenheit rounded to m degC. */
  readonly temperatureCelsius: number
  /** %RH as the file has it. */
  readonly humidityPercent?: number
  readonly sensor?: string
}

/** Why a row cannot be read; the key is stable, the text says what is expected. */
export const rejectReasons = {
  'wrong-column-count': 'The row has more or fewer columns than the header.',
  'no-value': 'The cell is empty or says that there is no value.',
  'not-a-number': 'The cell is not a decimal number.',
  'not-a-time': 'The cell is not a time in the format of this file.',
  'skipped-local-time': 'The clocks of that zone skipped this time; give the zone the logger really kept.',
  'unknown-zone': 'The cell is not an IANA time zone.',
  'unknown-unit': 'The cell is neither C nor F.',
  'bad-sensor-name': 'A sensor name has 1 to 64 characters of A-Z a-z 0-9 . _ -.',
} as const satisfies Record<string, string>
/** One reason; see `rejectReasons`. */
export type RejectReason = keyof typeof rejectReasons

/** A row that was not read: where it is and what is wrong with it. */
export interface RejectedRow {
  readonly row: number
  /** Line of the file, from 1, on which the row ends. */
  readonly line: number
  /** Name of the column; empty when the row as a whole is wrong. */
  readonly field: string
  readonly reason: RejectReason
  /** The first characters of the cell, or of the row. */
  readonly cell: string
}

/** What was taken for what in a file, to be shown before anything is sent. */
export interface LoggerFilePlan {
  readonly delimiter: string
  readonly columns: readonly string[]
  readonly timeColumn: Choice<string>
  readonly timeFormat: Choice<TimeFormat>
  readonly valueColumn: Choice<string>
  /** `C`, `F`, or `column NAME` when each row says it. */
  readonly unit: Choice<string>
  /** An IANA zone, `column NAME`, or `none needed` when every time names its own offset. */
  readonly zone: Choice<string>
  readonly humidityColumn: Choice<string> | null
  readonly sensorColumn: Choice<string> | null
  /** Times the clock showed twice when it was put back; the earlier instant was taken. */
  readonly ambiguousTimes: number
}

/** Column names and formats that are not to be guessed; each is the command-line option of the same name. */
export interface LoggerFileOptions {
  readonly timeColumn?: string | undefined
  readonly timeFormat?: TimeFormat | undefined
  readonly valueColumn?: string | undefined
  readonly unitColumn?: string | undefined
  readonly unit?: Unit | undefined
  readonly zoneColumn?: string | undefined
  /** IANA zone of times without an offset; goes before a zone column. */
  readonly zone?: string | undefined
  readonly humidityColumn?: string | undefined
  /** Never guessed: without it every row belongs to one sensor. */
  readonly sensorColumn?: string | undefined
}

/** A logger file that was read. Rows stand in the order of the file. */
export interface LoggerFile {
  readonly rows: readonly LoggerRow[]
  readonly rejected: readonly RejectedRow[]
  readonly plan: LoggerFilePlan
}

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

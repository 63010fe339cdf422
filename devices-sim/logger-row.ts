import type { Choice } from './columns.ts'
import type { Unit } from './temperature.ts'
import type { TimeFormat } from './times.ts'

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

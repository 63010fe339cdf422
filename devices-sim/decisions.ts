import type { Choice, Column, Columns } from './columns.ts'
import { shown, unitsIn } from './columns.ts'
import type { LoggerFileOptions } from './logger-row.ts'
import type { Unit } from './temperature.ts'
import type { TimeFormat } from './times.ts'
import { guessTimeFormat } from './times.ts'

/** Which column is what, and how its cells are read. */
export interface Decisions {
  readonly time: Choice<Column>
  readonly format: Choice<TimeFormat>
  readonly value: Choice<Column>
  readonly unit: Choice<Column | Unit>
  readonly zone: Choice<Column | string>
  readonly humidity: Choice<Column> | undefined
  readonly sensor: Choice<Column> | undefined
}

/** Takes each named column and option, guesses the rest; throws `Problem('file-not-understood')` if none is clear. */
export function decide(columns: Columns, options: LoggerFileOptions, defaultZone: string): Decisions {
  const { timeColumn, valueColumn, humidityColumn, sensorColumn } = options
  const time = timeColumn === undefined ? columns.time() : columns.named(timeColumn, '--time-column')
  const value =
    valueColumn === undefined ? columns.temperature() : columns.named(valueColumn, '--value-column')
  const humidity =
    humidityColumn === undefined ? columns.humidity() : columns.named(humidityColumn, '--humidity-column')
  return {
    time,
    format: decideFormat(columns, time.value, options.timeFormat),
    value,
    unit: decideUnit(columns, value.value, options),
    zone: decideZone(columns, time.value, options, defaultZone),
    humidity: humidity?.value.index === value.value.index ? undefined : humidity,
    sensor: sensorColumn === undefined ? undefined : columns.named(sensorColumn, '--sensor-column'),
  }
}

function decideFormat(columns: Columns, time: Column, given: TimeFormat | undefined): Choice<TimeFormat> {
  if (given !== undefined) return { value: given, why: 'named by --time-format' }
  const cells = columns.cells(time)
  const guess = guessTimeFormat(cells)
  const example = cells.find((cell) => cell !== '') ?? ''
  if (guess === 'day-or-month') {
    throw columns.problem(
      `does not show whether the day or the month comes first in '${time.name}' (such as '${shown(example)}')`,
      'Give --time-format dmy (day first) or --time-format mdy (month first).',
    )
  }
  if (guess === undefined) {
    throw columns.problem(
      `has no times that can be read in '${time.name}' (such as '${shown(example)}')`,
      'Name another column with --time-column NAME, or write times like 2026-11-23 02:40:00 or 2026-11-23T02:40:00Z.',
    )
  }
  return { value: guess, why: 'read from all its cells' }
}

function decideUnit(columns: Columns, value: Column, options: LoggerFileOptions): Choice<Column | Unit> {
  if (options.unit !== undefined) return { value: options.unit, why: 'named by --unit' }
  if (options.unitColumn !== undefined) return columns.named(options.unitColumn, '--unit-column')
  const column = columns.unit()
  if (column !== undefined) return column
  const [first, another] = unitsIn(value.name)
  if (first === undefined) return { value: 'C', why: 'neither a unit column nor the header says otherwise' }
  if (first === 'K' || another !== undefined) {
    throw columns.problem(
      `does not say clearly whether '${value.name}' is in C or F`,
      'Give --unit C or --unit F; convert Kelvin before replaying.',
    )
  }
  return { value: first, why: `the header '${value.name}'` }
}

function decideZone(
  columns: Columns,
  time: Column,
  options: LoggerFileOptions,
  defaultZone: string,
): Choice<Column | string> {
  if (options.zone !== undefined) return { value: options.zone, why: 'named by --zone' }
  if (options.zoneColumn !== undefined) return columns.named(options.zoneColumn, '--zone-column')
  const column = columns.zone()
  if (column !== undefined) return column
  if (time.words.some((word) => /^(utc|gmt)$/.test(word))) {
    return { value: 'UTC', why: `the header '${time.name}'` }
  }
  return { value: defaultZone, why: 'the default zone, as the file names none' }
}

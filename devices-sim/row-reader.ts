import type { Column, Columns } from './columns.ts'
import { shown, unitsIn } from './columns.ts'
import type { Decisions } from './decisions.ts'
import type { LoggerRow, RejectedRow, RejectReason } from './logger-row.ts'
import type { TableRecord } from './table.ts'
import type { Unit } from './temperature.ts'
import { celsiusFromFile, numberFromFile } from './temperature.ts'
import type { WallClock } from './times.ts'
import { parseTime, wallClock } from './times.ts'

/** What loggers write when they have no value. */
const noValue = /^(|-+|n\/?a|nan|null|none)$/i
const sensorName = /^[A-Za-z0-9._-]{1,64}$/

/** A part of a row that cannot be read. */
interface Refused {
  readonly column: Column
  readonly reason: RejectReason
}
/** A part of a row, or why it cannot be read. */
type Part<K extends keyof LoggerRow> = Pick<LoggerRow, K> | Refused
type Cells = readonly string[]

/** Reads row after row by the decisions taken, and counts what the plan reports. */
export class RowReader {
  readonly decisions: Decisions
  /** Times read that the clock showed twice. */
  ambiguousTimes = 0
  /** True once a time without an offset was read. */
  zoneNeeded = false
  readonly #columnCount: number
  readonly #clocks = new Map<string, WallClock | undefined>()

  /** Throws `Problem('file-not-understood')` when the zone decided on does not exist. */
  constructor(columns: Columns, decisions: Decisions) {
    this.decisions = decisions
    this.#columnCount = columns.all.length
    const { value, why } = decisions.zone
    if (typeof value === 'string' && this.#clock(value) === undefined) {
      throw columns.problem(
        `cannot be read in the zone '${value}' (${why}), which does not exist`,
        'Give --zone an IANA name such as Asia/Shanghai.',
      )
    }
  }

  /** One data row; `row` is its number from 1. */
  read(row: number, { cells, line }: TableRecord): LoggerRow | RejectedRow {
    const tooMany = cells.slice(this.#columnCount).some((cell) => cell !== '')
    if (cells.length < this.#columnCount || tooMany) {
      return { row, line, field: '', reason: 'wrong-column-count', cell: shown(cells.join(' | ')) }
    }
    const refuse = ({ column, reason }: Refused): RejectedRow => ({
      row,
      line,
      field: column.name,
      reason,
      cell: shown(cells[column.index] ?? ''),
    })
    const at = this.#instant(cells)
    if ('reason' in at) return refuse(at)
    const temperature = this.#temperature(cells)
    if ('reason' in temperature) return refuse(temperature)
    const humidity = this.#humidity(cells)
    if ('reason' in humidity) return refuse(humidity)
    const sensor = this.#sensor(cells)
    if ('reason' in sensor) return refuse(sensor)
    return { row, ...at, ...temperature, ...humidity, ...sensor }
  }

  #instant(cells: Cells): Part<'atMs'> {
    const { time, format, zone } = this.decisions
    const stated = parseTime(cells[time.value.index] ?? '', format.value)
    if (stated === undefined) return { column: time.value, reason: 'not-a-time' }
    if ('instantMs' in stated) return { atMs: stated.instantMs }
    this.zoneNeeded = true
    const clock = this.#clock(typeof zone.value === 'string' ? zone.value : (cells[zone.value.index] ?? ''))
    if (clock === undefined) return { column: columnOf(zone.value, time.value), reason: 'unknown-zone' }
    const instant = clock(stated.wallMs)
    if (instant === undefined) return { column: time.value, reason: 'skipped-local-time' }
    if (instant.ambiguous) this.ambiguousTimes += 1
    return { atMs: instant.atMs }
  }

  #temperature(cells: Cells): Part<'temperatureCelsius'> {
    const { value, unit } = this.decisions
    const scale = typeof unit.value === 'string' ? unit.value : unitOf(cells[unit.value.index] ?? '')
    if (scale === undefined) return { column: columnOf(unit.value, value.value), reason: 'unknown-unit' }
    const cell = cells[value.value.index] ?? ''
    const temperatureCelsius = celsiusFromFile(cell, scale)
    if (temperatureCelsius !== undefined) return { temperatureCelsius }
    return { column: value.value, reason: noValue.test(cell) ? 'no-value' : 'not-a-number' }
  }

  #humidity(cells: Cells): Part<'humidityPercent'> {
    const column = this.decisions.humidity?.value
    const cell = column === undefined ? '' : (cells[column.index] ?? '')
    if (column === undefined || noValue.test(cell)) return {}
    const humidityPercent = numberFromFile(cell)
    return humidityPercent === undefined ? { column, reason: 'not-a-number' } : { humidityPercent }
  }

  #sensor(cells: Cells): Part<'sensor'> {
    const column = this.decisions.sensor?.value
    if (column === undefined) return {}
    const sensor = cells[column.index] ?? ''
    return sensorName.test(sensor) ? { sensor } : { column, reason: 'bad-sensor-name' }
  }

  #clock(name: string): WallClock | undefined {
    if (!this.#clocks.has(name)) this.#clocks.set(name, wallClock(name))
    return this.#clocks.get(name)
  }
}

function unitOf(cell: string): Unit | undefined {
  const [found, another] = unitsIn(cell)
  return found === 'K' || another !== undefined ? undefined : found
}

/** The column a decision points to, or `otherwise` when it is one value for the whole file. */
function columnOf(decided: Column | string, otherwise: Column): Column {
  return typeof decided === 'string' ? otherwise : decided
}

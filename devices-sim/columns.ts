import { Problem } from '../domain/index.ts'
import type { Table } from './table.ts'
import type { Unit } from './temperature.ts'
import { guessTimeFormat, wallClock } from './times.ts'

/** A column of the file, with the words of its name in lower case (`tempF` and `Temp (℉)` are temp, f). */
export interface Column {
  readonly index: number
  readonly name: string
  readonly words: readonly string[]
}

/** What was taken, and why: because it was named, or by which sign it was guessed. */
export interface Choice<T> {
  readonly value: T
  readonly why: string
}

const instant = /^(time|date|timestamp|datetime)s?$|时间|日期/
const temperature = /^(temp|temps|temperature|temperatures|celsius|fahrenheit)$|温度/
const anyValue = /^(value|values|reading|readings|measurement)$|数值|读数/
const humidity = /^(humidity|hum|rh)$|湿度/
const unit = /^units?$|单位/
const zone = /^(zone|timezone|tz)$|时区/

/** The option that names a column. */
export type ColumnOption =
  | '--time-column'
  | '--value-column'
  | '--unit-column'
  | '--zone-column'
  | '--humidity-column'
  | '--sensor-column'

/** Finds the columns of one file by name or guess. Throws `Problem('file-not-understood')` naming the option. */
export class Columns {
  readonly all: readonly Column[]
  readonly #table: Table
  readonly #fileName: string

  constructor(table: Table, fileName: string) {
    this.#table = table
    this.#fileName = fileName
    this.all = table.header.map((name, index) => ({ index, name, words: words(name) }))
  }

  /** The cells of a column, short records giving empty ones. */
  cells(column: Column): string[] {
    return this.#table.records.map((record) => record.cells[column.index] ?? '')
  }

  /** The column called `name`, exactly or but for case. */
  named(name: string, option: ColumnOption): Choice<Column> {
    const exact = this.all.filter((column) => column.name === name)
    const found = exact.length > 0 ? exact : this.all.filter((each) => sameName(each.name, name))
    const [column, another] = found
    if (column === undefined)
      throw this.problem(`has no column '${name}'`, `Give ${option} one of these names.`)
    if (another !== undefined) throw this.problem(`has the column '${name}' twice`, 'Rename one of the two.')
    return { value: column, why: `named by ${option}` }
  }

  /** The one column of times: by its name, else the one whose cells are dates. */
  time(): Choice<Column> {
    const byName = this.#having(instant, zone).filter(
      (each) => guessTimeFormat(this.cells(each)) !== undefined,
    )
    if (byName.length > 0) {
      return this.#only(byName, 'time', '--time-column', 'its name, and its cells are times')
    }
    const byCells = this.all.filter((each) => {
      const format = guessTimeFormat(this.cells(each))
      // a long number under a name that says nothing of time may be anything
      return format !== undefined && !format.startsWith('epoch')
    })
    return this.#only(byCells, 'time', '--time-column', 'its cells are times')
  }

  /** The one column of temperatures, by its name. */
  temperature(): Choice<Column> {
    const byName = this.#having(temperature, unit)
    const candidates = byName.length > 0 ? byName : this.#having(anyValue, unit, humidity, instant)
    return this.#only(candidates, 'temperature', '--value-column', 'its name')
  }

  /** The column that says C or F row by row, if there is one. */
  unit(): Choice<Column> | undefined {
    return this.#optional(this.#having(unit, humidity), isUnit, 'unit', '--unit-column')
  }

  /** The column that says the zone row by row, if there is one. */
  zone(): Choice<Column> | undefined {
    return this.#optional(this.#having(zone), isZone, 'zone', '--zone-column')
  }

  /** The column of relative humidity if exactly one is called so; several are left alone until one is named. */
  humidity(): Choice<Column> | undefined {
    const [column, another] = this.#having(humidity, unit)
    return column === undefined || another !== undefined ? undefined : { value: column, why: 'its name' }
  }

  /** A problem with this file that lists the columns found. */
  problem(what: string, remedy: string): Problem {
    const list = this.all.slice(0, LISTED_COLUMNS_MAX).map((column) => `'${shown(column.name)}'`)
    const more = this.all.length - list.length
    return new Problem('file-not-understood', {
      what: `${this.#fileName} ${what}. Columns found: ${list.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
      remedy,
    })
  }

  #having(word: RegExp, ...without: RegExp[]): Column[] {
    return this.all.filter(
      (column) =>
        column.words.some((each) => word.test(each)) &&
        !column.words.some((each) => without.some((other) => other.test(each))),
    )
  }

  #only(candidates: readonly Column[], kind: string, option: ColumnOption, why: string): Choice<Column> {
    const [column, another] = candidates
    const remedy = `Name the ${kind} column with ${option} NAME.`
    if (column === undefined) throw this.problem(`has no column that is clearly the ${kind}`, remedy)
    if (another !== undefined) {
      const list = candidates.map((each) => `'${each.name}'`).join(' or ')
      throw this.problem(`may have its ${kind} in ${list}`, remedy)
    }
    return { value: column, why }
  }

  #optional(
    candidates: readonly Column[],
    fits: (cell: string) => boolean,
    kind: string,
    option: ColumnOption,
  ): Choice<Column> | undefined {
    // the same word names other things too ("unit" may be a fridge, "zone" a room): the cells must agree
    const fitting = candidates.filter((column) => {
      const cells = this.cells(column)
      const kinds = new Map([...new Set(cells)].map((cell) => [cell, fits(cell)]))
      return cells.filter((cell) => kinds.get(cell)).length * 2 > cells.length
    })
    return fitting.length === 0 ? undefined : this.#only(fitting, kind, option, 'its name and its cells')
  }
}

/** The scales a text names, `K` among them so that a Kelvin column is refused rather than read as Celsius. */
export function unitsIn(text: string): Set<Unit | 'K'> {
  const found = new Set<Unit | 'K'>()
  for (const word of words(text)) {
    if (/^(c|degc|celsius|centigrade)$|摄氏/.test(word)) found.add('C')
    if (/^(f|degf|fahrenheit)$|华氏/.test(word)) found.add('F')
    if (/^(k|kelvin)$/.test(word)) found.add('K')
  }
  return found
}

/** The words of a column name: full-width and `℃`-like signs unfolded, `camelCase` parted, lower case. */
export function words(text: string): string[] {
  const parted = text.normalize('NFKC').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
  return parted
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
}

function isUnit(cell: string): boolean {
  return unitsIn(cell).size === 1
}

function isZone(cell: string): boolean {
  return wallClock(cell) !== undefined
}

/** The first characters of a cell, for a message. */
export function shown(cell: string): string {
  return cell.length <= SHOWN_CHARACTERS ? cell : `${cell.slice(0, SHOWN_CHARACTERS)}...`
}
/** A message names at most this many columns. */
const LISTED_COLUMNS_MAX = 40
/** Enough to recognise a cell by, short enough for a line of a terminal. */
const SHOWN_CHARACTERS = 40

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.trim().toLowerCase()
}

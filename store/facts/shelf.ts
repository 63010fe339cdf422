import type { FactColumns, FactTables, FedRow, FedTable } from '../../domain/index.ts'
import { fedRow } from './feed.ts'

/** How the rows of a table are looked up, by the name of the look-up; undefined = not found by it. */
export type LookUps<T extends FedTable, By extends string> = {
  readonly [B in By]: (row: FactTables[T]) => string | undefined
}

/** The live rows of one fact table in memory, by number and by what they are looked up by. */
export class FactShelf<T extends FedTable, By extends string = 'id'> {
  readonly #table: T
  readonly #byFact = new Map<number, FactTables[T]>()
  readonly #indexes: readonly {
    readonly keyOf: LookUps<T, By>[By]
    readonly index: RowIndex<FactTables[T]>
  }[]
  readonly #by: ReadonlyMap<string, RowIndex<FactTables[T]>>
  readonly #newestOf: ((row: FactTables[T]) => string) | undefined
  readonly #newest = new Map<string, FactTables[T]>()

  /** With `newestOf` it keeps the newest row of each of its keys: of what happens again and again. */
  constructor(table: T, lookUps: LookUps<T, By>, newestOf?: (row: FactTables[T]) => string) {
    this.#table = table
    this.#newestOf = newestOf
    const entries = Object.entries<LookUps<T, By>[By]>(lookUps)
    const indexes = entries.map(([by, keyOf]) => ({ by, keyOf, index: new RowIndex<FactTables[T]>() }))
    this.#indexes = indexes
    this.#by = new Map(indexes.map(({ by, index }) => [by, index]))
  }

  /** Adds a row and drops the one it supersedes; where only the newest is kept, an older one is not added. */
  put(row: FactTables[T]): void {
    if (row.supersedes !== null) this.#drop(row.supersedes)
    if (this.#newestOf !== undefined && !this.#isNewest(this.#newestOf(row), row)) return
    this.#byFact.set(row.fact, row)
    for (const { keyOf, index } of this.#indexes) index.add(keyOf(row), row)
  }

  /** The rows found under `key`, earliest first. */
  of(by: By, key: string): readonly FactTables[T][] {
    return this.#by.get(by)?.of(key) ?? []
  }

  keys(by: By): Iterable<string> {
    return this.#by.get(by)?.keys() ?? []
  }

  all(): FedRow[] {
    return [...this.#byFact.values()].map((row) => fedRow(this.#table, row))
  }

  /** True for a row that is newer than the one of its key, which it takes the place of. */
  #isNewest(key: string, row: FactTables[T]): boolean {
    const before = this.#newest.get(key)
    if (before !== undefined) {
      if (isLater(before, row)) return false
      this.#drop(before.fact)
    }
    this.#newest.set(key, row)
    return true
  }

  #drop(fact: number): void {
    const row = this.#byFact.get(fact)
    if (row === undefined) return
    this.#byFact.delete(fact)
    for (const { keyOf, index } of this.#indexes) index.remove(keyOf(row), row)
  }
}

function isLater(one: FactColumns, other: FactColumns): boolean {
  return one.validFrom > other.validFrom || (one.validFrom === other.validFrom && one.fact > other.fact)
}

class RowIndex<Row extends FactColumns> {
  readonly #rows = new Map<string, Row[]>()

  of(key: string): readonly Row[] {
    return this.#rows.get(key) ?? []
  }

  keys(): Iterable<string> {
    return this.#rows.keys()
  }

  add(key: string | undefined, row: Row): void {
    if (key === undefined) return
    const rows = this.#rows.get(key)
    if (rows === undefined) this.#rows.set(key, [row])
    else rows.splice(countBefore(rows, row.validFrom + 1), 0, row)
  }

  remove(key: string | undefined, row: Row): void {
    const rows = key === undefined ? undefined : this.#rows.get(key)
    if (key === undefined || rows === undefined) return
    const at = rows.indexOf(row, countBefore(rows, row.validFrom))
    if (at >= 0) rows.splice(at, 1)
    if (rows.length === 0) this.#rows.delete(key)
  }
}

/** How many of the rows, earliest first, begin before the instant (epoch ms). */
export function countBefore(rows: readonly FactColumns[], atMs: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.validFrom ?? Infinity) < atMs) low = middle + 1
    else high = middle
  }
  return low
}

/** The row of one entity that holds at the instant (epoch ms), or, without one, from the last change on. */
export function heldAt<Row extends FactColumns>(rows: readonly Row[], atMs?: number): Row | undefined {
  const row = atMs === undefined ? rows.at(-1) : rows[countBefore(rows, atMs + 1) - 1]
  if (row === undefined || row.validTo === null) return row
  return atMs !== undefined && atMs < row.validTo ? row : undefined
}

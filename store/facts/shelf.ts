import type { FactTables, FedRow, FedTable } from '../../domain/index.ts'
import { fedRow } from './feed.ts'

/** The live rows of one fact table in memory, by number and by what they are looked up by. */
export class FactShelf<T extends FedTable> {
  readonly #table: T
  readonly #placeOf: (row: FactTables[T]) => string
  readonly #byFact = new Map<number, FactTables[T]>()
  readonly #byPlace = new Map<string, FactTables[T][]>()

  constructor(table: T, placeOf: (row: FactTables[T]) => string) {
    this.#table = table
    this.#placeOf = placeOf
  }

  /** Adds a row and drops the one it supersedes. */
  put(row: FactTables[T]): void {
    if (row.supersedes !== null) this.#drop(row.supersedes)
    this.#byFact.set(row.fact, row)
    const place = this.#placeOf(row)
    const rows = this.#byPlace.get(place) ?? []
    rows.push(row)
    rows.sort((one, other) => one.validFrom - other.validFrom)
    this.#byPlace.set(place, rows)
  }

  /** The rows found under `place`, earliest first. */
  of(place: string): readonly FactTables[T][] {
    return this.#byPlace.get(place) ?? []
  }

  keys(): Iterable<string> {
    return this.#byPlace.keys()
  }

  all(): FedRow[] {
    return [...this.#byFact.values()].map((row) => fedRow(this.#table, row))
  }

  #drop(fact: number): void {
    const row = this.#byFact.get(fact)
    if (row === undefined) return
    this.#byFact.delete(fact)
    const place = this.#placeOf(row)
    const left = this.of(place).filter((each) => each.fact !== fact)
    if (left.length === 0) this.#byPlace.delete(place)
    else this.#byPlace.set(place, left)
  }
}

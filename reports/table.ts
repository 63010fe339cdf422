/** A cell of a printed report: text, or a number with as many decimals as are shown; null = empty. */
export type Cell = string | NumberCell | null

/** A number that stays one in a spreadsheet. */
export interface NumberCell {
  /** The exact value in thousandths, an integer. */
  readonly thousandths: number
  /** Decimals shown, 0 to 3. */
  readonly decimals: number
}

/** A column: its title, and its width in characters where columns have one. */
export interface Column {
  readonly title: string
  readonly width: number
}

/** A table of a report: a sheet of a workbook, a section of a CSV file. */
export interface Table {
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

/** How a column of things is printed. */
export interface Printed<Thing> extends Column {
  readonly cell: (thing: Thing) => Cell
}

/** A table of things, a row each. */
export function tableOf<Thing>(
  title: string,
  columns: readonly Printed<Thing>[],
  things: readonly Thing[],
): Table {
  return {
    title,
    columns: columns.map(({ title, width }) => ({ title, width })),
    rows: things.map((thing) => columns.map(({ cell }) => cell(thing))),
  }
}

/** A column of a table. */
export function column<Thing>(title: string, width: number, cell: (thing: Thing) => Cell): Printed<Thing> {
  return { title, width, cell }
}

/** A whole number. */
export function whole(value: number): NumberCell {
  return { thousandths: value * 1_000, decimals: 0 }
}

/** Milliseconds as seconds: exact, with decimals only where there are some. */
export function seconds(durationMs: number): NumberCell {
  return { thousandths: durationMs, decimals: durationMs % 1_000 === 0 ? 0 : 3 }
}

/** A temperature in degrees Celsius. */
export function degrees(milliC: number, decimals: number): NumberCell {
  return { thousandths: milliC, decimals }
}

import { terminal } from '../doors/terminal.ts'

/** Prints one thing: as JSON, or as `key  value` lines. */
export function printThing(thing: Readonly<Record<string, unknown>>, json: boolean): void {
  if (json) {
    terminal.print(JSON.stringify(thing))
    return
  }
  const width = Math.max(...Object.keys(thing).map((key) => key.length))
  for (const [key, value] of Object.entries(thing)) terminal.print(`${key.padEnd(width)}  ${plain(value)}`)
}

/** Prints a list: as JSON, or as a table with the given columns. */
export function printList(
  items: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[],
  json: boolean,
): void {
  if (json) {
    terminal.print(JSON.stringify(items))
    return
  }
  const rows = [columns, ...items.map((item) => columns.map((column) => plain(item[column])))]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => displayWidth(row[index] ?? ''))))
  for (const row of rows) {
    const cells = row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - displayWidth(cell)))
    terminal.print(cells.join('  ').trimEnd())
  }
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Chinese characters take two columns of a terminal. */
function displayWidth(text: string): number {
  let width = 0
  for (const character of text)
    width += /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/u.test(
      character,
    )
      ? 2
      : 1
  return width
}

/** Plain objects with camelCase keys of rows that all have the same columns. */
export function camelRows(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const names = Object.keys(rows[0] ?? {}).map((column) => {
    const name = column.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    return [column, name] as const
  })
  return rows.map((row) => {
    const camel: Record<string, unknown> = {}
    for (const [column, name] of names) camel[name] = row[column]
    return camel
  })
}

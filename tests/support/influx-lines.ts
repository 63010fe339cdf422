import { Lines } from '../../store/influx/lines.ts'

/** Texts as the lines of a write. */
export function linesOf(texts: readonly string[]): Lines {
  const lines = new Lines()
  for (const text of texts) lines.add(text)
  return lines
}

/** The texts of the lines of a write, each by itself. */
export function textsOf(lines: Lines): string[] {
  return Array.from({ length: lines.count }, (_, at) => Buffer.from(lines.body(at, at + 1)).toString())
}

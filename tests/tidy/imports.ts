import { lineOf, type Source } from './source.ts'

/** One import: what is named, where, and whether it vanishes when types are stripped. */
export interface Import {
  readonly specifier: string
  readonly line: number
  readonly typeOnly: boolean
}

/** `from '...'`, `import '...'`, `import('...')`, `require('...')`; the insides of strings are blanked. */
const NAMED = /(?:\bfrom\s*|\bimport\s*|\b(?:import|require)\s*\(\s*)(['"`])( *)\1/g
/** `import(` and `require(` of something that is not a plain string. */
const COMPUTED = /(?<![.\w])(?:import|require)\s*\(\s*(?!['"`] *['"`])/g

/** Every import and re-export of a source; a computed one has the specifier `?`. */
export function importsOf(source: Source): readonly Import[] {
  const named = [...source.code.matchAll(NAMED)].map((match): Import => {
    const end = match.index + match[0].length
    const specifier = source.original.slice(end - 1 - (match[2] ?? '').length, end - 1)
    return { specifier, line: lineOf(source, match.index), typeOnly: isTypeOnly(source.code, match.index) }
  })
  const computed = [...source.code.matchAll(COMPUTED)].map(
    (match): Import => ({ specifier: '?', line: lineOf(source, match.index), typeOnly: false }),
  )
  return [...named, ...computed]
}

/** `import type { ... } from`: the statement that ends at `from` begins with `import type` or `export type`. */
function isTypeOnly(code: string, from: number): boolean {
  const statement = /(?:^|[\n;}])\s*((?:import|export)\b(?:(?!\b(?:import|export)\b)[^;'"`])*)$/.exec(
    code.slice(0, from),
  )
  return /^(?:import|export)\s+type\s+[^\s,]/.test(statement?.[1] ?? '')
}

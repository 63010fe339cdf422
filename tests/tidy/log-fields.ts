import { type Finding, isProduct, lineOf, type Source } from './source.ts'

/** The document that has all names of fields. */
export const LOG_DOCUMENT = 'docs/logs.md'

/** What every line has, put there by the log itself. */
export const baseFields: readonly string[] = ['level', 'time', 'part', 'folder', 'msg']

/** A call that writes a line: the names of its fields, and where it stands. */
export interface LogCall {
  readonly line: number
  readonly fields: readonly string[]
  /** What keeps the names from being known; undefined when they are. */
  readonly objection?: string
}

const CALL = /\b\w*[lL]og(?:\.(?:debug|info|warn|error)|\[[^\]]*\])\(\s*/g

/** Every call of a log in a source of the product. */
export function logCalls(source: Source): readonly LogCall[] {
  if (!isProduct(source.path)) return []
  return [...source.code.matchAll(CALL)].map((match) => {
    const line = lineOf(source, match.index)
    const at = literalAt(source.code, match.index + match[0].length)
    if (at === undefined)
      return { line, fields: [], objection: 'passes fields that are not spelled out here' }
    const parts = partsOf(source.code, at)
    if (parts.some((part) => part.startsWith('...'))) {
      return { line, fields: [], objection: 'spreads fields into a line' }
    }
    return { line, fields: parts.map((part) => /^[\w$]*/.exec(part)?.[0] ?? '') }
  })
}

/** The fields of lines that no document explains. */
export function logFindings(source: Source, known: ReadonlySet<string>): readonly Finding[] {
  return logCalls(source).flatMap(({ line, fields, objection }) => {
    const unknown = fields.filter((field) => !known.has(field)).map((field) => `names a field ${field}`)
    const whats = objection === undefined ? unknown : [objection]
    const remedy = `name each field in the call, by a word of ${LOG_DOCUMENT}`
    return whats.map((what) => ({ path: source.path, line, what, remedy }))
  })
}

/** The names in the first column of the tables of a document. */
export function documentedFields(text: string): readonly string[] {
  return [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name ?? '')
}

/** Where the braces of the fields open: in the call, or in the constant of that name above it. */
function literalAt(code: string, at: number): number | undefined {
  if (code.charAt(at) === '{') return at
  const name = /^[\w$]+(?=\s*,)/.exec(code.slice(at))?.[0]
  if (name === undefined) return undefined
  const declaration = new RegExp(`\\bconst ${name} = (?=\\{)`, 'g')
  const found = [...code.slice(0, at).matchAll(declaration)].at(-1)
  return found && found.index + found[0].length
}

/** What stands between the commas of the braces that open at `open`, trimmed. */
function partsOf(code: string, open: number): readonly string[] {
  const parts = ['']
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    const here = code.charAt(at)
    if ('}])'.includes(here)) depth -= 1
    if (depth === 0 && at > open) break
    if (depth === 1 && here === ',') parts.push('')
    else if (depth > 0) parts.push((parts.pop() ?? '') + here)
    if ('{[('.includes(here)) depth += 1
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

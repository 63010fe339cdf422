import { lineOf, type Source } from './source.ts'

/** The body of a function: the line of its opening brace, and how many lines it has. */
export interface FunctionBody {
  readonly line: number
  readonly lines: number
}

/** A bracket after one of these belongs to a statement, not to parameters. */
const STATEMENT = /\b(?:if|for|while|switch|catch|with|case|await)\s*$/
/** After these, a type goes on. */
const TYPE_GOES_ON = new Set(['is', 'keyof', 'typeof', 'readonly', 'extends', 'asserts', 'infer', 'unique'])

/** Every function, method and arrow function with a body in braces, at any depth. */
export function functionsOf(source: Source): readonly FunctionBody[] {
  const bodies = new Set<number>()
  const { code } = source
  for (let at = code.indexOf('('); at !== -1; at = code.indexOf('(', at + 1)) {
    if (STATEMENT.test(code.slice(Math.max(0, at - 12), at))) continue
    const body = bodyAfter(code, endOfBrackets(code, at))
    if (body !== undefined) bodies.add(body)
  }
  // Arrow functions with one bare parameter have no brackets.
  for (const match of code.matchAll(/[\w$]\s*=>\s*\{/g)) bodies.add(match.index + match[0].length - 1)
  return [...bodies].map((open) => {
    const line = lineOf(source, open)
    return { line, lines: lineOf(source, endOfBrackets(code, open) - 1) - line + 1 }
  })
}

/** Position after the bracket that closes the one at `open`. */
function endOfBrackets(code: string, open: number): number {
  const opening = code.charAt(open)
  const closing = { '(': ')', '{': '}', '[': ']', '<': '>' }[opening]
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    const here = code.charAt(at)
    if (here === opening) depth += 1
    if (here === closing && !(here === '>' && code.charAt(at - 1) === '=')) depth -= 1
    if (depth === 0) return at + 1
  }
  return code.length
}

/** Where the body of the function begins whose parameters end at `at`; undefined when there is none. */
function bodyAfter(code: string, at: number): number | undefined {
  const [next, position] = token(code, at)
  if (next === '{') return position
  if (next === '=>') return arrowBody(code, position + 2)
  return next === ':' ? bodyAfterType(code, position + 1) : undefined
}

function arrowBody(code: string, at: number): number | undefined {
  const [next, position] = token(code, at)
  return next === '{' ? position : undefined
}

/** Walks over a return type: a brace where a type may begin is a type, any other is the body. */
function bodyAfterType(code: string, from: number): number | undefined {
  let at = from
  let typeExpected = true
  while (at < code.length) {
    const [next, position] = token(code, at)
    if (next === '{' && !typeExpected) return position
    if (['{', '(', '[', '<'].includes(next)) {
      at = endOfBrackets(code, position)
      typeExpected = false
    } else if (next === '=>' && !typeExpected && arrowBody(code, position + 2) !== undefined) {
      return arrowBody(code, position + 2)
    } else if (['=>', '|', '&', '?', ':', '.'].includes(next) || TYPE_GOES_ON.has(next)) {
      at = position + next.length
      typeExpected = true
    } else if (/^[\w$'"`]/.test(next) && (typeExpected || /^['"`]/.test(next))) {
      at = position + next.length
      typeExpected = false
    } else {
      return undefined
    }
  }
  return undefined
}

/** The next word, quoted text, arrow or character, and its position. */
function token(code: string, from: number): [string, number] {
  const match = /=>|[\w$]+|'[^']*'|"[^"]*"|`[^`]*`|\S/g
  match.lastIndex = from
  const found = match.exec(code)
  return found === null ? ['', code.length] : [found[0], found.index]
}

/** A source in which what is not code has become spaces, position for position and line for line. */
export interface Blanked {
  /** Without comments and without the insides of strings, templates and regular expressions. */
  readonly code: string
  /** Without comments only. */
  readonly text: string
}

/** After these, a slash begins a regular expression; after a name, a number or `)` it divides. */
const BEFORE_PATTERN =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield|throw))$/

/**
 * Blanks comments and literals of a TypeScript source, keeping every other character where it is, so that patterns
 * can be searched without finding them in prose. Not a parser: it needs source that compiles, and JSX without prose
 * between its tags (the page takes all it says from its dictionary).
 */
export function blank(source: string): Blanked {
  const code = source.split('')
  const text = [...code]
  /** For each open template expression: how many braces are open inside it. */
  const templates: number[] = []
  let before = ''
  let at = 0

  const blankOut = (from: number, to: number, both: boolean): void => {
    for (let i = from; i < to; i += 1) {
      if (source[i] === '\n') continue
      code[i] = ' '
      if (both) text[i] = ' '
    }
  }
  const template = (from: number): void => {
    const { end, opens } = endOfTemplate(source, from)
    blankOut(from, opens ? end - 2 : end - 1, false)
    if (opens) templates.push(0)
    before = opens ? '{' : 'x'
    at = end
  }

  while (at < source.length) {
    const here = source.charAt(at)
    const next = source.charAt(at + 1)
    if (here === '/' && (next === '/' || next === '*')) {
      const end = endOfComment(source, at)
      blankOut(at, end, true)
      at = end
    } else if (here === '"' || here === "'") {
      const end = endOfQuoted(source, at)
      blankOut(at + 1, end - 1, false)
      before = 'x'
      at = end
    } else if (here === '`') {
      template(at + 1)
    } else if (here === '/' && !isTag(source, at) && BEFORE_PATTERN.test(before)) {
      const end = endOfPattern(source, at)
      blankOut(at + 1, end - 1, false)
      before = 'x'
      at = end
    } else if (here === '}' && templates.at(-1) === 0) {
      templates.pop()
      template(at + 1)
    } else {
      const depth = templates.at(-1)
      if (depth !== undefined && here === '{') templates[templates.length - 1] = depth + 1
      if (depth !== undefined && here === '}') templates[templates.length - 1] = depth - 1
      if (!/\s/.test(here))
        before = (/\w/.test(here) && /\w$/.test(source.charAt(at - 1)) ? before : '') + here
      at += 1
    }
  }
  return { code: code.join(''), text: text.join('') }
}

/** The slash of `</b>` or `<br />`. */
function isTag(source: string, at: number): boolean {
  return source.charAt(at - 1) === '<' || source.charAt(at + 1) === '>'
}

function endOfComment(source: string, from: number): number {
  const isLine = source.charAt(from + 1) === '/'
  const end = source.indexOf(isLine ? '\n' : '*/', from + 2)
  if (end === -1) return source.length
  return isLine ? end : end + 2
}

/** Position after the closing quote. */
function endOfQuoted(source: string, from: number): number {
  const quote = source.charAt(from)
  let at = from + 1
  while (at < source.length && source.charAt(at) !== quote) at += source.charAt(at) === '\\' ? 2 : 1
  return at + 1
}

/** Position after the closing slash and not after its flags, which do no harm as code. */
function endOfPattern(source: string, from: number): number {
  let at = from + 1
  let inClass = false
  while (at < source.length && (inClass || source.charAt(at) !== '/')) {
    const here = source.charAt(at)
    if (here === '[') inClass = true
    if (here === ']') inClass = false
    at += here === '\\' ? 2 : 1
  }
  return at + 1
}

/** Position after the closing backtick, or after `${`. */
function endOfTemplate(source: string, from: number): { end: number; opens: boolean } {
  let at = from
  while (at < source.length && source.charAt(at) !== '`') {
    if (source.startsWith('${', at)) return { end: at + 2, opens: true }
    at += source.charAt(at) === '\\' ? 2 : 1
  }
  return { end: at + 1, opens: false }
}

import { basename } from 'node:path'
import { functionsOf } from './functions.ts'
import { type Finding, isProduct, type Source } from './source.ts'

/** A function longer than a screen is two functions. */
const FUNCTION_LINES_MAX = 69
/** A file longer than this has two subjects. */
const FILE_LINES_MAX = 300
/** As the formatter breaks; what stands in quotes does not count, since it cannot be broken. */
const CODE_WIDTH_MAX = 110
/** Comments are broken by hand, so they get a little more. */
const COMMENT_WIDTH_MAX = 120
/** Names that say nothing about what is inside. */
const EMPTY_NAMES = /^(?:utils?|helpers?|common|shared|libs?|misc|types|stuff|base|core-utils)$/

/** Functions, files and lines that are too long. Tests may have long functions: they hold tables and stories. */
export function lengthFindings(source: Source): readonly Finding[] {
  const { path } = source
  const found: Finding[] = []
  const lines = source.original.trimEnd().split('\n').length
  if (lines > FILE_LINES_MAX) {
    const what = `the file has ${lines} lines, ${FILE_LINES_MAX} are allowed`
    found.push({ path, line: FILE_LINES_MAX + 1, what, remedy: 'give its second subject a file of its own' })
  }
  if (!path.startsWith('tests/')) {
    for (const body of functionsOf(source).filter((one) => one.lines > FUNCTION_LINES_MAX)) {
      const what = `the function has ${body.lines} lines, ${FUNCTION_LINES_MAX} are allowed`
      found.push({ path, line: body.line, what, remedy: 'name a part of it and move that out' })
    }
  }
  const code = source.code.split('\n')
  const text = source.text.split('\n')
  for (const [index, line] of source.lines.entries()) {
    const indent = line.length - line.trimStart().length
    const width = indent + (code[index] ?? '').trim().replaceAll(/ {2,}/g, ' ').length
    const hasComment = (text[index] ?? '').trimEnd().length < line.length
    const what =
      width > CODE_WIDTH_MAX
        ? `the code has ${width} characters, ${CODE_WIDTH_MAX} are allowed`
        : hasComment && line.length > COMMENT_WIDTH_MAX
          ? `the line has ${line.length} characters, ${COMMENT_WIDTH_MAX} are allowed`
          : undefined
    if (what !== undefined)
      found.push({ path, line: index + 1, what, remedy: 'run npm run format, or break the comment' })
  }
  return found
}

/** Folders and files whose name says nothing. */
export function nameFindings(path: string): readonly Finding[] {
  return path.split('/').flatMap((part) => {
    const name = basename(part).replace(/\..*$/, '')
    if (!EMPTY_NAMES.test(name)) return []
    return [{ path, line: 1, what: `${part} says nothing`, remedy: 'name the one thing that is inside' }]
  })
}

/** `new Problem(code, { ... })` without a remedy, or with an empty one. Types see to what is spread in. */
export function remedyFindings(source: Source): readonly Finding[] {
  if (!isProduct(source.path)) return []
  return [...source.code.matchAll(/\bnew Problem\(/g)].flatMap((match) => {
    const options = bracketed(source.original, source.code, match.index + match[0].length - 1)
    if (!options.includes('{')) return []
    const given = /\.\.\.|\bremedy(?:\s*[,}]|\s*:\s*(?!\s*(?:''|""|``)))/.test(options)
    if (given) return []
    const line = source.original.slice(0, match.index).split('\n').length
    const remedy = 'say in one sentence what the reader can do about it'
    return [{ path: source.path, line, what: 'a Problem without a remedy', remedy }]
  })
}

/** The original text between the bracket at `open` and the one that closes it. */
function bracketed(original: string, code: string, open: number): string {
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    if (code.charAt(at) === '(') depth += 1
    if (code.charAt(at) === ')') depth -= 1
    if (depth === 0) return original.slice(open + 1, at)
  }
  return original.slice(open + 1)
}

import { dirname, join, normalize } from 'node:path'
import type { Finding } from './source.ts'

/** The lines of all code blocks, without comments after two spaces (they are translated). */
export function codeLines(document: string): readonly string[] {
  return [...document.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)]
    .flatMap((match) => (match[1] ?? '').split('\n'))
    .map((line) => line.replace(/(?:^|\s+)# .*$/, '').trimEnd())
    .filter((line) => line !== '')
}

/** Levels of the headings of a document, in order. */
export function headingLevels(document: string): readonly number[] {
  const prose = document.replaceAll(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/^(#+) /gm)].map((match) => (match[1] ?? '').length)
}

/** Names in backticks that look like files of the checkout, and the targets of links; relative to the checkout. */
export function namedPaths(path: string, document: string): readonly { name: string; line: number }[] {
  const ticked = [...document.matchAll(/`((?:\.?[\w-]+\/)+[\w.*-]*|[\w-]+\.(?:md|mjs|ts|json))`/g)].map(
    (match) => {
      return { name: match[1] ?? '', index: match.index }
    },
  )
  const linked = [...document.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)].map((match) => {
    return { name: normalize(join(dirname(path), match[1] ?? '')), index: match.index }
  })
  return [...ticked, ...linked].map(({ name, index }) => {
    return { name, line: document.slice(0, index).split('\n').length }
  })
}

/** Folders that exist on a running machine only, and folders that the page says are to come. */
const NOT_IN_CHECKOUT =
  /^(?:\.runtime|node_modules|data)(?:\/|$)|^(?:deploy\/)?(?:secrets|tls)\/|^isotherm\/v1\/|^api\/v1\//

/** Names of files and folders that a document mentions and that do not exist. */
export function pathFindings(
  path: string,
  document: string,
  exists: (name: string) => boolean,
): readonly Finding[] {
  return namedPaths(path, document)
    .filter(({ name }) => !NOT_IN_CHECKOUT.test(name) && !name.includes('*'))
    .filter(({ name }) => !exists(name) && !exists(join(dirname(path), name)))
    .map(({ name, line }) => ({
      path,
      line,
      what: `names ${name}`,
      remedy: 'there is none; correct the name',
    }))
}

/** `npm run NAME` of scripts that package.json does not have. */
export function scriptFindings(
  path: string,
  document: string,
  scripts: readonly string[],
): readonly Finding[] {
  return [...document.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w:-]+)/g)]
    .filter((match) => !scripts.includes(match[1] ?? ''))
    .map((match) => {
      const line = document.slice(0, match.index).split('\n').length
      return { path, line, what: `names ${match[0]}`, remedy: 'package.json has no such script' }
    })
}

/** `ISOTHERM_...` names that are no settings. */
export function settingFindings(
  path: string,
  document: string,
  settings: readonly string[],
): readonly Finding[] {
  return [...document.matchAll(/\bISOTHERM_[A-Z_]+\b/g)]
    .filter((match) => !settings.includes(match[0]))
    .map((match) => {
      const line = document.slice(0, match.index).split('\n').length
      return { path, line, what: `names ${match[0]}`, remedy: 'app/config/schema.ts has no such setting' }
    })
}

/** One call of the command line in a document: its command words and its options. */
export interface Call {
  readonly words: readonly string[]
  readonly options: readonly string[]
}

/** Calls of `npx isotherm` in the code blocks of a document. */
export function callsOf(document: string): readonly Call[] {
  return codeLines(document)
    .filter((line) => line.startsWith('npx isotherm '))
    .map((line) => {
      const parts = line.split(/\s+/).slice(2)
      const end = parts.findIndex((part) => !/^[a-z][a-z-]*$/.test(part))
      return {
        words: end === -1 ? parts : parts.slice(0, end),
        options: parts.filter((part) => part.startsWith('--')),
      }
    })
}

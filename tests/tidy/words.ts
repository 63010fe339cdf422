import { type Finding, isProduct, lineOf, type Source } from './source.ts'

/** Something that is not written, where it is looked for, and what is done instead. */
export interface BannedWord {
  readonly name: string
  readonly pattern: RegExp
  /** `original` with comments and texts, `text` without comments, `code` without both. */
  readonly view: 'original' | 'text' | 'code'
  readonly where: (path: string) => boolean
  readonly remedy: string
}

const everywhere = (): boolean => true
/** The tables and tests of these checks have to name what they look for. */
const outsideTidy = (path: string): boolean => !path.startsWith('tests/tidy/')

/** Words and constructs that are not used in sources. */
export const bannedWords: readonly BannedWord[] = [
  {
    name: 'a note to oneself',
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/g,
    view: 'original',
    where: outsideTidy,
    remedy: 'do it, or leave it out and open an issue',
  },
  {
    name: 'a test that silences the others',
    pattern: /\.only\s*\(/g,
    view: 'code',
    where: (path) => path.startsWith('tests/'),
    remedy: 'remove .only; name the file on the command line instead',
  },
  {
    name: 'a mocked module',
    pattern: /\bvi\.(?:mock|doMock|hoisted)\b/g,
    view: 'code',
    where: everywhere,
    remedy: 'pass a real component, or one that passes the same contract tests',
  },
  {
    name: 'quarantine for messages',
    pattern: /quarantin/gi,
    view: 'original',
    where: outsideTidy,
    remedy: 'say held (待查报文); the other word is kept for vaccine (隔离)',
  },
  {
    name: 'an enum or a namespace',
    pattern:
      /^[ \t]*(?:export\s+)?(?:declare\s+)?(?:(?:const\s+)?enum|namespace|module)\s+[A-Za-z_$][\w$.]*\s*\{/gm,
    view: 'code',
    where: everywhere,
    remedy: 'use an `as const` object and a union: types are stripped, not compiled',
  },
  {
    name: 'a decorator',
    pattern: /^[ \t]*@[A-Za-z_$]/gm,
    view: 'code',
    where: everywhere,
    remedy: 'call a function: types are stripped, not compiled',
  },
  {
    name: 'an error without code and remedy',
    pattern:
      /\b(?:throw\s+new\s+(?!Problem\b)[\w.$]+|reject\(\s*new\s+(?!Problem\b)[\w.$]+|throw\s+(['"`]) *\1(?!\s*in\b))/g,
    view: 'code',
    where: isProduct,
    remedy: 'throw a Problem (domain/problem.ts), or use node:assert for a mistake of our own',
  },
  {
    name: 'a silenced compiler',
    pattern:
      /@ts-(?:ignore|nocheck|expect-error)|(?:oxlint|eslint|biome)-(?:disable|ignore)(?!-next-line [\w/-]+ -- \S)/g,
    view: 'original',
    where: outsideTidy,
    remedy: 'correct the type; where a rule is wrong, disable it for one line by name and say why after --',
  },
]

/** Where a source says what is not said. */
export function wordFindings(source: Source, words = bannedWords): readonly Finding[] {
  return words
    .filter(({ where }) => where(source.path))
    .flatMap(({ name, pattern, view, remedy }) =>
      [...source[view].matchAll(pattern)].map((match) => ({
        path: source.path,
        line: lineOf(source, match.index),
        what: `${name} (${match[0].trim()})`,
        remedy,
      })),
    )
}

/** Folders of one machine and hosts of package registries, which mean nothing to the next reader. */
const places: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  {
    pattern: /(?<![\w.)}\]-])\/(?:work|home|root|Users|tmp)\/[\w.-]+/g,
    remedy: 'use a path relative to the checkout',
  },
  {
    pattern: /\bregistry\.[a-z]+[.\w-]*\.[a-z]+|"resolved"\s*:/g,
    remedy: 'leave the registry to the configuration of npm',
  },
]

/** Where a file of any kind names a place that exists on one machine only. */
export function placeFindings(path: string, text: string): readonly Finding[] {
  return places.flatMap(({ pattern, remedy }) =>
    [...text.matchAll(pattern)].map((match) => ({
      path,
      line: text.slice(0, match.index).split('\n').length,
      what: `names ${match[0]}`,
      remedy,
    })),
  )
}

import { dirname } from 'node:path'
import type { Finding } from './source.ts'

/** What a folder's README says of it, in its own headings or sentences. */
const FIVE_WORDS = ['Takes', 'Gives', 'Promises', 'Refuses', 'Limits']
const LINES_MIN = 10
const LINES_MAX = 30

/** Top folders that are no stage: they say what they are in their own way. */
const NO_STAGE = new Set(['bench', 'bin', 'docs', 'tests'])

/** Folders that need a README: every stage, and every part of the store. */
export function folderNames(paths: readonly string[]): readonly string[] {
  const stages = paths.filter((path) => path.endsWith('.ts') && path.includes('/')).map(dirname)
  const wanted = stages
    .map((path) =>
      path
        .split('/')
        .slice(0, path.startsWith('store/') ? 2 : 1)
        .join('/'),
    )
    .filter((path) => !NO_STAGE.has(path.split('/')[0] ?? ''))
  return [...new Set(wanted)].toSorted()
}

/** What is wrong with the README of a folder; `text` undefined when there is none. */
export function readmeFindings(folder: string, text: string | undefined): readonly Finding[] {
  const path = `${folder}/README.md`
  const remedy = `write ${LINES_MIN} to ${LINES_MAX} lines that say ${FIVE_WORDS.join(', ')}`
  if (text === undefined) return [{ path, line: 1, what: 'there is none', remedy }]
  const lines = text.trimEnd().split('\n').length
  const missing = FIVE_WORDS.filter((word) => !new RegExp(`\\b${word}\\b`).test(text))
  return [
    ...(lines < LINES_MIN || lines > LINES_MAX
      ? [{ path, line: 1, what: `has ${lines} lines`, remedy }]
      : []),
    ...missing.map((word) => ({ path, line: 1, what: `does not say ${word}`, remedy })),
  ]
}

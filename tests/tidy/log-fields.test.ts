import { describe, expect, test } from 'vitest'
import { logFolders } from '../../app/doors/log.ts'
import { baseFields, documentedFields, LOG_DOCUMENT, logCalls, logFindings } from './log-fields.ts'
import { read, shown, sourceOf, sources, topFolder } from './source.ts'

const all = sources()
const documented = documentedFields(read(LOG_DOCUMENT))

describe('lines of the log', () => {
  test('name fields that docs/logs.md explains, and no others', () => {
    const known = new Set(documented)
    expect(all.flatMap((source) => logFindings(source, known)).map(shown)).toEqual([])
  })

  test('use every field that docs/logs.md explains', () => {
    const used = new Set([...baseFields, ...all.flatMap(logCalls).flatMap(({ fields }) => fields)])
    expect(documented.filter((name) => !used.has(name))).toEqual([])
    expect(documented).toEqual([...new Set(documented)])
  })

  test('are written by the folders that can have a level of their own', () => {
    const folders = all.filter((source) => logCalls(source).length > 0).map(({ path }) => topFolder(path))
    expect([...new Set(folders)].toSorted()).toEqual([...logFolders])
  })
})

describe('the check can fail', () => {
  const known = new Set(['reason', 'record', 'path'])
  const whats = (text: string): readonly string[] =>
    logFindings(sourceOf('store/a.ts', text), known).map(({ line, what }) => `${line}: ${what}`)

  test.each([
    ["log.warn({ reason, why: 'b' }, 'c')", ['1: names a field why']],
    ["this.#log.warn(\n  { reason: of({ why: 1 }), index },\n  'c',\n)", ['1: names a field index']],
    ["log[level]({ file: a }, 'c')", ['1: names a field file']],
    ["const fields = { reason, cause }\nlog.error(fields, 'c')", ['2: names a field cause']],
    ["log.info({ reason, ...more }, 'c')", ['1: spreads fields into a line']],
    ["log.info(fieldsOf(a), 'c')", ['1: passes fields that are not spelled out here']],
    ["log.info(fields, 'c')", ['1: passes fields that are not spelled out here']],
  ])('%s', (text, found) => {
    expect(whats(text)).toEqual(found)
  })

  test.each([
    "log.info({}, 'c')",
    "log.warn({ record: recordText(index, { why }), reason: a ? [b, c] : d }, 'c')",
    'Math.log(a)',
    "// log.info({ why }, 'c')",
    "catalogue.info(a, 'c')",
  ])('leaves alone: %s', (text) => {
    expect(whats(text)).toEqual([])
    expect(logFindings(sourceOf('tests/a.ts', "log.info({ why }, 'c')"), known)).toEqual([])
  })

  test('names come from the first column', () => {
    expect(documentedFields('| field | x |\n| `a` | `b` |\n| `c` | d |\n')).toEqual(['a', 'c'])
  })
})

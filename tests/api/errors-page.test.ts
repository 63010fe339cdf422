import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { heldReasons, problemStatus, refusalReasons } from '../../domain/index.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

/** The cells of a section's table, without its head. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'))
  return lines.map((line) => line.slice(2, -2).split(' | '))
}

test('docs/errors.md lists exactly the problem codes, in order, with their status and a meaning', () => {
  const rows = rowsBelow('Problem codes')
  expect(rows.map(([code, status]) => [code, Number(status)])).toEqual(
    Object.entries(problemStatus).map(([code, status]) => [`\`${code}\``, status]),
  )
  expect(rows.filter(([, , meaning = '']) => !/^[A-Z].{10,}\.$/.test(meaning))).toEqual([])
})

test('docs/errors.md lists exactly the held reasons with their remedies', () => {
  expect(rowsBelow('Why a message or a reading is held')).toEqual(
    Object.entries(heldReasons).map(([reason, remedy]) => [`\`${reason}\``, remedy]),
  )
})

test('docs/errors.md lists exactly the refusal reasons with their remedies', () => {
  expect(rowsBelow('Why the gateway refuses')).toEqual(
    Object.entries(refusalReasons).map(([reason, remedy]) => [`\`${reason}\``, remedy]),
  )
})

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layEarlierDirectory } from '../support/earlier-directory.ts'
import { IsothermFolder } from '../support/isotherm.ts'
import { codeLines } from '../tidy/documents.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/backup.md'), 'utf8')
const folder = new IsothermFolder()
let cwd: string

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'iso-page-'))
  layEarlierDirectory(folder.dataDir)
})
afterAll(async () => {
  rmSync(cwd, { recursive: true, force: true })
  await folder.remove()
})

test('docs/backup.md does what it says, command by command', async () => {
  const lines = codeLines(page)
  expect(lines.length).toBeGreaterThan(2)
  let printed = ''
  for (const line of lines) {
    const [npx, name, ...words] = line.split(' ')
    expect([npx, name]).toEqual(['npx', 'isotherm'])
    const { code, out, err } = await folder.run(words, {}, cwd)
    expect([line, code, code === 0 ? '' : `${out}${err}`]).toEqual([line, 0, ''])
    printed += out
  }
  expect(printed).toMatch(/^logger /m)
  expect(existsSync(join(cwd, 'backups', 'first', 'manifest.json'))).toBe(true)
  expect(existsSync(join(cwd, 'restored', 'journal'))).toBe(true)
}, 60_000)

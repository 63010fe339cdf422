import { expect, test } from 'vitest'
import { MADE_FOLDERS, renderedFiles } from '../../app/grafana/index.ts'
import { readFolders, writeFolders } from '../../app/doors/made-folder.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { root } from './committed.ts'

test('the committed files are those of `npm run dashboards:build`', async () => {
  const made = renderedFiles(await readRulePacks())
  const committed = await readFolders(root, MADE_FOLDERS)
  expect([...committed.keys()].toSorted()).toEqual([...made.keys()].toSorted())
  expect([...made].flatMap(([path, text]) => (committed.get(path) === text ? [] : [path]))).toEqual([])
})

test('the same packs give the same bytes', async () => {
  const packs = await readRulePacks()
  expect(renderedFiles(packs)).toEqual(renderedFiles(packs))
})

test('what is made no more is removed, and anybody may read the rest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-made-'))
  try {
    const write = (...paths: string[]) =>
      writeFolders(folder, ['made'], new Map(paths.map((path) => [path, `${path}\n`])))
    await write('made/a.yaml', 'made/in/b.json')
    await write('made/in/c.json')
    expect([...(await readFolders(folder, ['made']))]).toEqual([['made/in/c.json', 'made/in/c.json\n']])
    expect(statSync(resolve(folder, 'made/in/c.json')).mode & 0o444).toBe(0o444)
    await expect(
      writeFolders(join(folder, 'made/in/c.json'), ['x'], new Map([['x/y', '']])),
    ).rejects.toMatchObject({
      code: 'file-unreadable',
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

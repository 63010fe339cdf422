import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'iso-which-')))
const cores: Server[] = []

afterEach(() => {
  for (const core of cores.splice(0)) core.close()
})
afterAll(async () => {
  rmSync(cwd, { recursive: true, force: true })
  await folder.remove()
})

/** As a core does that runs on one of the two directories: it listens on its socket. */
async function runs(purpose: 'live' | 'demo'): Promise<void> {
  const path = join(cwd, 'data', purpose)
  mkdirSync(path, { recursive: true })
  const core = createServer()
  cores.push(core)
  await new Promise<void>((resolve) => core.listen(join(path, 'core.sock'), resolve))
}

const shown = (env: NodeJS.ProcessEnv = {}) =>
  folder.run(['config', 'show', '--json'], { ISOTHERM_DATA_DIR: '', ...env }, cwd)
const folderOf = async (env: NodeJS.ProcessEnv = {}) =>
  (JSON.parse((await shown(env)).out) as { readonly data_dir: string }).data_dir

test('a command that names no folder means real operation while nothing runs', async () => {
  expect(await folderOf()).toBe(join(cwd, 'data', 'live'))
})

test('it means the one that runs', async () => {
  await runs('demo')
  expect(await folderOf()).toBe(join(cwd, 'data', 'demo'))
  expect(await folderOf({ ISOTHERM_DEMO: 'false' })).toBe(join(cwd, 'data', 'live'))
  expect(await folderOf({ ISOTHERM_DATA_DIR: 'elsewhere' })).toBe(join(cwd, 'elsewhere'))
})

test('when both run it asks which', async () => {
  await runs('live')
  await runs('demo')
  const { code, out } = await shown()
  expect(code).toBe(2)
  expect(JSON.parse(out)).toMatchObject({
    code: 'configuration-invalid',
    remedy: 'Say which one is meant: --data-dir data/live or --data-dir data/demo.',
  })
  expect(await folderOf({ ISOTHERM_DEMO: 'true' })).toBe(join(cwd, 'data', 'demo'))
})

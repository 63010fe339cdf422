import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterEach(() => folder.remove())

/** The rights of others and of the group below a folder, by name. */
function openPaths(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => (statSync(join(root, name)).mode & 0o077) !== 0,
  )
}

test('in a folder that is open to others no file is, and that is said', { timeout: 40_000 }, async () => {
  chmodSync(folder.dataDir, 0o755)
  const made = await folder.run(['organisation', 'create', 'demo', '--kind', 'cdc', '--name', 'x', '--demo'])
  const warning = `chmod 700 ${folder.dataDir}`
  expect([made.code, made.err]).toEqual([0, expect.stringContaining(warning)])
  expect(openPaths(folder.dataDir)).toEqual([])
  const running = await folder.start()
  await folder.json(['site', 'create', 'clinic', '--organisation', 'demo', '--name', 'x'])
  expect(openPaths(folder.dataDir)).toEqual([])
  expect(readdirSync(folder.dataDir)).toEqual(
    expect.arrayContaining(['core.sock', 'core.lock', 'facts.sqlite', 'readings.sqlite', 'journal']),
  )
  expect(running.output()).toContain(warning)
  expect(statSync(folder.dataDir).mode & 0o777).toBe(0o755)
  await running.stop()
  chmodSync(folder.dataDir, 0o700)
  expect((await folder.run(['organisation', 'list'])).err).toBe('')
})

import { afterEach, describe, expect, test } from 'vitest'
import { lockDataDirectory } from '../../store/index.ts'
import { IsothermFolder } from '../support/isotherm.ts'

let folder: IsothermFolder
const cleanups: (() => void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) cleanup()
  await folder.remove()
})

/** Holds a role of the folder as another process would. */
function hold(role: 'gateway' | 'core'): () => void {
  const holder = { pid: process.pid, host: 'here', startedAt: Date.UTC(2026, 10, 23) }
  const lock = lockDataDirectory({ path: folder.dataDir, role, holder })
  cleanups.push(lock.release)
  return lock.release
}

describe('the command line while a gateway runs without a core', () => {
  test('does not change devices behind its back, and still reads', { timeout: 30_000 }, async () => {
    folder = new IsothermFolder()
    await folder.demoSite()
    await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
    const release = hold('gateway')
    const revoke = ['device', 'revoke', 'fridge-1', '--reason', 'stolen', '--json']
    const refused = await folder.run(revoke)
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([
      1,
      { code: 'core-unavailable', remedy: expect.stringContaining('isotherm core') as string },
    ])
    const listed = await folder.run(['device', 'list', '--json'])
    expect(JSON.parse(listed.out)).toMatchObject([{ id: 'fridge-1', state: 'active' }])
    release()
    expect(await folder.json(revoke.slice(0, -1))).toEqual({ id: 'fridge-1', state: 'revoked' })
  })
})

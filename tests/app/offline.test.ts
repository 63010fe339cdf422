import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { listenLocal } from '../../app/doors/sockets.ts'
import { openLink } from '../../app/link/index.ts'
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
  const release = (): void => {
    lock.release()
  }
  cleanups.push(release)
  return release
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

describe('two processes that want the same data directory', () => {
  test('short commands at once, and a start among them, wait for each other', {
    timeout: 60_000,
  }, async () => {
    folder = new IsothermFolder()
    await folder.demoSite()
    const create = (id: string) => folder.json(['device', 'create', id, '--site', 'clinic', '--simulated'])
    const ids = ['a', 'b']
    const [running, ...made] = await Promise.all([folder.start(), ...ids.map(create)])
    expect(made.map(({ id }) => id)).toEqual(ids)
    const listed = await folder.run(['device', 'list', '--json'])
    expect((JSON.parse(listed.out) as { id: string }[]).map(({ id }) => id)).toEqual(ids)
    expect(await running.stop()).toBe(0)
  })

  test('a start waits for a short command to end', { timeout: 30_000 }, async () => {
    folder = new IsothermFolder()
    const release = hold('core')
    const starting = folder.start(['core'])
    setTimeout(release, 2_000)
    expect(await (await starting).stop()).toBe(0)
  })

  test('a short command asks a core that comes up while it waits', { timeout: 30_000 }, async () => {
    folder = new IsothermFolder()
    hold('core')
    const listing = folder.json(['organisation', 'list'])
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const listener = await listenLocal(join(folder.dataDir, 'core.sock'), (channel) => {
      const status = { durableEnd: 0, ingest: 0, census: 0, influx: null }
      const query = () => new TextEncoder().encode('{"items":[{"id":"from-the-core"}],"next":null}')
      openLink(channel, { calls: { status: () => status, query } })
    })
    cleanups.push(() => void listener.close())
    expect(await listing).toEqual([{ id: 'from-the-core' }])
  })

  test('nobody waits for ever', { timeout: 30_000 }, async () => {
    folder = new IsothermFolder()
    hold('core')
    const words = [['organisation', 'list'], ['core']]
    for (const { code, err } of await Promise.all(words.map((each) => folder.run(each)))) {
      expect(code).toBe(2)
      expect(err).toContain(`process ${process.pid} on here`)
    }
  })

  test('a core that has stopped answering is told as such', { timeout: 30_000 }, async () => {
    folder = new IsothermFolder()
    const listener = await listenLocal(join(folder.dataDir, 'core.sock'), () => undefined)
    cleanups.push(() => void listener.close())
    const { code, out } = await folder.run(['organisation', 'list', '--json'])
    expect([code, JSON.parse(out)]).toMatchObject([1, { code: 'core-unavailable' }])
  })
})

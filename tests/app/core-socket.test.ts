import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCoreClient } from '../../app/core-client.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { listenLocal, type LocalListener } from '../../app/doors/sockets.ts'
import { type Channel, type LinkHandlers, openLink } from '../../app/link/index.ts'
import { keepConnected } from '../../app/parts/core-socket.ts'
import type { Log } from '../../domain/index.ts'

let folder: string
let listener: LocalListener | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-socket-'))
})
afterEach(async () => {
  await listener?.close()
  rmSync(folder, { recursive: true })
})

/** Keeps a client linked to a core that answers with `calls`, and collects what is logged. */
async function keeping(calls: LinkHandlers['calls']) {
  const path = join(folder, 'core.sock')
  const asked = Promise.withResolvers<Channel>()
  listener = await listenLocal(path, (channel) => {
    openLink(channel, {
      calls: {
        ...calls,
        feed: (input) => {
          asked.resolve(channel)
          return calls?.['feed']?.(input)
        },
      },
    })
  })
  const logged: string[] = []
  const say: Log['info'] = (fields, message) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const stop = new AbortController()
  const client = openCoreClient({
    load: () => undefined,
    apply: () => {
      throw new RangeError('no such row')
    },
  })
  const kept = keepConnected({ path, client, clock: systemClock, log, signal: stop.signal })
  return { asked: asked.promise, stop, kept, logged, client }
}

test('stopping does not wait for a core that has stopped answering', { timeout: 3_000 }, async () => {
  const { asked, stop, kept, client } = await keeping({ feed: () => new Promise(() => undefined) })
  await asked
  stop.abort()
  await kept
  expect(client.connected).toBe(false)
})

test('stopping while linked closes the link', { timeout: 3_000 }, async () => {
  const { asked, stop, kept, client, logged } = await keeping({ feed: () => null })
  await asked
  await expect.poll(() => logged.join()).toContain('linked to the core')
  stop.abort()
  await kept
  expect(client.connected).toBe(false)
})

test('a notice that cannot be taken is logged, and the link is made anew', { timeout: 5_000 }, async () => {
  let feeds = 0
  const { asked, stop, kept, logged } = await keeping({ feed: () => (feeds += 1) })
  const channel = await asked
  channel.post({ kind: 'notice', name: 'facts-change', body: null })
  await expect.poll(() => feeds, { timeout: 3_000 }).toBe(2)
  expect(logged.join('\n')).toContain('no such row')
  stop.abort()
  await kept
})

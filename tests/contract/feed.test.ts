import { afterEach, describe, expect, test } from 'vitest'
import { openCoreClient } from '../../app/core-client.ts'
import { feedLink } from '../../app/core/feed.ts'
import { type Channel, feeding, openLink } from '../../app/link/index.ts'
import type { FactChange, FedRow } from '../../domain/index.ts'
import { createFactsView } from '../../store/index.ts'
import { closeChannels, overPort, overSocket } from '../support/channels.ts'

afterEach(closeChannels)

const DEVICES = 60_000

/** The first row of a device; with a label, the row that replaces it. */
function deviceRow(index: number, label: string | null = null): FedRow {
  const first = index + 1
  const row = {
    ...(label === null ? { fact: first, supersedes: null } : { fact: first + DEVICES, supersedes: first }),
    validFrom: 1,
    validTo: null,
    recordedAt: 1,
    recordedBy: 'local:test',
    reason: '',
    id: `device-${index}`,
    site: 'clinic',
    kind: 'simulated',
    state: 'active',
    acceptFrom: 0,
    expectedInterval: 300_000,
    label,
  } as const
  return { table: 'device', row }
}

/** Facts whose snapshot takes until `release`, with a way to make a change. */
function slowFacts(rows: readonly FedRow[]) {
  const listeners = new Set<(change: FactChange) => void>()
  const { promise, resolve: release } = Promise.withResolvers<undefined>()
  let version = 1
  return {
    listeners,
    release: () => {
      release(undefined)
    },
    change: (row: FedRow) => {
      version += 1
      for (const listener of listeners) listener({ version, rows: [row] })
    },
    snapshot: () => promise.then(() => ({ version: 1, rows })),
    onChange: (listener: (change: FactChange) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

describe.each([
  ['a message port', overPort],
  ['a local socket', overSocket],
])('facts fed over %s', (_, open) => {
  /** A core that feeds `facts`, on one of the two channels. */
  const serve = (channel: Channel, facts: ReturnType<typeof slowFacts>) => {
    const link = openLink(channel, { calls: { feed: () => feedLink(facts, link).then(() => null) } })
    return link
  }

  test(`${DEVICES} devices arrive whole, with every change made meanwhile`, { timeout: 30_000 }, async () => {
    const [a, b] = await open()
    const facts = slowFacts(Array.from({ length: DEVICES }, (_each, index) => deviceRow(index)))
    serve(a, facts)
    const view = createFactsView()
    const client = openCoreClient(view)
    let largest = 0
    let pieces = 0
    const counted: Channel = {
      ...b,
      onMessage: (listener) => {
        b.onMessage((message) => {
          const { input } = message as { input?: { rows?: readonly FedRow[] } }
          largest = Math.max(largest, input?.rows?.length ?? 0)
          pieces += 1
          // while the snapshot is on its way, one change of the last device and one of the first
          if (pieces === 5) facts.change(deviceRow(DEVICES - 1, 'changed early'))
          if (pieces === 8) facts.change(deviceRow(0, 'changed later'))
          listener(message)
        })
      },
    }
    const attached = client.attach(openLink(counted, client.handlers))
    facts.release()
    await attached
    expect([view.rows().length, largest]).toEqual([DEVICES, 2_000])
    expect(view.device(`device-${DEVICES - 1}`)?.label).toBe('changed early')
    expect(view.device('device-0')?.label).toBe('changed later')
    facts.change(deviceRow(1, 'changed afterwards'))
    await expect.poll(() => view.device('device-1')?.label).toBe('changed afterwards')
  })

  test.each(['while the snapshot is read', 'while it is sent', 'afterwards'])(
    'a link that closes %s leaves no listener',
    async (when) => {
      const [a, b] = await open()
      const facts = slowFacts([deviceRow(0)])
      const core = serve(a, facts)
      const closed = new Promise((told) => core.onClose(told))
      const handlers = feeding(createFactsView())
      const reader = openLink(b, {
        ...handlers,
        calls: {
          'facts-snapshot': (piece) => {
            if (when === 'while it is sent') reader.close()
            return handlers.calls?.['facts-snapshot']?.(piece)
          },
        },
      })
      const asked = reader.call('feed', {})
      const outcome = asked.then(
        () => 'fed',
        () => 'closed',
      )
      await expect.poll(() => facts.listeners.size).toBe(1)
      if (when === 'while the snapshot is read') {
        reader.close()
        await closed
      }
      facts.release()
      expect(await outcome).toBe(when === 'afterwards' ? 'fed' : 'closed')
      reader.close()
      await closed
      await expect.poll(() => facts.listeners.size).toBe(0)
    },
  )
})

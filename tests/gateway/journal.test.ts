import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { listenTcp } from '../../app/doors/network.ts'
import { decodeRecord } from '../../domain/index.ts'
import { createGateway } from '../../gateway/index.ts'
import { type Journal, openJournal } from '../../journal/index.ts'
import { collectingLog, createPolicies, readingsOf, secretOf } from './harness.ts'
import { undoAll, undoLater } from './raw-client.ts'

afterEach(undoAll)

const DEVICES = ['a', 'b', 'c', 'd']

/** A gateway over a journal on a real disk. */
async function startOver(directory: string) {
  const journal = await openJournal({
    directory,
    log: collectingLog([]),
    disk: nodeDisk(),
    clock: systemClock,
    random: { bytes: (count) => randomBytes(count) },
    spaceReserve: { share: 0, bytes: 0 },
  })
  const last = await journal.last()
  const gateway = createGateway({
    append: (bytes) => journal.append(bytes),
    lastReceivedAtMs: last === undefined ? 0 : decodeRecord(last).receivedAtMs,
    policies: createPolicies(...DEVICES),
    countRefusal: () => undefined,
    clock: systemClock,
    log: collectingLog([]),
  })
  const listener = await listenTcp({
    host: '127.0.0.1',
    port: 0,
    onSocket: (socket) => gateway.handle(socket),
  })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      await listener.stopAccepting()
      await gateway.stop()
      await journal.close()
    })())
  undoLater(stop)
  return { gateway, journal, port: listener.port, stop }
}

async function readAll(journal: Journal): Promise<string[]> {
  const found: string[] = []
  const signal = new AbortController()
  for await (const entries of journal.follow(0, signal.signal)) {
    for (const { index, bytes } of entries) {
      const { deviceId, payload } = decodeRecord(bytes)
      found.push(`${index} ${deviceId} ${Buffer.from(payload).toString()}`)
    }
    if (found.length === journal.durableEnd) break
  }
  return found
}

test('over the real journal: every acknowledgement names a record that is on disk, also after a restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-gateway-'))
  undoLater(() => rm(directory, { recursive: true, force: true }))
  const first = await startOver(directory)
  const clients = await Promise.all(
    DEVICES.map((id) =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${first.port}`, { username: id, password: secretOf(id) }),
    ),
  )
  for (const client of clients) undoLater(() => client.end(true))
  const tooEarly: number[] = []
  let acknowledged = 0
  await Promise.all(
    clients.flatMap((client, nth) =>
      Array.from({ length: 250 }, async (_, message) => {
        await client.publishAsync(readingsOf(DEVICES[nth] ?? ''), String(message), { qos: 1 })
        acknowledged += 1
        if (first.journal.durableEnd < acknowledged) tooEarly.push(acknowledged)
      }),
    ),
  )
  const body = Buffer.from('over HTTP')
  const authorization = `Basic ${btoa(`a:${secretOf('a')}`)}`
  expect(await first.gateway.takeReadings({ authorization, body })).toEqual({ status: 202, index: 1_000 })
  expect(tooEarly).toEqual([])
  await Promise.all(clients.map((client) => client.endAsync(true)))
  await first.stop()

  const second = await startOver(directory)
  const found = await readAll(second.journal)
  expect(found.length).toBe(1_001)
  for (const device of DEVICES) {
    const own = found.map((line) => line.split(' ')).filter(([, id]) => id === device)
    const texts = own.map(([, , ...text]) => text.join(' '))
    const sent = Array.from({ length: 250 }, (_, message) => String(message))
    expect(texts).toEqual(device === 'a' ? [...sent, 'over HTTP'] : sent)
  }
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterEach, expect, test } from 'vitest'
import { readingsOf, secretOf } from './harness.ts'
import { readAll, startOver } from './over-journal.ts'
import { undoAll, undoLater } from './raw-client.ts'

afterEach(undoAll)

const DEVICES = ['a', 'b', 'c', 'd']

test('over the real journal: every acknowledgement names a record that is on disk, also after a restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-gateway-'))
  undoLater(() => rm(directory, { recursive: true, force: true }))
  const first = await startOver(directory, DEVICES)
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

  const second = await startOver(directory, DEVICES)
  const found = await readAll(second.journal)
  expect(found.length).toBe(1_001)
  for (const device of DEVICES) {
    const own = found.map((line) => line.split(' ')).filter(([, id]) => id === device)
    const texts = own.map(([, , ...text]) => text.join(' '))
    const sent = Array.from({ length: 250 }, (_, message) => String(message))
    expect(texts).toEqual(device === 'a' ? [...sent, 'over HTTP'] : sent)
  }
})

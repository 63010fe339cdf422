import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../app/doors/disk.ts'
import type { Disk } from '../../journal/index.ts'
import { readingsOf, secretOf } from './harness.ts'
import { readAll, startOver } from './over-journal.ts'
import { pause, undoAll, undoLater, until } from './raw-client.ts'

afterEach(undoAll)

const DEVICES = Array.from({ length: 20 }, (_, nth) => `device-${nth}`)
/** The shortest there is; what a disk may take is in proportion to it. */
const KEEPALIVE_S = 1

/** The machine's disk, whose syncs take longer. */
function slowDisk(): Disk & { syncMs: number } {
  const disk = nodeDisk()
  const slow = {
    ...disk,
    syncMs: 0,
    open: async (...given: Parameters<Disk['open']>) => {
      const file = await disk.open(...given)
      return {
        ...file,
        sync: async () => {
          if (slow.syncMs > 0) await pause(slow.syncMs)
          await file.sync()
        },
      }
    },
  }
  return slow
}

async function startSlow(devices: string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-keepalive-'))
  undoLater(() => rm(directory, { recursive: true, force: true }))
  const disk = slowDisk()
  return { ...(await startOver(directory, devices, disk)), disk }
}

async function connected(port: number, device: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    username: device,
    password: secretOf(device),
    clientId: 'main',
    keepalive: KEEPALIVE_S,
    reconnectPeriod: 50,
  })
  undoLater(() => client.end(true))
  return client
}

describe('keepalive on a slow disk', () => {
  test('syncs of a fifth of it, as 2 s are of 10 s, disconnect nobody under load', async () => {
    const { port, disk, gateway } = await startSlow(DEVICES)
    const clients = await Promise.all(DEVICES.map((device) => connected(port, device)))
    let closed = 0
    for (const client of clients) client.on('close', () => (closed += 1))
    disk.syncMs = (KEEPALIVE_S * 1_000) / 5
    const endMs = performance.now() + 4_000
    let sent = 0
    const publishing = clients.map(async (client, nth) => {
      const topic = readingsOf(DEVICES[nth] ?? '')
      while (performance.now() < endMs) {
        // a window of them at a time: more wait for the disk than one sync takes along
        await Promise.all(Array.from({ length: 300 }, () => client.publishAsync(topic, 'x', { qos: 1 })))
        sent += 300
      }
    })
    await Promise.all(publishing)
    expect(closed).toBe(0)
    expect(gateway.stats()).toMatchObject({ connections: DEVICES.length, acknowledged: sent, refusals: {} })
    disk.syncMs = 0
  })

  test('one sync of twice it drops who has a whole window waiting; all is sent again, and nothing is lost', async () => {
    const { port, disk, gateway, journal } = await startSlow(['device-0'])
    const client = await connected(port, 'device-0')
    let closed = 0
    client.on('close', () => (closed += 1))
    disk.syncMs = KEEPALIVE_S * 2_000
    // the second half is not read while the first waits, and with it no PINGREQ
    const sent = Array.from({ length: 600 }, (_, nth) =>
      client.publishAsync(readingsOf('device-0'), String(nth), { qos: 1 }),
    )
    await until(() => closed > 0, 10_000)
    expect(gateway.stats()).toMatchObject({ acknowledged: 0, refusals: {} })
    disk.syncMs = 0
    await Promise.all(sent)
    await client.endAsync(true)
    const found = (await readAll(journal)).map((line) => Number(line.split(' ')[2]))
    expect(new Set(found)).toEqual(new Set(Array.from({ length: 600 }, (_, nth) => nth)))
    expect(found.length).toBeGreaterThan(600)
  })
})

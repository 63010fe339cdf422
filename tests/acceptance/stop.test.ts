import { randomBytes } from 'node:crypto'
import mqtt from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { dataLayout } from '../../app/layout.ts'
import { decodeRecord } from '../../domain/index.ts'
import { openJournal } from '../../journal/index.ts'
import { collectingLog } from '../gateway/harness.ts'
import { IsothermFolder, waitFor } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterAll(() => folder.remove())

const DEVICES = ['fridge-1', 'fridge-2']
/** What `stop()` waits for the journal at most, and what the other parts need besides. */
const STOP_MS_MAX = 15_000

/** Payloads of the journal, by device and number. */
async function journalled(): Promise<ReadonlySet<string>> {
  const journal = await openJournal({
    directory: dataLayout(folder.dataDir).journal,
    log: collectingLog([]),
    disk: nodeDisk(),
    clock: systemClock,
    random: { bytes: (count) => randomBytes(count) },
    spaceReserve: { share: 0, bytes: 0 },
  })
  const found = new Set<string>()
  const reading = new AbortController()
  let count = 0
  for await (const entries of journal.follow(0, reading.signal)) {
    for (const { bytes } of entries) {
      const { deviceId, payload } = decodeRecord(bytes)
      const { seq } = JSON.parse(Buffer.from(payload).toString()) as { seq: number }
      found.add(`${deviceId} ${seq}`)
      count += 1
    }
    if (count === journal.durableEnd) break
  }
  await journal.close()
  return found
}

test('SIGTERM under load: it ends with 0 in time, and everything acknowledged until then is in the journal', {
  timeout: 60_000,
}, async () => {
  const running = await folder.start(['start'], { ISOTHERM_JOURNAL_FREE_MIB: '1' })
  await folder.demoSite()
  const acknowledged: string[] = []
  let stopped = 0
  const clients = await Promise.all(
    DEVICES.map(async (device) => {
      const made = await folder.json(['device', 'create', device, '--site', 'clinic', '--simulated'])
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${running.mqttPort}`, {
        username: device,
        password: String(made['secret']),
        reconnectPeriod: 0,
      })
      client.on('error', () => undefined)
      client.once('close', () => (stopped += 1))
      return client
    }),
  )
  const publish = (client: (typeof clients)[number], device: string, seq: number): void => {
    const payload = JSON.stringify({ seq, temperature: 4 })
    client.publish(`isotherm/v1/${device}/readings`, payload, { qos: 1 }, (error) => {
      if (error !== undefined && error !== null) return
      acknowledged.push(`${device} ${seq}`)
      publish(client, device, seq + 100)
    })
  }
  for (const [nth, client] of clients.entries()) {
    for (let seq = 1; seq <= 100; seq += 1) publish(client, DEVICES[nth] ?? '', seq)
  }
  await waitFor(() => acknowledged.length > 2_000, 20_000)
  const beganMs = performance.now()
  expect(await running.stop()).toBe(0)
  expect(performance.now() - beganMs).toBeLessThan(STOP_MS_MAX)
  await waitFor(() => stopped === DEVICES.length, 5_000)
  const found = await journalled()
  expect(acknowledged.filter((each) => !found.has(each))).toEqual([])
  // what was under way was answered before the connections closed: no device has more than a window to send again
  expect(found.size - acknowledged.length).toBeLessThanOrEqual(DEVICES.length * 100)
})

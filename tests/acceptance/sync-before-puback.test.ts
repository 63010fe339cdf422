import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import { IsothermFolder, type RunningIsotherm } from '../support/isotherm.ts'
import { missingProgram } from '../support/services.ts'
import { readSystemCalls, straceWords } from '../support/system-calls.ts'
import { judgeAcknowledgements, type Sent } from './sync-before-puback.ts'

const missing = missingProgram('strace', 'strace')
const CONNECTIONS = 3
const MESSAGES_EACH = 100
/** Under way on each connection, so that several share a sync and new ones come while it lasts. */
const WINDOW = 10
/** A traced start takes longer. */
const READY_MS_MAX = 60_000

const folder = new IsothermFolder()
const journal = join(folder.dataDir, 'journal', 'readings')
afterAll(() => folder.remove())

/** Publishes on a connection of its own and adds what it sent; all of it is acknowledged when this resolves. */
async function publish(running: RunningIsotherm, secret: string, first: number, sent: Sent[]): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${running.mqttPort}`, {
    username: 'fridge-1',
    password: secret,
    reconnectPeriod: 0,
  })
  const { port } = (client.stream as Socket).address() as AddressInfo
  client.on('packetsend', (packet) => {
    if (packet.cmd !== 'publish') return
    const mark = /"seq":\d+,/.exec(String(packet.payload))?.[0] ?? ''
    sent.push({ mark, port, packetId: packet.messageId ?? 0 })
  })
  for (let at = 0; at < MESSAGES_EACH; at += WINDOW) {
    const window = Array.from({ length: WINDOW }, async (_, of) => {
      const payload = JSON.stringify({ at: Date.now(), seq: first + at + of, temperature: 4.2 })
      return client.publishAsync('isotherm/v1/fridge-1/readings', payload, { qos: 1 })
    })
    await Promise.all(window)
  }
  await client.endAsync()
}

test.skipIf(missing)(
  'no PUBACK leaves before the sync of its record has ended, seen from the kernel',
  {
    timeout: 120_000,
  },
  async () => {
    const traceFile = join(folder.dataDir, 'trace')
    const calls = ['pwrite64', 'pwritev', 'write', 'writev', 'sendto', 'sendmsg', 'fdatasync', 'fsync']
    const running = await folder.start(
      ['start'],
      {},
      { readyMsMax: READY_MS_MAX, under: straceWords(traceFile, calls) },
    )
    await folder.demoSite()
    const made = await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
    const sent: Sent[] = []
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, at) =>
        publish(running, String(made['secret']), (at + 1) * 100_000, sent),
      ),
    )
    expect(await running.stop()).toBe(0)

    const trace = readSystemCalls(readFileSync(traceFile, 'latin1'))
    const verdict = judgeAcknowledgements(trace, journal, sent)
    expect(verdict).toEqual({ proven: CONNECTIONS * MESSAGES_EACH, early: [] })
    // The name of the segment is durable before the first frame is written into it.
    const first = trace.findIndex(({ name, target, bytes }) => {
      return name === 'pwrite64' && target.startsWith(journal) && bytes.toString('latin1').startsWith('IFRM')
    })
    const named = trace.findIndex(({ name, target, answer }) => {
      return name === 'fsync' && target === journal && answer === 0
    })
    expect(named).toBeGreaterThan(0)
    expect(named).toBeLessThan(first)
  },
)

const SEGMENT = '</data/journal/readings/00000000000000000000.seg>'
const SOCKET = '<TCP:[127.0.0.1:1883->127.0.0.1:40000]>'
const WRITE = `2 pwrite64(9${SEGMENT}, "IFRM \\"seq\\":7, and so on", 23, 64) = 23`
const SHORT_WRITE = `2 pwrite64(9${SEGMENT}, "IFRM \\"seq\\":7, and so on", 23, 64) = 9`
const SYNC = `2 fdatasync(9${SEGMENT}) = 0`
const BEGIN = `2 fdatasync(9${SEGMENT} <unfinished ...>`
const END = '2 <... fdatasync resumed>) = 0'
const FAILED = `2 fdatasync(9${SEGMENT}) = -1 EIO (Input/output error)`
const ANSWER = `1 write(8${SOCKET}, "@\\2\\0\\5", 4) = 4`

test.each([
  ['after its sync', [WRITE, SYNC, ANSWER], 1, 0],
  ['after a sync that another thread ended', [WRITE, BEGIN, END, ANSWER], 1, 0],
  ['before the sync', [WRITE, ANSWER, SYNC], 0, 1],
  ['while the sync is under way', [WRITE, BEGIN, ANSWER, END], 0, 1],
  ['after a sync that began before the write ended', [BEGIN, WRITE, END, ANSWER], 0, 1],
  ['after a sync that failed', [WRITE, FAILED, ANSWER], 0, 1],
  ['after the sync of a part', [SHORT_WRITE, SYNC, ANSWER], 0, 1],
  ['without a record', [SYNC, ANSWER], 0, 1],
  ['twice, the first time early', [WRITE, ANSWER, SYNC, ANSWER], 1, 1],
] as const)('a PUBACK %s is judged from the trace', (_, lines, proven, early) => {
  const sent = [{ mark: '"seq":7,', port: 40_000, packetId: 5 }]
  const verdict = judgeAcknowledgements(readSystemCalls(lines.join('\n')), '/data/journal/readings', sent)
  expect([verdict.proven, verdict.early.length]).toEqual([proven, early])
})

test('a PUBACK for nothing that was sent is told', () => {
  const verdict = judgeAcknowledgements(readSystemCalls(ANSWER), '/data/journal/readings', [])
  expect(verdict.early).toEqual(['PUBACK 5 on port 40000 is for nothing that was sent'])
})

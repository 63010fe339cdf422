import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import { IsothermFolder, waitFor } from '../support/isotherm.ts'
import { missingProgram } from '../support/services.ts'
import { readSystemCalls, straceWords } from '../support/system-calls.ts'

const missing = missingProgram('strace', 'strace')
/** Which of its syncs of the segment fails, in whichever thread is the first to get there. */
const FAILING_SYNC = 4
/** More than all threads of the pool together sync without one of them getting there. */
const MESSAGES_MAX = 100
/** A traced start takes longer. */
const READY_MS_MAX = 60_000
const STORED_MS_MAX = 20_000

const folder = new IsothermFolder()
afterAll(() => folder.remove())

/** Publishes one after the other until the connection ends; answers the numbers that were acknowledged. */
async function publishUntilClosed(port: number, secret: string): Promise<number[]> {
  const url = `mqtt://127.0.0.1:${port}`
  const client = await mqtt.connectAsync(url, { username: 'fridge-1', password: secret, reconnectPeriod: 0 })
  const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)))
  const acknowledged: number[] = []
  for (let seq = 1; seq <= MESSAGES_MAX && client.connected; seq += 1) {
    const payload = JSON.stringify({ at: Date.now(), seq, temperature: 4.2 })
    const answered = client.publishAsync('isotherm/v1/fridge-1/readings', payload, { qos: 1 }).then(
      () => acknowledged.push(seq),
      () => undefined,
    )
    await Promise.race([answered, closed])
  }
  client.end(true)
  return acknowledged
}

test.skipIf(missing)(
  'a sync that the kernel fails is not asked for again: the process ends, and the next one recovers',
  {
    timeout: 120_000,
  },
  async () => {
    const segment = join(folder.dataDir, 'journal', 'readings', '00000000000000000000.seg')
    const traceFile = join(folder.dataDir, 'trace')
    const fault = ['-P', segment, '-e', `inject=fdatasync:error=EIO:when=${FAILING_SYNC}`]
    const under = straceWords(traceFile, ['pwrite64', 'fdatasync', 'fsync', 'ftruncate', 'close'], fault)
    const running = await folder.start(['start'], {}, { readyMsMax: READY_MS_MAX, under })
    const ended = once(running.process, 'close')
    await folder.demoSite()
    const made = await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
    const key = await folder.json(['key', 'create', 'tests', '--role', 'administrator'])

    const acknowledged = await publishUntilClosed(running.mqttPort, String(made['secret']))
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(acknowledged.length).toBeLessThan(MESSAGES_MAX)
    expect(await ended).toEqual([1, null])
    expect(running.output()).toContain('EIO')

    const trace = readSystemCalls(readFileSync(traceFile, 'latin1')).filter(
      ({ target }) => target === segment,
    )
    const failed = trace.findIndex(({ name, answer }) => name === 'fdatasync' && answer === -1)
    expect(failed).toBeGreaterThan(0)
    // Nothing but the closing of it.
    expect(new Set(trace.slice(failed + 1).map(({ name }) => name))).toEqual(new Set(['close']))
    const syncs = trace.filter(({ name, answer }) => name === 'fdatasync' && answer === 0)
    // The first sync is that of the header; each other one stands for a message.
    expect(acknowledged).toEqual(Array.from({ length: syncs.length - 1 }, (_, at) => at + 1))

    const again = await folder.start(['start'])
    const url = `http://127.0.0.1:${again.httpPort}/api/v1/readings?sensor=fridge-1/main&limit=1000`
    let stored: number[] = []
    await waitFor(async () => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${String(key['key'])}` } })
      const { items } = (await answer.json()) as { items: { seq: number }[] }
      stored = items.map(({ seq }) => seq).toSorted((one, other) => one - other)
      return stored.length >= acknowledged.length
    }, STORED_MS_MAX)
    // The one in doubt is there too, for its bytes were: it was never acknowledged, so its device sends it again.
    expect(stored.slice(0, acknowledged.length)).toEqual(acknowledged)
    expect(stored.length).toBeLessThanOrEqual(acknowledged.length + 1)
  },
)

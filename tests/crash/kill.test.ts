import type mqtt from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

/** How often the process is killed; the `crash` command to come does this hundreds of times. */
const KILLS = Number(process.env['ISOTHERM_TEST_KILLS'] ?? 3)
const SEED = Number(process.env['ISOTHERM_TEST_SEED'] ?? 1)
const ROUND_MS_MAX = 1_500
const WINDOW = 50

const stage = new Stage()
beforeAll(() => stage.open())
afterAll(() => stage.close())

/** A small generator (mulberry32), so that a failing round can be repeated by its seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Sent {
  readonly temperature: number
  acknowledged: boolean
}

/** Publishes numbered readings until the connection ends. */
async function load(client: mqtt.MqttClient, firstSeq: number, sent: Map<number, Sent>): Promise<void> {
  let seq = firstSeq
  const inFlight = new Set<Promise<unknown>>()
  while (client.connected) {
    const entry: Sent = { temperature: (seq % 4000) / 100, acknowledged: false }
    sent.set(seq, entry)
    const payload = JSON.stringify({ at: Date.now(), seq, temperature: entry.temperature })
    const done = client.publishAsync('isotherm/v1/fridge-1/readings', payload, { qos: 1 }).then(
      () => (entry.acknowledged = true),
      () => undefined,
    )
    inFlight.add(done)
    void done.finally(() => inFlight.delete(done))
    seq += 1
    if (inFlight.size >= WINDOW)
      await Promise.race([...inFlight, new Promise((later) => setTimeout(later, 100))])
  }
}

/** Every stored reading by its number. */
async function stored(): Promise<Map<number, number>> {
  const found = new Map<number, number>()
  let after = ''
  do {
    const page = await stage.get(`readings?sensor=fridge-1/main&limit=1000${after}`)
    for (const item of page['items'] as Record<string, number>[]) {
      found.set(item['seq'] ?? -1, item['temperature'] ?? Number.NaN)
    }
    const { next } = page as { next: string | null }
    after = next === null ? '' : `&after=${encodeURIComponent(next)}`
  } while (after !== '')
  return found
}

test(`after ${KILLS} kills at random instants under load nothing acknowledged is missing (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  const random = randomFrom(SEED)
  const sent = new Map<number, Sent>()
  for (let kill = 0; kill < KILLS; kill += 1) {
    const client = await stage.connect()
    client.on('error', () => undefined)
    const loading = load(client, (kill + 1) * 1_000_000, sent)
    await new Promise((later) => setTimeout(later, 200 + random() * ROUND_MS_MAX))
    await stage.running.kill()
    client.end(true)
    await loading
    await stage.restart()
  }
  const acknowledged = [...sent].filter(([, each]) => each.acknowledged)
  expect(acknowledged.length).toBeGreaterThan(KILLS * 20)
  await waitFor(async () => {
    const { messages } = (await stage.get('devices/fridge-1/balance')) as { messages: Record<string, number> }
    return messages['pending'] === 0 && (messages['journalled'] ?? 0) >= acknowledged.length
  }, 20_000)
  const found = await stored()
  const lost = acknowledged.filter(([seq, each]) => found.get(seq) !== each.temperature).map(([seq]) => seq)
  const phantom = [...found]
    .filter(([seq, value]) => sent.get(seq)?.temperature !== value)
    .map(([seq]) => seq)
  expect({ lost, phantom }).toEqual({ lost: [], phantom: [] })
  const balance = await stage.get('devices/fridge-1/balance')
  expect(balance['balanced']).toBe(true)
})

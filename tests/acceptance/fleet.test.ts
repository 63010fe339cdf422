import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CityPlan, type Fleet, startFleet } from '../../devices-sim/index.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

const HOUR_MS = 3_600_000
const stage = new Stage()
let fleet: Fleet | undefined

const name = { zh: '冷库', en: 'store' }
const sensor = { pointName: name, role: 'air', probe: 'air', offsetC: 0 } as const
const plan: CityPlan = {
  zone: 'Asia/Shanghai',
  organisations: [],
  supervisions: [],
  sites: [],
  places: [
    {
      id: 'room',
      site: 'clinic',
      parent: null,
      kind: 'cold-room',
      name,
      capacityLitres: null,
      setpointC: 5,
      busyHours: ['08:00-17:00'],
    },
    {
      id: 'fridge',
      site: 'clinic',
      parent: null,
      kind: 'refrigerator',
      name,
      capacityLitres: 395,
      setpointC: 4.5,
      busyHours: ['08:00-11:30'],
    },
  ],
  devices: [
    {
      id: 'room-logger',
      site: 'clinic',
      expectedIntervalSeconds: 60,
      sensors: [
        { ...sensor, name: 'a', place: 'room', point: 'room-a' },
        { ...sensor, name: 'b', place: 'room', point: 'room-b', offsetC: 1.2 },
      ],
    },
    {
      id: 'fridge-logger',
      site: 'clinic',
      expectedIntervalSeconds: 300,
      sensors: [{ ...sensor, name: 'main', place: 'fridge', point: 'fridge-1', probe: 'buffered' }],
    },
  ],
}

beforeAll(async () => {
  await stage.open()
})
afterAll(async () => {
  await fleet?.stop()
  await stage.close()
})

async function balance(device: string): Promise<Record<string, Record<string, number>>> {
  return (await stage.folder.json(['device', 'balance', device])) as Record<string, Record<string, number>>
}

test('a fleet hands in a day from its memory, stays live, and shows a failure as it happens', async () => {
  const secrets = new Map<string, string>()
  for (const { id } of plan.devices) secrets.set(id, await stage.device(id))
  const toMs = Date.now()
  const fromMs = toMs - 24 * HOUR_MS
  const told: number[] = []
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const made = startFleet({
    plan,
    secrets,
    mqtt: `mqtt://127.0.0.1:${stage.running.mqttPort}`,
    clock: systemClock,
    seed: 11,
    log: quiet,
  })
  fleet = made
  const handedIn = await made.handIn(fromMs, toMs, ({ acknowledged }) => told.push(acknowledged))
  expect(handedIn).toBe(24 * 60 * 2 + 24 * 12)
  expect(told.at(-1)).toBe(handedIn)
  await waitFor(async () => (await balance('room-logger'))['readings']?.['stored'] === 24 * 60 * 2, 20_000)
  expect(await balance('fridge-logger')).toMatchObject({
    readings: { stored: 24 * 12, held: 0, duplicate: 0 },
  })
  // what was handed in once is known: the same numbers and values, in a second run as well
  expect(await made.handIn(toMs - HOUR_MS, toMs)).toBe(60 * 2 + 12)
  await waitFor(async () => (await balance('fridge-logger'))['readings']?.['duplicate'] === 12, 20_000)
  expect(await balance('room-logger')).toMatchObject({
    readings: { stored: 24 * 60 * 2, held: 0, duplicate: 120 },
  })
  made.live()
  made.trigger('room', 'fan-failure', Date.now())
  const from = new Date(toMs).toISOString()
  await waitFor(
    async () => {
      const items = await stage.items(`readings?sensor=room-logger/b&from=${from}`)
      return items.some(({ temperature }) => Number(temperature) > 8)
    },
    90_000,
    () => JSON.stringify(made.counts()),
  )
  await made.stop()
  const { acknowledged, kept, notRecorded, connected } = made.counts()
  expect({ kept, notRecorded, connected }).toEqual({ kept: 0, notRecorded: 0, connected: 0 })
  expect(acknowledged).toBeGreaterThan(handedIn)
}, 180_000)

import { join, dirname } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSensorRegistration, type SensorRegistration } from '../../app/core/sensors.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { type Clock, type Log, Problem } from '../../domain/index.ts'
import { createCommands, type Facts, openFacts } from '../../store/index.ts'
import { openReadings, putRecord, type Readings, T0 } from '../store/readings-fixture.ts'
import { StepClock } from '../support/step-clock.ts'

let readings: Readings
let facts: Facts
let opened: SensorRegistration | undefined
let warned: string[]
beforeEach(async () => {
  warned = []
  opened = undefined
  readings = openReadings()
  facts = await openFacts({ path: join(dirname(readings.path), 'facts.db'), clock: systemClock })
  const commands = createCommands({ facts, clock: systemClock, random: systemRandom })
  const actor = { kind: 'local', id: 'test' } as const
  const names = { name: 'x', reason: '' }
  await commands.command('organisation.create', actor, {
    ...names,
    id: 'o',
    parent: null,
    kind: 'cdc',
    demo: true,
  })
  await commands.command('site.create', actor, {
    ...names,
    id: 's',
    organisation: 'o',
    zone: 'Asia/Shanghai',
  })
  await commands.command('device.create', actor, { id: 'd1', site: 's', kind: 'simulated' })
})
afterEach(async () => {
  await opened?.stop()
  await facts.close()
  readings.remove()
})

/** Registration that does not wait long, with facts that refuse `broken.times` times. */
function registration(
  broken: { times: number; code: 'core-unavailable' | 'store-damaged' },
  clock: Clock = { ...systemClock, sleep: (_ms, signal) => systemClock.sleep(1, signal) },
) {
  const failures: unknown[] = []
  const refusing: Facts = {
    ...facts,
    transact: (job) => {
      if (broken.times === 0) return facts.transact(job)
      broken.times -= 1
      return Promise.reject(new Problem(broken.code, { what: 'no facts', remedy: 'wait' }))
    },
  }
  const nothing = (): void => undefined
  const warn: Log['warn'] = (fields, message) => void warned.push(`${message} ${JSON.stringify(fields)}`)
  opened = openSensorRegistration({
    ...readings,
    facts: refusing,
    clock,
    log: { debug: nothing, info: nothing, warn, error: nothing },
    fail: (thrown) => failures.push(thrown),
  })
  return { registration: opened, failures }
}

async function sensors(): Promise<unknown[]> {
  const { rows } = await facts.snapshot()
  return rows.flatMap(({ table, row }) => (table === 'sensor' ? [`${row.device}/${row.name}`] : []))
}

test('facts that were unavailable are tried again without another reading', async () => {
  const { registration: sensing, failures } = registration({ times: 3, code: 'core-unavailable' })
  putRecord(readings, 0, [{ tMs: T0 }])
  sensing.look()
  await expect.poll(sensors).toEqual(['d1/main'])
  expect([warned.length, failures]).toEqual([3, []])
  expect(warned[0]).toContain('no facts')
})

test('anything else ends the core', async () => {
  const { registration: sensing, failures } = registration({ times: 1, code: 'store-damaged' })
  putRecord(readings, 0, [{ tMs: T0 }])
  sensing.look()
  await expect.poll(() => failures).toMatchObject([{ code: 'store-damaged' }])
})

test('devices the facts lack are named, a few of them, and the others are registered', async () => {
  const { registration: sensing } = registration({ times: 0, code: 'core-unavailable' })
  const strangers = Array.from({ length: 12 }, (_each, index) => ({ device: `x${index}`, tMs: T0 }))
  putRecord(readings, 0, [...strangers, { tMs: T0 }])
  sensing.look()
  sensing.look()
  await expect.poll(sensors).toEqual(['d1/main'])
  await sensing.stop()
  expect(warned).toEqual([
    'devices that sent are not registered here; their sensors are left out {"count":12,"devices":"x0, x1, x2, x3, x4"}',
  ])
  expect(readings.reads.cursor('sensors')).toBe(13)
})

test('stopping ends the waiting', async () => {
  const { registration: sensing } = registration({
    times: Number.POSITIVE_INFINITY,
    code: 'core-unavailable',
  })
  putRecord(readings, 0, [{ tMs: T0 }])
  sensing.look()
  await expect.poll(() => warned.length).toBeGreaterThan(1)
  await sensing.stop()
  const before = warned.length
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(warned.length).toBe(before)
})

test('the first is registered at once, and those that come within half a second together', async () => {
  let transactions = 0
  const counted = facts
  facts = {
    ...counted,
    transact: (job) => {
      transactions += 1
      return counted.transact(job)
    },
  }
  const clock = new StepClock(T0)
  const { registration: sensing } = registration({ times: 0, code: 'core-unavailable' }, clock)
  const names = ['a', 'b', 'c', 'd']
  for (const [index, sensor] of names.entries()) {
    putRecord(readings, index, [{ sensor, tMs: T0 }])
    sensing.look()
    await expect.poll(() => clock.sleeping).toBe(1)
  }
  expect([await sensors(), transactions]).toEqual([['d1/a'], 1])
  await clock.advance(500)
  await expect.poll(sensors).toEqual(names.map((name) => `d1/${name}`))
  expect(transactions).toBe(2)
  facts = counted
})

test('what came within the half second before a stop is registered', async () => {
  const clock = new StepClock(T0)
  const { registration: sensing } = registration({ times: 0, code: 'core-unavailable' }, clock)
  for (const [index, sensor] of ['a', 'b'].entries()) {
    putRecord(readings, index, [{ sensor, tMs: T0 }])
    sensing.look()
    await expect.poll(() => clock.sleeping).toBe(1)
  }
  expect(await sensors()).toEqual(['d1/a'])
  await sensing.stop()
  expect(await sensors()).toEqual(['d1/a', 'd1/b'])
})

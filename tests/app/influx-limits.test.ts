import { afterEach, beforeEach, expect, test } from 'vitest'
import { MINUTE_MS, START_MS } from '../alerts/judge-stage.ts'
import { type LimitsStage, openLimitsStage } from '../support/limits-stage.ts'

const reason = 'tested'
let limits: LimitsStage
beforeEach(async () => {
  limits = await openLimitsStage()
  limits.stage.advanceTo(34 * 60 + 30)
  await limits.settle()
})
afterEach(() => limits.close())

function at(hour: number, minute: number, second = 0): number {
  return START_MS + (hour * 60 + minute) * MINUTE_MS + second * 1_000
}

async function duty(is: 'in-service' | 'maintenance' | 'empty', fromMs = limits.nowMs()): Promise<void> {
  await limits.stage.command('duty.set', { place: 'room', duty: is, fromMs, reason })
}

/** Minutes of the day of what is written of a point at and after an instant. */
function writtenSince(fromMs: number): readonly number[] {
  const times = [...(limits.influx.points.get('p-1')?.keys() ?? [])].filter((tMs) => tMs >= fromMs)
  return times.map((tMs) => (tMs - START_MS) / MINUTE_MS).toSorted((a, b) => a - b)
}

/** The earliest begin of what was deleted since this was asked last; Infinity: nothing was. */
function deletedSince(): number {
  const deleted = limits.influx.deleted.splice(0)
  return Math.min(...deleted.map(({ fromMs = -Infinity }) => fromMs))
}

test('limits that change within an hour are there again after a correction', async () => {
  const key = { pack: 'cn-gsp-storage', version: 1, organisation: 'o', reason }
  await limits.stage.command('rules.activate', { ...key, fromMs: at(32, 20) })
  await duty('maintenance', at(30, 10))
  await duty('in-service', at(30, 40))
  await limits.settle()
  expect(limits.told('p-1', at(32, 20))).toMatchObject({ critical_high: '7.5' })
  expect(writtenSince(at(30, 1)).slice(0, 2)).toEqual([30 * 60 + 40, 31 * 60])
  await duty('empty', at(28, 30))
  await duty('in-service', at(28, 50))
  await limits.settle()
  const hours = [
    28 * 60 + 50,
    29 * 60,
    30 * 60,
    30 * 60 + 40,
    31 * 60,
    32 * 60,
    32 * 60 + 20,
    33 * 60,
    34 * 60,
  ]
  expect(writtenSince(at(28, 1))).toEqual(hours)
})

test('the label of what is put in is written, and taken back where it was not there after all', async () => {
  const { command } = limits.stage
  const label = { rangeMinMilliC: 3_000, rangeMaxMilliC: 6_000, freezeSensitive: true, lightSensitive: false }
  await command('product.create', { id: 'narrow', name: '窄', ...label })
  const lot = { id: 'narrow', product: 'narrow', number: 'n', maker: 'm', expiresOn: '2028-10-31' }
  await command('lot.create', lot)
  const stock = { lot: 'narrow', place: 'room', quantity: 10, reason }
  await command('custody.receive', { ...stock, atMs: at(30, 20) })
  await limits.settle()
  expect(limits.told('p-1', at(30, 20))).toEqual({ low: '3', high: '6' })
  expect(limits.lastTold('p-1', at(30, 19))).toEqual({ low: '2', high: '8' })
  deletedSince()
  // more of the same, and some of it taken out, changes no limit
  await command('custody.receive', { ...stock, atMs: at(31, 10) })
  await command('custody.issue', { ...stock, atMs: at(32, 10) })
  await limits.settle()
  expect(deletedSince()).toBe(Infinity)
  await command('custody.issue', { ...stock, atMs: at(33, 5) })
  await limits.settle()
  expect(deletedSince()).toBe(at(33, 5))
  expect(limits.told('p-1', at(33, 5))).toEqual({ low: '2', high: '8' })
  expect(limits.lastTold('p-1', at(33, 4))).toEqual({ low: '3', high: '6' })
})

test('an ordinary act takes nothing back', async () => {
  await duty('maintenance', at(26, 10))
  await duty('in-service', at(26, 20))
  await limits.settle()
  const key = { pack: 'cn-gsp-storage', version: 1, organisation: 'o', reason }
  const acts = [
    () => duty('maintenance'),
    () => duty('in-service'),
    () => limits.stage.command('rules.activate', key),
    () => limits.stage.command('rules.deactivate', key),
  ]
  limits.stage.pass(5)
  deletedSince()
  for (const [index, ordinary] of acts.entries()) {
    await ordinary()
    limits.stage.advance(100)
    await limits.settle()
    expect([index, deletedSince()]).toEqual([index, Infinity])
    limits.stage.pass(10)
  }
})

test('after a restart an ordinary act takes back what it changes and no more', async () => {
  await duty('maintenance', at(26, 10))
  await duty('in-service', at(26, 20))
  await limits.settle()
  limits.restart()
  await limits.settle()
  deletedSince()
  await duty('maintenance', at(34, 20))
  await limits.settle()
  expect(deletedSince()).toBe(at(34, 20))
})

test('an act within a minute of another takes back what that one has written', async () => {
  await duty('maintenance', at(34, 10))
  await limits.settle()
  await duty('in-service')
  limits.stage.advance(10_000)
  await limits.settle()
  expect(writtenSince(at(34, 1))).toContain(34 * 60 + 30)
  limits.stage.advance(20_000)
  await duty('maintenance', at(34, 30))
  await limits.settle()
  expect(writtenSince(at(34, 1))).toEqual([])
})

test('limits that change back after an answer was lost leave nothing behind', async () => {
  await duty('maintenance', at(34, 10))
  await limits.settle()
  limits.stage.advance(10_000)
  await duty('in-service')
  limits.influx.lose(1)
  await limits.step()
  expect(limits.told('p-1', at(34, 30, 10))).toBeDefined()
  await duty('maintenance', at(34, 30, 10))
  await limits.settle()
  expect(writtenSince(at(34, 1))).toEqual([])
})

test('an hour whose answer was lost is taken back too', async () => {
  limits.stage.pass(35)
  limits.influx.lose(1)
  await limits.step()
  expect(limits.told('p-1', at(35, 0))).toBeDefined()
  await duty('maintenance', at(34, 50))
  await limits.settle()
  expect(writtenSince(at(34, 31))).toEqual([])
})

test('an act that comes while what is written is found out after a start takes its limits back', async () => {
  // the newest act is about no limits
  limits.stage.advance(10_000)
  await limits.stage.command('site.create', {
    id: 's-2',
    organisation: 'o',
    name: '站',
    zone: 'Asia/Shanghai',
  })
  await limits.settle()
  limits.restart()
  const finding = limits.step()
  await duty('maintenance', at(33, 50))
  await finding
  await limits.settle()
  expect(limits.influx.points.get('p-1')?.has(at(34, 0))).toBe(false)
  expect(limits.influx.points.get('p-2')?.has(at(34, 0))).toBe(false)
})

test('limits that were to hold soon are there once they hold', async () => {
  await duty('maintenance', at(34, 10))
  await duty('in-service', at(34, 34))
  await limits.settle()
  limits.stage.pass(5)
  await limits.settle()
  expect(limits.told('p-1', at(34, 34))).toMatchObject({ low: '2', high: '8' })
})

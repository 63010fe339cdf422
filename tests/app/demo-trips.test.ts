import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findings, type PointInput } from '../../alerts/index.ts'
import { pointFactsOf } from '../../app/core/judge/point-facts.ts'
import { furnish } from '../../app/demo/furnish.ts'
import { episodesOf, episodesOfDay, SEED, timesOf } from '../../app/demo/script.ts'
import { dutyChanges, enterDuties } from '../../app/demo/trips.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import { xicheng } from '../../devices-sim/index.ts'
import { Episodes } from '../../devices-sim/episodes.ts'
import { createUnit } from '../../devices-sim/physics/unit.ts'
import { Sampler } from '../../devices-sim/sampler.ts'
import { excursionsOf, type Finding, milliFromDecimal, type RulePack } from '../../domain/index.ts'
import { createCommands, createFactsView, openFacts } from '../../store/index.ts'
import { countingRandom, HASH } from '../store/facts/setup.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const at = (text: string): number => Date.parse(`${text}+08:00`)
/** A Thursday morning: the van of Yundong is on its round. */
const START_MS = at('2026-11-26T09:20')
const travelling = xicheng.places.filter(({ kind }) => kind === 'vehicle' || kind === 'box')
const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

/** The facts of the city, made as the first start makes them. */
const folder = mkdtempSync(join(tmpdir(), 'iso-trips-'))
const clock = new SimulatedClock(START_MS)
const view = createFactsView()
let packs: readonly RulePack[]
let facts: Awaited<ReturnType<typeof openFacts>>
let commands: ReturnType<typeof createCommands>
const entered = (place: string) =>
  view.dutiesOf(place, always).map(({ duty, validFrom, recordedBy }) => [duty, validFrom, recordedBy])

beforeAll(async () => {
  packs = await readRulePacks()
  facts = await openFacts({ path: join(folder, 'facts.sqlite'), clock })
  commands = createCommands({ facts, clock, random: countingRandom() })
  facts.onChange((change) => {
    view.apply(change)
  })
  view.load(await facts.snapshot())
  const passwords = { hash: async () => HASH }
  await furnish({ commands, view, passwords, nowMs: START_MS, days: 7 })
}, 60_000)

afterAll(async () => {
  await facts.close()
  rmSync(folder, { recursive: true })
})

/** What sensors of a place recorded in the week before the start, judged as the core judges it. */
function judged(place: string, isPlayed: boolean): readonly Finding[] {
  const times = timesOf(START_MS, 7)
  const episodes = new Episodes(xicheng, (target) => (isPlayed ? episodesOf(target, times) : []))
  const devices = xicheng.devices.filter(({ sensors }) => sensors.some((each) => each.place === place))
  const planned = xicheng.places.filter(({ id }) => id === place)
  const points = devices.flatMap((device) => {
    const units = planned.map((each) => {
      const { sensors } = device
      const effectsAt = (atMs: number) => episodes.reaching(each.id)(atMs).effects
      const unit = createUnit({ place: each, sensors, zone: xicheng.zone, seed: SEED, effectsAt })
      return [each.id, { place: each, unit, sensors }] as const
    })
    const sampler = new Sampler(device, new Map(units), episodes.reaching(device.id), SEED)
    const rows: { sensor: string | undefined; tMs: number; value: number }[] = []
    const end = sampler.numberFrom(START_MS)
    for (let number = sampler.numberFrom(times.historyFromMs); number < end; number += 1) {
      for (const { at: tMs, sensor, temperature } of sampler.record(number)) {
        rows.push({ sensor, tMs, value: milliFromDecimal(temperature) })
      }
    }
    return device.sensors.flatMap(({ name, point }): PointInput[] => {
      const known = pointFactsOf(view, packs, point)
      const readings = rows.filter(({ sensor }) => sensor === name)
      return known === undefined ? [] : [{ ...known, quantity: 'temperature', readings }]
    })
  })
  expect(points.length).toBeGreaterThan(0)
  expect(points.filter(({ rules }) => rules.length === 0)).toEqual([])
  return findings({ points }, START_MS)
}

describe('vehicles and boxes of the demonstration', () => {
  test('went on every duty of the week, and are on the trip that is under way', () => {
    for (const { id } of travelling) {
      const known = entered(id)
      expect(known.filter(([, atMs]) => Number(atMs) > START_MS)).toEqual([])
      expect(known.every(([, , by]) => by === 'system:demo-script')).toBe(true)
      expect([id, known.filter(([duty]) => duty === 'on-trip').length]).toEqual([id, 7])
    }
    expect(view.dutyOf('yundong-van', START_MS)).toBe('on-trip')
    expect(view.dutyOf('yundong-van', at('2026-11-25T13:00'))).toBe('empty')
    expect(view.dutyOf('yundong-van', at('2026-11-25T07:30'))).toBe('pre-cooling')
  })

  test.each(travelling.map(({ id }) => id))('%s is judged, and an ordinary week raises nothing', (id) => {
    expect(judged(id, false)).toEqual([])
  })

  test('a lid that was left open for half an hour is seen, too warm for some minutes and over', () => {
    const found = excursionsOf(judged('school-box-2', true))
    expect(found.map(({ rule, endReason, direction }) => [rule, endReason, direction])).toEqual([
      ['cn-2017-cdc-clinic-transport/warm-range', 'recovered', 'warm'],
    ])
    expect(found[0]?.startMs).toBeGreaterThan(at('2026-11-23T10:15'))
    expect(found[0]?.endMs).toBeLessThanOrEqual(at('2026-11-23T11:20'))
    expect(found[0]?.peakMilliC).toBeGreaterThan(8_000)
    expect(found[0]?.peakMilliC).toBeLessThan(10_000)
  })

  test('go on duties as time passes, each once, however often it is looked', async () => {
    const before = entered('cdc-truck').length
    const laterMs = at('2026-11-26T11:30')
    await clock.runTo(laterMs)
    for (let look = 0; look < 3; look += 1) await enterDuties({ commands, view }, START_MS, laterMs)
    expect(entered('cdc-truck').slice(before)).toEqual([['empty', laterMs, 'system:demo-script']])
    expect(entered('yundong-van').at(-1)?.[0]).toBe('on-trip')
  })

  test('after a month without the demonstration have ended the trip they were on, and a week of others', async () => {
    const laterMs = at('2026-12-26T20:00')
    await clock.runTo(laterMs)
    await enterDuties({ commands, view }, START_MS, laterMs)
    const since = entered('yundong-van').filter(([, atMs]) => Number(atMs) > at('2026-11-26T11:30'))
    expect(since[0]).toEqual(['empty', at('2026-11-26T12:00'), 'system:demo-script'])
    expect(Number(since[1]?.[1])).toBe(at('2026-12-20T07:15'))
    expect(since.filter(([duty]) => duty === 'on-trip')).toHaveLength(7)
    expect(view.dutyOf('yundong-van', laterMs)).toBe('empty')
  })
})

test('changes of duty are those of the schedule, in order', () => {
  const day = dutyChanges(at('2026-11-26T00:00'), at('2026-11-27T00:00'))
  expect(day).toHaveLength(travelling.length * 3)
  expect(day[0]).toEqual({ place: 'depot-truck', duty: 'pre-cooling', atMs: at('2026-11-26T05:45') })
  expect(day.at(-1)).toMatchObject({ duty: 'empty', atMs: at('2026-11-26T12:00') })
})

test('the van loses its signal for 27 min at 10:05 of every day in Xicheng', () => {
  const gap = (text: string) => episodesOfDay(at(text))
  const fromMs = at('2026-11-26T10:05')
  const wanted = { scenario: 'network-gap', fromMs, toMs: fromMs + 27 * 60_000 }
  expect(gap('2026-11-26T00:00')).toEqual([{ target: 'yundong-van-logger', ...wanted }])
  expect(gap('2026-11-26T23:59')).toEqual(gap('2026-11-26T00:00'))
  expect(gap('2026-11-27T00:00')[0]?.fromMs).toBe(fromMs + DAY_MS)
})

import { describe, expect, test } from 'vitest'
import { pastChecks } from '../../app/demo/checks.ts'
import { lots } from '../../app/demo/lots.ts'
import { persons, recipientsOf } from '../../app/demo/people.ts'
import { products } from '../../app/demo/products.ts'
import {
  deliveriesOf,
  episodesOf,
  pastOf,
  freeze,
  rescuedMs,
  SHOWPIECE_PLACE,
  timesOf,
} from '../../app/demo/script.ts'
import { xicheng } from '../../devices-sim/index.ts'
import { isName, placeKinds } from '../../domain/index.ts'

const ids = (things: readonly { readonly id: string }[]) => things.map(({ id }) => id)
const sensors = xicheng.devices.flatMap((device) => device.sensors)
const names = [
  ...xicheng.organisations,
  ...xicheng.sites,
  ...xicheng.places,
  ...sensors.map(({ pointName }) => ({ name: pointName })),
  ...products,
].map(({ name }) => name)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describe('the city of the demonstration', () => {
  test('has the size that is promised', () => {
    expect({
      sites: xicheng.sites.length,
      points: sensors.length,
      vehicles: xicheng.places.filter(({ kind }) => kind === 'vehicle').length,
      departments: xicheng.organisations.filter(({ kind }) => kind.endsWith('regulator')).length,
      products: products.length,
      lots: lots.length,
    }).toEqual({ sites: 12, points: 56, vehicles: 3, departments: 2, products: 14, lots: 60 })
  })

  test('has valid ids, each once', () => {
    for (const list of [
      ids(xicheng.organisations),
      ids(xicheng.sites),
      ids(xicheng.places),
      ids(xicheng.devices),
      sensors.map(({ point }) => point),
      ids(products),
      ids(lots),
      persons.map(({ name }) => name),
    ]) {
      expect(list.filter((id) => !isName(id))).toEqual([])
      expect(new Set(list).size).toBe(list.length)
    }
  })

  test('has every name in both languages', () => {
    expect(names.filter(({ zh }) => !/\p{Script=Han}/u.test(zh))).toEqual([])
    expect(names.filter(({ en }) => !/^[\p{Script=Latin}\d (),-]+$/u.test(en))).toEqual([])
  })

  test('hangs together: parents before children, everything somewhere, every place measured', () => {
    const seen = new Set<string>()
    for (const { id, parent } of xicheng.organisations) {
      expect(parent === null || seen.has(parent)).toBe(true)
      seen.add(id)
    }
    const places = ids(xicheng.places)
    const sites = ids(xicheng.sites)
    expect(xicheng.sites.filter(({ organisation }) => !seen.has(organisation))).toEqual([])
    expect(xicheng.places.filter(({ site }) => !sites.includes(site))).toEqual([])
    expect(xicheng.places.filter(({ kind }) => !placeKinds.includes(kind))).toEqual([])
    expect(sensors.filter(({ place }) => !places.includes(place))).toEqual([])
    expect(places.filter((id) => !sensors.some(({ place }) => place === id))).toEqual([])
    for (const { site, sensors: own } of xicheng.devices) {
      const homes = own.map(({ place }) => xicheng.places.find((each) => each.id === place)?.site)
      expect(new Set(homes)).toEqual(new Set([site]))
    }
    for (const { supervisor, supervised } of xicheng.supervisions) {
      expect(xicheng.organisations.find(({ id }) => id === supervisor)?.kind).toMatch(/regulator$/)
      expect(seen.has(supervised)).toBe(true)
    }
  })

  test('keeps every lot where its label allows it', () => {
    for (const { id, product, stock } of lots) {
      const range = products.find((each) => each.id === product)?.rangeC ?? [Number.NaN, Number.NaN]
      expect(Object.keys(stock)).not.toEqual([])
      for (const [place, quantity] of Object.entries(stock)) {
        const setpointC = xicheng.places.find((each) => each.id === place)?.setpointC ?? Number.NaN
        expect({ id, place, fits: setpointC >= range[0] && setpointC <= range[1] }).toEqual({
          id,
          place,
          fits: true,
        })
        expect(Number.isSafeInteger(quantity) && quantity > 0).toBe(true)
      }
    }
  })

  test('has the lots people will look for', () => {
    const there = (place: string) => lots.filter(({ stock }) => stock[place] !== undefined)
    expect(lots.filter(({ expiresInDays }) => expiresInDays < 0)).toHaveLength(1)
    expect(lots.filter(({ expiresInDays: days }) => days >= 0 && days < 30)).toHaveLength(2)
    expect(Math.max(...lots.map(({ stock }) => Object.keys(stock).length))).toBe(5)
    expect(there(SHOWPIECE_PLACE)).toHaveLength(12)
    const inFridge = there('dongqiao-fridge-1').map(({ product }) => product)
    expect(new Set(inFridge).size).toBeLessThan(inFridge.length)
    expect(there(freeze.refuge).filter((lot) => there(freeze.place).includes(lot))).toEqual([])
  })

  test('calls three people for the showpiece and somebody for every other place', () => {
    const counts = xicheng.places.map(({ id }) => [id, recipientsOf(id).length] as const)
    expect(counts.filter(([id, count]) => count !== (id === SHOWPIECE_PLACE ? 3 : 1))).toEqual([])
  })
})

describe('the script of the past', () => {
  const targets = [...ids(xicheng.places), ...ids(xicheng.devices)]

  test('knows every place and device it names, and is over an hour before the first start, whenever that is', () => {
    for (let hour = 0; hour < 24; hour += 1) {
      const firstStartMs = Date.UTC(2026, 10, 26, hour, 17, 5)
      const times = timesOf(firstStartMs, 7)
      const episodes = targets.flatMap((target) => pastOf(target, times))
      expect(episodes).toHaveLength(7)
      for (const { fromMs, toMs } of episodes) {
        expect(toMs).toBeLessThanOrEqual(firstStartMs - HOUR_MS)
        expect(fromMs).toBeGreaterThanOrEqual(times.historyFromMs)
      }
    }
  })

  test('is not all of it: a clock is wrong, a battery low and a probe unplugged at the first start', () => {
    const times = timesOf(Date.UTC(2026, 10, 26, 1, 2, 3), 1)
    const begun = targets.flatMap((target) => {
      const over = pastOf(target, times).length
      return episodesOf(target, times)
        .slice(over)
        .map(({ scenario, fromMs, toMs }) => {
          return [target, scenario, ...[fromMs, toMs].map((atMs) => (atMs - times.firstStartMs) / HOUR_MS)]
        })
    })
    expect(begun).toEqual([
      ['dongqiao-desk-3-logger', 'unplugged-probe', -2 / 3, 22 / 3],
      ['bite-fridge-2-logger', 'power-up-85', -5, -5 + 1 / 6],
      ['adult-fridge-logger', 'clock-skew', -2, 8],
      ['school-box-1-logger', 'low-battery', -20, 52],
    ])
  })

  test('freezes the refrigerator at 02:40 in Xicheng, in the last night that is over', () => {
    const at = (text: string): number => Date.parse(`${text}+08:00`)
    const freezes = (text: string) => episodesOf(freeze.place, timesOf(at(text), 7))[0]?.fromMs
    expect(freezes('2026-11-26T08:13')).toBe(at('2026-11-26T02:40'))
    expect(freezes('2026-11-26T06:54')).toBe(at('2026-11-25T02:40'))
    expect(freezes('2026-11-26T06:55')).toBe(at('2026-11-26T02:40'))
    expect(rescuedMs(timesOf(at('2026-11-26T08:13'), 7))).toBe(at('2026-11-26T04:40'))
  })

  test('carries no more than there is, from where it is', () => {
    const times = timesOf(Date.UTC(2026, 10, 26, 1, 2, 3), 7)
    const left = new Map(
      lots.flatMap(({ id, stock }) =>
        Object.entries(stock).map(([place, quantity]) => [`${id} ${place}`, quantity] as const),
      ),
    )
    const carried = deliveriesOf(times)
    expect(carried).toHaveLength(7)
    for (const { lot, from, to, quantity, atMs } of carried) {
      const rest = (left.get(`${lot} ${from}`) ?? 0) - quantity
      expect(rest).toBeGreaterThanOrEqual(0)
      expect(atMs).toBeGreaterThan(times.historyFromMs)
      left.set(`${lot} ${from}`, rest)
      left.set(`${lot} ${to}`, (left.get(`${lot} ${to}`) ?? 0) + quantity)
    }
    expect(deliveriesOf({ ...times, historyFromMs: times.firstStartMs })).toEqual([])
  })

  test('begins the history on a whole minute', () => {
    const times = timesOf(Date.UTC(2026, 10, 26, 1, 2, 3), 7)
    expect(times.historyFromMs).toBe(Date.UTC(2026, 10, 26, 1, 2) - 7 * DAY_MS)
  })
})

describe('the rounds of the past', () => {
  /** Asia/Shanghai has no summer time. */
  const local = (atMs: number) => new Date(atMs + 8 * HOUR_MS).toISOString().slice(0, 16)
  const times = timesOf(Date.parse('2026-11-26T14:30:00+08:00'), 7)
  const checks = pastChecks(times)
  const stored = xicheng.places.filter(
    ({ id, kind }) => kind !== 'vehicle' && kind !== 'box' && id !== 'hekou-spare',
  )
  const ofPlace = (place: string) =>
    checks.filter((each) => each.place === place).map(({ atMs }) => local(atMs))

  test('lead to every storage unit in the morning and in the afternoon, six hours apart and more', () => {
    expect(new Set(checks.map(({ place }) => place))).toEqual(new Set(ids(stored)))
    for (const { id, site } of stored.filter((place) => place.site !== 'hekou-clinic')) {
      const clocks = ofPlace(id).map((at) => at.slice(11))
      const mornings = clocks.filter((at) => at >= '08:00' && at <= '08:30')
      const afternoons = clocks.filter((at) => at >= '15:00' && at <= '15:40')
      // on the day of the first start it is half past two
      expect([site, mornings.length, afternoons.length]).toEqual([site, 7, 7])
      expect(clocks).toHaveLength(14)
    }
  })

  test('are in order, within the history, and each once', () => {
    const keys = checks.map(({ place, atMs }) => `${place} ${atMs}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(checks.map(({ atMs }) => atMs)).toEqual(checks.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
    expect(checks.every(({ atMs }) => atMs > times.historyFromMs && atMs < times.firstStartMs)).toBe(true)
  })

  test('leave out Hekou on some mornings, and never in the afternoon', () => {
    const days = ofPlace('hekou-ilr')
    const mornings = days.filter((at) => at.slice(11) < '12:00')
    expect([mornings.length, days.length - mornings.length]).toEqual([5, 7])
  })
})

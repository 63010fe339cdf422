import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createUnit, type Unit } from '../../devices-sim/physics/unit.ts'
import type { PlannedPlace, PlannedSensor } from '../../devices-sim/index.ts'
import { thermalOf } from '../../devices-sim/physics/thermal.ts'
import type { Effects } from '../../devices-sim/scenarios.ts'
import { DAY_MS, HOUR_MS, MIDNIGHT_MS, MINUTE_MS, place, sensor } from './city.ts'

const zone = 'Asia/Shanghai'
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const runs = { numRuns: 15 }

function unitOf(
  seed: number,
  of: PlannedPlace,
  sensors: readonly PlannedSensor[] = [sensor()],
  effectsAt: (atMs: number) => Effects = () => ({}),
): Unit {
  return createUnit({ place: of, sensors, zone, seed, effectsAt })
}

/** What the probes of a unit have over a time, every minute: the least and the most of each. */
function ranges(unit: Unit, fromMs: number, toMs: number): readonly (readonly [number, number])[] {
  let found: (readonly [number, number])[] = []
  for (let atMs = fromMs; atMs < toMs; atMs += MINUTE_MS) {
    found = unit.at(atMs).probesC.map((probeC, index) => {
      const [least, most] = found[index] ?? [probeC, probeC]
      return [Math.min(least, probeC), Math.max(most, probeC)]
    })
  }
  return found
}

describe('in normal operation', () => {
  const hours = fc.constantFrom([], ['08:00-11:30', '13:30-16:30'], ['00:00-24:00'], ['22:00-06:00'])

  test('the buffered probe of a refrigerator stays in 2 to 8 degC', () => {
    const litres = fc.constantFrom(60, 130, 395, 626, null)
    const kinds = fc.constantFrom('refrigerator', 'ice-lined-refrigerator', 'compartment')
    const drawn = fc.record({ seed: seeds, capacityLitres: litres, kind: kinds, busyHours: hours })
    fc.assert(
      fc.property(drawn, fc.double({ min: 4, max: 5.5, noNaN: true }), ({ seed, ...own }, setpointC) => {
        const unit = unitOf(seed, place({ ...own, setpointC }))
        const [[least, most] = [0, 0]] = ranges(unit, MIDNIGHT_MS, MIDNIGHT_MS + 2 * DAY_MS)
        expect(least).toBeGreaterThan(2)
        expect(most).toBeLessThan(8)
        expect(most - least).toBeGreaterThan(0.1)
      }),
      runs,
    )
  })

  test('the points of a cold room stay in 2 to 8 degC, the hot spot below the critical 7.5', () => {
    fc.assert(
      fc.property(seeds, hours, (seed, busyHours) => {
        const sensors = [
          sensor({ probe: 'air', role: 'air', offsetC: -0.6 }),
          sensor({ probe: 'air', role: 'air', offsetC: 1.2 }),
          sensor(),
        ]
        const unit = unitOf(seed, place({ kind: 'cold-room', busyHours }), sensors)
        for (const [least, most] of ranges(unit, MIDNIGHT_MS, MIDNIGHT_MS + 2 * DAY_MS)) {
          expect(least).toBeGreaterThan(2)
          expect(most).toBeLessThan(7.5)
        }
      }),
      runs,
    )
  })

  test.each([
    ['freezer', -22, -25, -19],
    ['freezer-room', -22, -25, -18],
    ['ultra-low-freezer', -80, -83, -76],
  ] as const)('a %s at %d degC stays between %d and %d', (kind, setpointC, least, most) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [[low, high] = [0, 0]] = ranges(
          unitOf(seed, place({ kind, setpointC })),
          MIDNIGHT_MS,
          MIDNIGHT_MS + DAY_MS,
        )
        expect(low).toBeGreaterThan(least)
        expect(high).toBeLessThan(most)
      }),
      runs,
    )
  })

  test('a vehicle is cold when its trip begins, warm when it is parked, and drives a round', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const unit = unitOf(seed, place({ kind: 'vehicle', busyHours: ['08:00-12:00'] }))
        const home = unit.at(MIDNIGHT_MS + 7 * HOUR_MS).position
        expect(unit.at(MIDNIGHT_MS + 7 * HOUR_MS).airC).toBeGreaterThan(8)
        for (let minute = 0; minute < 240; minute += 5) {
          const [probeC = 99] = unit.at(MIDNIGHT_MS + 8 * HOUR_MS + minute * MINUTE_MS).probesC
          expect(probeC).toBeGreaterThan(2)
          expect(probeC).toBeLessThan(8)
        }
        const away = unit.at(MIDNIGHT_MS + 9 * HOUR_MS).position
        expect(away).not.toEqual(home)
        expect(unit.at(MIDNIGHT_MS + 20 * HOUR_MS).position).toEqual(home)
        expect(unit.at(MIDNIGHT_MS + 20 * HOUR_MS).mainsPower).toBeUndefined()
      }),
      runs,
    )
  })

  test('a box warms slowly while it is used, and is cold again the next morning', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const unit = unitOf(seed, place({ kind: 'box', capacityLitres: 12, busyHours: ['08:30-11:30'] }))
        const [before = 0, after = 0, next = 0] = [8, 11.5, 32].map(
          (hour) => unit.at(MIDNIGHT_MS + hour * HOUR_MS).contentsC,
        )
        expect(after - before).toBeGreaterThan(0.3)
        expect(after - before).toBeLessThan(4)
        expect(Math.abs(next - 4.5)).toBeLessThan(0.2)
      }),
      runs,
    )
  })
})

describe('energy', () => {
  const units = [
    ['cold-room', 5],
    ['freezer-room', -22],
    ['refrigerator', 4.5],
    ['ice-lined-refrigerator', 4],
    ['freezer', -22],
    ['ultra-low-freezer', -80],
  ] as const
  const kinds = fc.constantFrom(...units)

  test('without power a unit warms by what is stated, in proportion to the difference', () => {
    fc.assert(
      fc.property(seeds, kinds, (seed, [kind, setpointC]) => {
        const of = place({ kind, setpointC, busyHours: [] })
        const cutMs = MIDNIGHT_MS + 12 * HOUR_MS
        const unit = unitOf(seed, of, [], (atMs) => (atMs >= cutMs ? { noPower: true } : {}))
        // the first hour goes to the difference between air and contents
        const before = unit.at(cutMs + HOUR_MS)
        const after = unit.at(cutMs + 2 * HOUR_MS)
        const middleC = (before.contentsC + after.contentsC) / 2
        const stated = (thermalOf(of).lossKph * (before.ambientC - middleC)) / (22 - setpointC)
        expect((after.contentsC - before.contentsC) / stated).toBeGreaterThan(0.85)
        expect((after.contentsC - before.contentsC) / stated).toBeLessThan(1.15)
        expect(after.mainsPower).toBe(false)
      }),
      { numRuns: 40 },
    )
  })

  test('an ice-lined refrigerator holds 20 h without power', () => {
    const cutMs = MIDNIGHT_MS + 4 * HOUR_MS
    const of = place({ kind: 'ice-lined-refrigerator', setpointC: 4, busyHours: [] })
    const unit = unitOf(5, of, [sensor()], (atMs) => (atMs >= cutMs ? { noPower: true } : {}))
    expect(unit.at(cutMs + 20 * HOUR_MS).probesC[0]).toBeLessThan(8)
  })
})

test('the same seed gives the same values at an instant, whoever asks and in which order', () => {
  const instants = fc.uniqueArray(fc.integer({ min: 0, max: 3 * 24 * 3600 }), { minLength: 2, maxLength: 12 })
  const kinds = fc.constantFrom('cold-room', 'refrigerator', 'vehicle', 'box')
  fc.assert(
    fc.property(seeds, kinds, instants, (seed, kind, seconds) => {
      const of = place({ kind })
      const sensors = [sensor(), sensor({ probe: 'air' }), sensor({ role: 'ambient' })]
      const one = unitOf(seed, of, sensors)
      const other = unitOf(seed, of, sensors)
      const values = new Map(seconds.map((second) => [second, one.at(MIDNIGHT_MS + second * 1000)]))
      for (const second of seconds.toSorted((a, b) => a - b)) {
        expect(other.at(MIDNIGHT_MS + second * 1000)).toEqual(values.get(second))
      }
      const another = unitOf(seed ^ 1, of, sensors)
      expect(seconds.map((second) => another.at(MIDNIGHT_MS + second * 1000))).not.toEqual([
        ...values.values(),
      ])
    }),
    runs,
  )
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Episode,
  type PlannedPlace,
  type PlannedSensor,
  type ScenarioName,
  scenarioNames,
  scenarioPlan,
  scenarios,
} from '../../devices-sim/index.ts'
import { Episodes } from '../../devices-sim/episodes.ts'
import { createUnit } from '../../devices-sim/physics/unit.ts'
import { Sampler } from '../../devices-sim/sampler.ts'
import { HOUR_MS, MIDNIGHT_MS, MINUTE_MS, onUnit, place, plan, sensor } from './city.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const air = sensor({ probe: 'air', role: 'air' })

interface Played {
  readonly seed?: number
  readonly unit?: PlannedPlace
  readonly sensors?: readonly PlannedSensor[]
  readonly intervalSeconds?: number
}

/** The device of one unit on which these episodes are played. */
function played(episodes: readonly Episode[], of: Played = {}): Sampler {
  const { seed = 3, unit = place(), sensors = [sensor()], intervalSeconds = 60 } = of
  const city = plan(unit, sensors, intervalSeconds)
  const known = new Episodes(city, onUnit(...episodes))
  const activeAt = known.reaching('unit')
  const model = createUnit({
    place: unit,
    sensors,
    zone: city.zone,
    seed,
    effectsAt: (atMs) => activeAt(atMs).effects,
  })
  const units = new Map([['unit', { place: unit, unit: model, sensors }]])
  const [device] = city.devices
  if (device === undefined) throw new Error('the plan has a device')
  return new Sampler(device, units, known.reaching(device.id), seed)
}

function from(scenario: ScenarioName, fromMs: number, lastsMs = scenarios[scenario].lastsMs): Episode {
  return { scenario, fromMs, toMs: fromMs + lastsMs }
}

/** Temperatures of the nth sensor, from `fromMs` until before `toMs`. */
function temperatures(device: Sampler, fromMs: number, toMs: number, nth = 0): number[] {
  const found: number[] = []
  for (let number = device.numberFrom(fromMs); device.instantOf(number) < toMs; number += 1) {
    found.push(device.record(number)[nth]?.temperature ?? Number.NaN)
  }
  return found
}

describe('units', () => {
  test('fan-failure: a cold room passes 7.5 and then 8.0 within about a minute, and is well again afterwards', () => {
    const unit = place({ kind: 'cold-room', setpointC: 5 })
    const minutes = fc.integer({ min: 0, max: 24 * 60 - 1 })
    fc.assert(
      fc.property(seeds, minutes, (seed, minute) => {
        const startMs = MIDNIGHT_MS + minute * MINUTE_MS
        const device = played([from('fan-failure', startMs)], { seed, unit, sensors: [air] })
        const shown = (seconds: number) => device.shown(startMs + seconds * 1000)[0]?.temperature ?? 0
        expect(shown(-5)).toBeLessThan(7.5)
        const passed = [7.5, 8].map((limit) => {
          let seconds = 0
          while (seconds < 600 && shown(seconds) <= limit) seconds += 5
          return seconds
        })
        expect(passed[0]).toBeLessThanOrEqual(60)
        expect(passed[1]).toBeLessThanOrEqual(75)
        expect(shown(14 * 60)).toBeGreaterThan(8)
        expect(shown(3600)).toBeLessThan(7.5)
      }),
      { numRuns: 20 },
    )
  })

  test('thermostat-drift: the classic freeze, below 2 and then below 0 degC, and back', () => {
    const startMs = MIDNIGHT_MS + 2 * HOUR_MS
    const device = played([from('thermostat-drift', startMs)])
    const night = temperatures(device, startMs, startMs + 195 * MINUTE_MS)
    const below = [2, 0].map((limit) => night.findIndex((value) => value < limit))
    expect(below[0]).toBeGreaterThan(20)
    expect(below[0]).toBeLessThan(60)
    expect(below[1]).toBeGreaterThan(below[0] ?? 0)
    expect(below[1]).toBeLessThan(120)
    expect(Math.min(...night)).toBeGreaterThan(-2)
    expect(Math.min(...temperatures(device, startMs + 8 * HOUR_MS, startMs + 9 * HOUR_MS))).toBeGreaterThan(2)
  })

  test('power-cut: an ice-lined refrigerator barely warms, the device says that the mains are gone', () => {
    const unit = place({ kind: 'ice-lined-refrigerator', setpointC: 4 })
    const startMs = MIDNIGHT_MS + 12.5 * HOUR_MS
    const device = played([from('power-cut', startMs)], { unit })
    const values = temperatures(device, startMs, startMs + 140 * MINUTE_MS)
    expect(Math.max(...values)).toBeLessThan(6)
    expect(Math.max(...values)).toBeGreaterThan(4.5)
    const mains = (atMs: number) => device.record(device.numberFrom(atMs))[0]?.mainsPower
    expect([mains(startMs - MINUTE_MS), mains(startMs + MINUTE_MS)]).toEqual([true, false])
    expect(mains(startMs + 141 * MINUTE_MS)).toBe(true)
  })

  test('defrost-peak: the air passes 8 degC for minutes, the product does not', () => {
    const startMs = MIDNIGHT_MS + 19.5 * HOUR_MS
    const device = played([from('defrost-peak', startMs)], { sensors: [air, sensor({ name: 'glycol' })] })
    const until = startMs + 30 * MINUTE_MS
    expect(temperatures(device, startMs, until, 0).filter((value) => value > 8).length).toBeGreaterThan(5)
    expect(Math.max(...temperatures(device, startMs, until, 1))).toBeLessThan(7)
  })

  test('door-open: said by the device, and warm within its time', () => {
    const startMs = MIDNIGHT_MS + 12 * HOUR_MS
    const device = played([from('door-open', startMs)], { sensors: [air] })
    const reading = device.shown(startMs + 10 * MINUTE_MS)[0]
    expect(reading?.doorOpen).toBe(true)
    expect(reading?.temperature).toBeGreaterThan(8)
  })
})

test('an episode changes nothing before it begins', () => {
  const begins = fc.integer({ min: 1, max: 24 * 60 - 1 })
  fc.assert(
    fc.property(seeds, begins, fc.constantFrom(...scenarioNames), (seed, minute, scenario) => {
      const startMs = MIDNIGHT_MS + minute * MINUTE_MS
      const [calm, stirred] = [played([], { seed }), played([from(scenario, startMs)], { seed })]
      const last = calm.numberFrom(startMs) - 1
      for (let number = last - 5; number <= last; number += 1) {
        expect(stirred.record(number)).toEqual(calm.record(number))
      }
    }),
    { numRuns: 20 },
  )
})

describe('devices', () => {
  const startMs = MIDNIGHT_MS + 12 * HOUR_MS

  test('records have the same number and values in every run, and the interval between them', () => {
    const [one, other] = [played([]), played([])]
    const first = one.numberFrom(startMs)
    expect(one.instantOf(first)).toBeGreaterThanOrEqual(startMs)
    expect(one.instantOf(first)).toBeLessThan(startMs + MINUTE_MS)
    expect(one.instantOf(first + 1) - one.instantOf(first)).toBe(MINUTE_MS)
    expect(other.record(first)).toEqual(one.record(first))
    expect(one.record(first)).toMatchObject([{ at: one.instantOf(first), seq: first, sensor: 'main' }])
    expect(one.shown(startMs)[0]).not.toHaveProperty('seq')
  })

  test('unplugged-probe: 327.67 or -40, by the device', () => {
    const shown = new Set(
      Array.from({ length: 8 }, (_, seed) => {
        const values = temperatures(
          played([from('unplugged-probe', startMs)], { seed }),
          startMs,
          startMs + HOUR_MS,
        )
        expect(new Set(values).size).toBe(1)
        return values[0]
      }),
    )
    expect(shown).toEqual(new Set([327.67, -40]))
  })

  test('power-up-85: exactly the first record', () => {
    const values = temperatures(played([from('power-up-85', startMs)]), startMs, startMs + HOUR_MS)
    expect(values[0]).toBe(85)
    expect(values.filter((value) => value > 20)).toEqual([85])
  })

  test('low-battery: 9 percent and falling', () => {
    const device = played([from('low-battery', startMs)])
    const battery = (atMs: number) => device.record(device.numberFrom(atMs))[0]?.battery ?? 0
    expect(battery(startMs - HOUR_MS)).toBeGreaterThanOrEqual(25)
    expect(battery(startMs)).toBe(9)
    expect(battery(startMs + 20 * HOUR_MS)).toBe(7)
  })

  test('clock-skew: 8 h ahead and drifting, with the true numbers', () => {
    const device = played([from('clock-skew', startMs)])
    const first = device.numberFrom(startMs)
    const ahead = [first, first + 600].map((number) => {
      const [reading] = device.record(number)
      expect(reading?.seq).toBe(number)
      return (reading?.at ?? 0) - device.instantOf(number) - 8 * HOUR_MS
    })
    expect(ahead[0]).toBeLessThan(3)
    // 40 ppm of 10 h
    expect((ahead[1] ?? 0) - (ahead[0] ?? 0)).toBeCloseTo(1440, -1)
  })
})

describe('episodes', () => {
  const city = plan(place(), [sensor()], 60)

  test('a place and the devices in it share theirs; what is over is over', () => {
    const episodes = new Episodes(city, undefined)
    episodes.add('vault-7', 'door-open', 1000)
    episodes.add('unit', 'low-battery', 2000, 3000)
    for (const target of ['unit', 'vault-7']) {
      const activeAt = episodes.reaching(target)
      expect(activeAt(999).effects).toEqual({})
      expect(activeAt(1000)).toMatchObject({ sinceMs: 1000, effects: { doorOpen: true } })
      expect(activeAt(2500)).toMatchObject({ sinceMs: 2000, effects: { doorOpen: true, batteryPct: 9 } })
      expect(activeAt(3000).effects).not.toHaveProperty('batteryPct')
    }
    episodes.end('vault-7', 'door-open', 4000)
    expect(episodes.reaching('unit')(4000).effects).toEqual({})
  })

  test('an unknown target or scenario is refused', () => {
    const episodes = new Episodes(city, undefined)
    expect(() => episodes.add('nowhere', 'normal', 0)).toThrow('There is no place or device nowhere')
    expect(() => episodes.end('nowhere', 'normal', 0)).toThrow('There is no place or device nowhere')
    expect(() => episodes.add('unit', 'flood' as ScenarioName, 0)).toThrow("There is no scenario 'flood'")
  })

  test('every scenario can be played on a plan of its own', () => {
    for (const scenario of scenarioNames) {
      const made = scenarioPlan({ scenario, devices: ['a', 'b'], intervalSeconds: 10, zone: 'UTC' })
      expect(made.places.map(({ id, kind }) => [id, kind])).toEqual([
        ['a', scenarios[scenario].kind],
        ['b', scenarios[scenario].kind],
      ])
      expect(made.devices.map(({ id, sensors }) => [id, sensors[0]?.place])).toEqual([
        ['a', 'a'],
        ['b', 'b'],
      ])
    }
  })
})

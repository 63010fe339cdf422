import { expect, test } from 'vitest'
import { placeTimeInBand } from '../../alerts/index.ts'
import { pointFactsOf } from '../../app/core/judge/point-facts.ts'
import { powerUpOf, probeFaultOf } from '../../app/probe-faults.ts'
import { MINUTE_MS, openJudgeStage, START_MS } from '../alerts/judge-stage.ts'
import { SeededRandom } from '../support/seeded-random.ts'

const values = [5, 85, 85, 85, 60, 59.9, 70, 84.9, null]
const steps = [1, 5, 5, 10, 14, 15, 16, 40]

test.each([1, 2, 3, 4, 5, 6])(
  'a probe is told to be at fault exactly when the engine knows nothing, seed %i',
  async (seed) => {
    const random = new SeededRandom(seed)
    const stage = await openJudgeStage()
    const kinds = new Set<string | null>()
    let minute = 1
    for (let count = 0; count < 60; count += 1) {
      minute += steps[random.below(steps.length)] ?? 1
      if (random.oneIn(15)) {
        const swapped = { device: 'd', sensor: 'a', reason: 'swapped' }
        const swappedMs = START_MS + minute * MINUTE_MS - MINUTE_MS / 2
        await stage.command('placement.end', { ...swapped, atMs: swappedMs })
        await stage.command('placement.start', { ...swapped, point: 'p-1', fromMs: swappedMs })
      }
      stage.take('a', [[minute, values[random.below(values.length)] ?? null]])
      const [row] = stage.reads.latestOf([1])
      if (row === undefined) continue
      const { fault, faultAt } = probeFaultOf(stage.view, row)
      kinds.add(fault)
      const sinceMs = START_MS + minute * MINUTE_MS
      const facts = pointFactsOf(stage.view, stage.packs, 'p-1')
      if (facts === undefined) throw new Error('there is a point')
      const piece = { device: 'd', sensor: 'a', fromMs: START_MS, toMs: sinceMs + 1 }
      const read = stage.reads.temperatures(piece)
      const readings = read.map(({ tMs, temperatureMilliC: value }) => ({ tMs, value }))
      const point = { ...facts, quantity: 'temperature', readings } as const
      const band = { minMilliC: null, maxMilliC: 8_000 }
      const period = { fromMs: sinceMs, toMs: sinceMs + MINUTE_MS, asOfMs: sinceMs + MINUTE_MS }
      expect([minute, fault === null]).toEqual([
        minute,
        placeTimeInBand([point], { band, ...period }).unknownMs === 0,
      ])
      expect(faultAt).toBe(fault === null ? null : new Date(sinceMs).toISOString())
      const earlier = stage.reads.temperatureBefore('d', 'a', row.tMs)
      const is85 = row.values.temperatureMilliC === 85_000 && row.faultMs === null
      // a reading that is listed is told the same of
      expect(is85 ? (powerUpOf(stage.view, row, earlier) ?? null) : fault).toBe(fault)
    }
    expect(stage.view.placementHistory('d', 'a').length).toBeGreaterThan(1)
    expect(kinds).toEqual(new Set([null, 'impossible-value', 'power-up']))
    await stage.close()
  },
)

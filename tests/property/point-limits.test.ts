import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { Problem } from '../../domain/index.ts'
import {
  edgesOf,
  HOUR_MS,
  type LimitsStage,
  limitsNow,
  openLimitsStage,
  WEEK_MS,
} from '../support/limits-stage.ts'
import { SeededRandom } from '../support/seeded-random.ts'

const ACTS = 25
const MINUTE_MS = 60_000
const reason = 'tested'
const points = ['p-1', 'p-2'] as const
const duties = ['in-service', 'empty', 'maintenance', 'loading'] as const
const packs = ['cn-gsp-storage', 'isotherm-day-sum', 'who-freeze-protection'] as const

test.each([1, 2, 3, 4, 5, 6, 7, 8])('limits that are written are those that hold, seed %i', async (seed) => {
  const random = new SeededRandom(seed)
  const limits = await openLimitsStage()
  for (let count = 0; count < ACTS; count += 1) {
    pass(limits, random)
    await limits.settle()
    limits.influx.deleted.length = 0
    const before = courseOf(limits)
    const effectiveMs = await someAct(limits, random)
    // now and then two acts are seen at once
    if (random.oneIn(4)) continue
    await limits.settle()
    expect(takenTooMuch(limits, before, effectiveMs)).toEqual([])
  }
  await limits.settle()
  expect(wrongOf(limits)).toEqual([])
  await limits.close()
})

test.each([11, 12, 13, 14, 15, 16])(
  'also when answers are lost and it is started again, seed %i',
  async (seed) => {
    const random = new SeededRandom(seed)
    const limits = await openLimitsStage()
    await limits.settle()
    for (let count = 0; count < ACTS; count += 1) {
      pass(limits, random)
      limits.influx.lose(random.below(4))
      // some acts come while something is written
      const steps = [random.below(3), random.below(3)]
      const writing = async () => {
        for (let step = steps[0] ?? 0; step > 0; step -= 1) await limits.step()
      }
      await Promise.all([writing(), someAct(limits, random)])
      for (let step = steps[1] ?? 0; step > 0; step -= 1) await limits.step()
      if (random.oneIn(4)) limits.restart()
      if (random.oneIn(3)) await limits.settle()
    }
    limits.influx.lose(0)
    await limits.settle()
    expect(wrongOf(limits)).toEqual([])
    await limits.close()
  },
)

/** Seconds, hours, and now and then days. */
function pass({ stage }: LimitsStage, random: SeededRandom): void {
  const days = random.oneIn(6) ? random.below(3 * 24) * HOUR_MS : 0
  stage.advance(random.oneIn(3) ? random.below(40_000) : days + random.below(90 * MINUTE_MS))
}

/** Now, soon, a while ago, or when something else began; epoch ms. */
function effectiveOf(limits: LimitsStage, random: SeededRandom): number {
  const nowMs = limits.nowMs()
  const edges = edgesOf(limits)
  if (random.oneIn(4)) return edges.toSorted((a, b) => b - a).find((tMs) => tMs <= nowMs) ?? nowMs
  if (random.oneIn(8)) return nowMs + random.below(4 * MINUTE_MS)
  const farthestMs = [1, MINUTE_MS, 4 * HOUR_MS, WEEK_MS + 12 * HOUR_MS][random.below(4)] ?? 1
  const tMs = nowMs - random.below(farthestMs)
  return Math.max(Math.min(...edges), random.oneIn(4) ? Math.floor(tMs / HOUR_MS) * HOUR_MS : tMs)
}

/** Says something of the room or its rules; answers since when, epoch ms; undefined: it is so already. */
async function someAct(limits: LimitsStage, random: SeededRandom): Promise<number | undefined> {
  const { stage } = limits
  const nowMs = limits.nowMs()
  const fromMs = effectiveOf(limits, random)
  try {
    if (random.oneIn(2)) {
      const duty = duties[random.below(duties.length)] ?? 'empty'
      await stage.command('duty.set', { place: 'room', duty, fromMs, reason })
      return fromMs
    }
    const pack = packs[random.below(packs.length)] ?? 'cn-gsp-storage'
    const organisation = random.oneIn(3) ? 'root' : 'o'
    const key = { pack, version: 1, organisation, reason }
    if (random.oneIn(5)) {
      const emergency = { ...key, state: 'active', emergency: true } as const
      const { id } = await stage.command('rules.propose', emergency)
      if (random.oneIn(2)) stage.advance(random.below(20 * MINUTE_MS))
      await limits.second('rules.refuse', { proposal: id, organisation, reason })
      return nowMs
    }
    await stage.command(random.oneIn(2) ? 'rules.activate' : 'rules.deactivate', { ...key, fromMs })
    return fromMs
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return undefined
  }
}

/** The begin of the last week and every edge and full hour of it, the earliest first; epoch ms. */
function instantsOf(limits: LimitsStage): readonly number[] {
  const nowMs = limits.nowMs()
  const hours = Array.from({ length: 169 }, (_, back) => (Math.floor(nowMs / HOUR_MS) - back) * HOUR_MS)
  return [nowMs - WEEK_MS, ...hours, ...edgesOf(limits)]
    .filter((tMs) => nowMs - WEEK_MS <= tMs && tMs <= nowMs)
    .toSorted((a, b) => a - b)
}

/** What holds at the first point from each instant on. */
type Course = readonly { readonly tMs: number; readonly holding: string }[]

function courseOf(limits: LimitsStage): Course {
  return instantsOf(limits).map((tMs) => ({
    tMs,
    holding: JSON.stringify(limitsNow(limits, 'p-1', tMs) ?? null),
  }))
}

/** What was deleted and does not lie where other limits hold than before, or lies before the act. */
function takenTooMuch(limits: LimitsStage, before: Course, effectiveMs = Infinity): readonly unknown[] {
  const now = courseOf(limits)
  const at = (course: Course, tMs: number) => course.findLast((each) => each.tMs <= tMs)?.holding
  const times = [...before, ...now].map(({ tMs }) => tMs)
  const changed = times.filter((tMs) => at(before, tMs) !== at(now, tMs))
  const nextMs = Math.min(...times.filter((tMs) => tMs > Math.max(...changed)), limits.nowMs() + 1)
  const sinceMs = Math.max(effectiveMs, limits.nowMs() - WEEK_MS, Math.min(...changed))
  return limits.influx.deleted.filter(
    ({ fromMs = -Infinity, toMs = Infinity }) => fromMs < sinceMs || nextMs < toMs,
  )
}

/** Points that do not tell the limits at their instant, and instants at which the last point does not tell them. */
function wrongOf(limits: LimitsStage): readonly unknown[] {
  const since = limits.nowMs() - WEEK_MS
  return points.flatMap((point) => {
    const written = [...(limits.influx.points.get(point) ?? [])].filter(([tMs]) => tMs >= since)
    const told = [
      ...written.map(([tMs, fields]) => ({ tMs, fields, holding: limitsNow(limits, point, tMs) })),
      ...instantsOf(limits)
        .map((tMs) => ({ tMs, fields: limits.lastTold(point, tMs), holding: limitsNow(limits, point, tMs) }))
        .filter(({ holding }) => holding !== undefined),
    ]
    return told.filter(({ fields, holding }) => !isDeepStrictEqual({ ...fields }, { ...holding }))
  })
}

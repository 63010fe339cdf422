import { expect, test } from 'vitest'
import { runWhole, type WholeResult } from './whole.ts'
import { wholeBreaks } from './whole-model.ts'

/** `npm run sim-test` runs more, longer ones. */
const SEEDS = [1, 2, 3]
const STEPS = 30
/** Per life, on a slow machine under load: each of its commits is synced to a real disk. */
const LIFE_MS = 40_000

test(
  'under any faults everything acknowledged is stored or held once, and judged the same',
  async () => {
    const results: WholeResult[] = []
    for (const seed of SEEDS) results.push(await runWhole({ seed, steps: STEPS }))
    expect(results.filter((result) => result.breach !== undefined)).toEqual([])
    // The lives have to be worth something.
    const sum = (of: 'acknowledged' | 'kills' | 'findings'): number =>
      results.reduce((total, result) => total + result[of], 0)
    expect(sum('acknowledged') / SEEDS.length).toBeGreaterThan(80)
    expect(sum('kills')).toBeGreaterThan(SEEDS.length * 2)
    expect(sum('findings')).toBeGreaterThan(SEEDS.length)
    // A run has so many events that another order of any of them gives another trace.
    const again = await runWhole({ seed: SEEDS[0] ?? 0, steps: STEPS })
    expect(again).toEqual(results[0])
    expect(new Set(results.map(({ trace }) => trace)).size).toBe(SEEDS.length)
  },
  LIFE_MS * (SEEDS.length + 1),
)

test.each(wholeBreaks)(
  'a whole broken by %s is found out',
  async (broken) => {
    let found = 0
    for (let seed = 1; found === 0 && seed <= 10; seed += 1) {
      const { breach } = await runWhole({ seed, steps: STEPS, broken })
      if (breach === undefined) continue
      expect(breach.kind).toMatch(kinds[broken])
      found += 1
    }
    expect(found).toBe(1)
  },
  LIFE_MS * 10,
)

/** What each break must be taken for. */
const kinds = {
  'ack-early': /^lost$/,
  'skip-held': /^lost$/,
  'lose-duplicate-check': /^twice$/,
  'deaf-judge': /^(?:findings|desk)$/,
  'half-stretch': /^(?:unbalanced|damaged)$/,
} as const

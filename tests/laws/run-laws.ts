import * as fc from 'fast-check'
import { anyRun } from './any-run.ts'
import { realEngine } from './engine.ts'
import { laws, type Seen } from './laws.ts'
import { mutants } from './mutants.ts'
import { RealRoad } from './road.ts'

/** Each kind of run is at least this share, or the laws have shown too little. */
export const COVERAGE_MIN = 0.2

const nothing: Seen = {
  finding: false,
  gap: false,
  late: false,
  conflict: false,
  correction: false,
  silence: false,
  distrust: false,
  undated: false,
}

/** What the laws are run with. */
export interface LawsPlan {
  readonly runs: number
  readonly seed: number
  readonly mutant?: string | undefined
  /** A law that does not hold, in the run of this seed. */
  readonly onFailure?: (law: string, seed: number) => void
  readonly onRun?: (done: number) => void
  /** Ends with the first run in which a law fails; shares are of all runs still. */
  readonly untilFailure?: boolean
}

/** How it came out. */
export interface LawsResult {
  readonly failures: number
  /** Shares of runs. */
  readonly coverage: Readonly<Record<keyof Seen, number>>
}

/** Runs every law on so many runs; each has a seed of its own, counted up from the first. */
export function runLaws({
  runs,
  seed,
  mutant,
  onFailure,
  onRun,
  untilFailure = false,
}: LawsPlan): LawsResult {
  const engine = mutant === undefined ? realEngine : mutants[mutant]
  if (engine === undefined) throw new Error(`there is no mutant ${mutant}`)
  const road = new RealRoad()
  const counts = Object.fromEntries(Object.keys(nothing).map((kind) => [kind, 0])) as Record<
    keyof Seen,
    number
  >
  let failures = 0
  try {
    for (let nth = 0; nth < runs; nth += 1) {
      const [run] = fc.sample(anyRun, { numRuns: 1, seed: seed + nth })
      if (run === undefined) continue
      const seen: Seen = { ...nothing }
      for (const [name, law] of Object.entries(laws)) {
        if (law(run, engine, seen, road)) continue
        failures += 1
        onFailure?.(name, seed + nth)
      }
      for (const kind of Object.keys(counts) as (keyof Seen)[]) counts[kind] += seen[kind] ? 1 : 0
      onRun?.(nth + 1)
      if (untilFailure && failures > 0) break
    }
  } finally {
    road.close()
  }
  const share = (count: number): number => Number((count / runs).toFixed(2))
  const coverage = Object.fromEntries(
    Object.entries(counts).map(([kind, count]) => [kind, share(count)]),
  ) as LawsResult['coverage']
  return { failures, coverage }
}

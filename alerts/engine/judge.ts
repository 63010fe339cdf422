import assert from 'node:assert'
import type { Finding } from '../../domain/index.ts'
import type { EngineInput, PointInput } from './input.ts'
import { inCanonicalOrder } from './order.ts'
import { type Run, RunFollower } from './run.ts'
import { judgedValue, type Sample, type Samples, samplesOf } from './samples.ts'
import { type Chain, chainsOf } from './terms.ts'

/**
 * Where the judgement of a quantity of a point stands after its newest reading: plain data. It stays valid as long as
 * nothing changes before `last.tMs`, neither a reading nor a fact.
 */
export interface PointState {
  readonly last: Sample
  /** By rule; a rule without a run is absent. */
  readonly runs: Readonly<Record<string, Run>>
}

/** The judgement of one point. */
export interface Judgement {
  /** Over before the newest reading: no newer reading changes them. */
  readonly settled: readonly Finding[]
  /** Open at as-of, or ended by a fact since the newest reading. */
  readonly tail: readonly Finding[]
  /** Null before the first reading. */
  readonly state: PointState | null
}

/**
 * The findings of all points: a pure function of what is known. `asOfMs` says only how far the newest value
 * extends; it never hides a reading. The same readings and facts in any order, any number of times, give the
 * same list, in canonical order (design section 6).
 */
export function findings(input: EngineInput, asOfMs: number): readonly Finding[] {
  const points = input.points.map(({ point, quantity }) => `${point} ${quantity}`)
  assert(new Set(points).size === points.length, 'each quantity of a point is given once')
  return inCanonicalOrder(
    input.points.flatMap((point) => {
      const { settled, tail } = judgePoint(point, asOfMs)
      return [...settled, ...tail]
    }),
  )
}

/**
 * Judges one point, from the beginning or from where an earlier judgement stood. Then the readings given must all
 * be later than `from.last`, and the findings are those since; the earlier ones still hold.
 */
export function judgePoint(point: PointInput, asOfMs: number, from: PointState | null = null): Judgement {
  const samples = samplesOf(point, from?.last)
  const chains = chainsOf(point)
  const isKept = Object.keys(from?.runs ?? {}).every((key) => chains.some((chain) => chain.key === key))
  assert(isKept, `${point.point}: a rule with a run is not among the rules given`)
  const settled: Finding[] = []
  const followers = chains.map(
    (chain) => new RunFollower(point, chain, continued(from?.runs[chain.key]), settled),
  )
  let last = from?.last
  for (const sample of samples.all) {
    if (last !== undefined) {
      assert(last.tMs < sample.tMs, `${point.point}: a reading at ${sample.tMs} was judged before`)
      stretch(followers, samples, last, sample.tMs)
    }
    last = sample
  }
  if (last === undefined) return { settled, tail: [], state: null }
  const runs = new Map(followers.map(({ run }, index) => [chains[index]?.key ?? '', run]))
  const state = { last, runs: Object.fromEntries([...runs].filter(isRunning)) }
  return { settled, tail: tailOf(point, chains, samples, state, asOfMs), state }
}

/** What the time from the newest reading to as-of adds: runs that go on, and those that facts end. */
function tailOf(
  point: PointInput,
  chains: readonly Chain[],
  samples: Samples,
  { last, runs }: PointState,
  asOfMs: number,
): readonly Finding[] {
  const tail: Finding[] = []
  const followers = chains.map((chain) => new RunFollower(point, chain, continued(runs[chain.key]), tail))
  const horizonMs = Math.max(asOfMs, last.tMs)
  stretch(followers, samples, last, horizonMs)
  // The instant itself: a duty or version that begins just now counts, as a reading just now does.
  const isKnown = horizonMs < samples.knownUntilMs(last)
  for (const follower of followers) {
    follower.pass(horizonMs, horizonMs, isKnown ? judgedValue(last, follower.cause) : null, false)
  }
  return [...tail, ...followers.flatMap((follower) => follower.open())]
}

/** From one reading to the next instant that matters: known as long as the reading speaks, then unknown. */
function stretch(followers: readonly RunFollower[], samples: Samples, from: Sample, toMs: number): void {
  const knownToMs = Math.min(toMs, samples.knownUntilMs(from))
  for (const follower of followers) {
    const value = judgedValue(from, follower.cause)
    if (value !== null) follower.pass(from.tMs, knownToMs, value, true)
    if (value === null || knownToMs < toMs) follower.pass(knownToMs, toMs, null, false)
  }
}

/** A run is changed while it is followed, so the one that was kept is not touched. */
function continued(run: Run | undefined): Run | null {
  return run === undefined ? null : { ...run }
}

function isRunning(entry: [string, Run | null]): entry is [string, Run] {
  return entry[1] !== null
}

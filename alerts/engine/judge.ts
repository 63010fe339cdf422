import assert from 'node:assert'
import type { Finding } from '../../domain/index.ts'
import { PointFollower, type PointState, type PreparedPoint, prepared } from './follow.ts'
import type { EngineInput, PointReading } from './input.ts'
import { inCanonicalOrder } from './order.ts'
import { inOrder } from './samples.ts'

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
      const { settled, tail } = judgePoint(prepared(point), point.readings, asOfMs)
      return [...settled, ...tail]
    }),
  )
}

/**
 * Judges readings of one point, from the first one or from where an earlier judgement stood. Then the readings must
 * all be later than `from.last`, and the findings are those since; the earlier ones still hold.
 */
export function judgePoint(
  point: PreparedPoint,
  readings: readonly PointReading[],
  asOfMs: number,
  from: PointState | null = null,
): Judgement {
  const settled: Finding[] = []
  const follower = new PointFollower(point, from, settled)
  for (const { tMs, value } of inOrder(readings)) follower.take(tMs, value)
  return { settled, tail: follower.tail(asOfMs), state: follower.state() }
}

import type { Finding } from '../../domain/index.ts'
import { type PreparedPoint, prepared } from './follow.ts'
import type { EngineInput, PointReading } from './input.ts'
import { judgePoint } from './judge.ts'
import { inCanonicalOrder } from './order.ts'
import { RestartSearch } from './restart-search.ts'

/**
 * The newest of some readings before `touchedFromMs` (the first instant at which a reading or fact has changed) that is
 * in range for every rule that applies to the point then, was recorded soon enough after the one before it, and where
 * nothing was added up before in the same window. No run passes it, so judging the readings from that instant
 * on gives every finding that starts after it, and every finding that starts before it still holds. Null when none
 * of the readings given is like that: give earlier ones, or judge all. `RestartSearch` takes them piece by piece.
 */
export function restartInstant(
  point: PreparedPoint,
  readings: readonly PointReading[],
  touchedFromMs: number,
): number | null {
  const search = new RestartSearch(point, touchedFromMs)
  return search.back(readings) ?? search.end()
}

/**
 * The findings after readings or facts have changed from `touchedFromMs` on: what `findings` would give, but judged
 * from the restart instant of each point only. `previous` are the findings before the change; `input` has the points
 * that are touched, each with its readings from some instant before the touched one. A point for which no restart
 * instant is found is judged whole, so it must have come with all its readings.
 */
export function rejudgeFrom(
  input: EngineInput,
  previous: readonly Finding[],
  touchedFromMs: number,
  asOfMs: number,
): readonly Finding[] {
  return inCanonicalOrder(
    input.points.flatMap((point) => {
      const ready = prepared(point)
      const fromMs = restartInstant(ready, point.readings, touchedFromMs) ?? Number.NEGATIVE_INFINITY
      const kept = previous.filter((finding) => finding.point === point.point && finding.startMs < fromMs)
      const readings = point.readings.filter(({ tMs }) => tMs >= fromMs)
      const { settled, tail } = judgePoint(ready, readings, asOfMs)
      return [...kept, ...settled, ...tail]
    }),
  )
}

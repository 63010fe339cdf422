import {
  type ContactInput,
  findings,
  judgePoint,
  placeTimeInBand,
  prepared,
  type PointInput,
  PointLine,
  type PointReading,
  type PointState,
  rejudgeFrom,
  restartInstant,
  silencesOf,
  type TimeInBand,
  type TotalsQuery,
} from '../../alerts/index.ts'
import type { Finding } from '../../domain/index.ts'
import type { Delivery } from './deliveries.ts'

/** A point, and how its sensor was heard. */
export type HeardPoint = PointInput & Pick<ContactInput, 'contacts'>

/** What the laws are about. A mutant is another one of these, wrong in one way. */
export interface LawEngine {
  /** Everything at once. */
  findings(points: readonly PointInput[], asOfMs: number): readonly Finding[]
  /** Readings piece by piece, in order of time, going on from what was kept of the judgement before. */
  continued(
    point: PointInput,
    pieces: readonly (readonly PointReading[])[],
    asOfMs: number,
  ): readonly Finding[]
  /** Readings in batches and in any order, with everything kept in memory and judged after each batch. */
  kept(point: PointInput, batches: readonly (readonly PointReading[])[], asOfMs: number): readonly Finding[]
  /** The findings after something changed at an instant, given those before. */
  again(
    changed: PointInput,
    previous: readonly Finding[],
    touchedMs: number,
    asOfMs: number,
  ): readonly Finding[]
  totals(points: readonly PointInput[], query: TotalsQuery): TimeInBand
  /** What ingest is given of what came. */
  taken(deliveries: readonly Delivery[]): readonly Delivery[]
  silences(point: HeardPoint, asOfMs: number): readonly Finding[]
}

/** The engine as it is. */
export const realEngine: LawEngine = {
  findings: (points, asOfMs) => findings({ points }, asOfMs),
  continued: (point, pieces, asOfMs) => {
    let state: PointState | null = null
    let tail: readonly Finding[] = []
    const settled: Finding[] = []
    for (const readings of pieces) {
      // through JSON, because a state is kept between runs of the program
      const kept = JSON.parse(JSON.stringify(state)) as PointState | null
      const judgement = judgePoint(prepared(point), readings, asOfMs, kept)
      settled.push(...judgement.settled)
      state = judgement.state
      tail = judgement.tail
    }
    return [...settled, ...tail]
  },
  kept: (point, batches, asOfMs) => {
    const line = new PointLine(prepared(point))
    for (const batch of batches) {
      for (const { tMs, value } of batch) line.add(tMs, value)
      line.judgeLate()
    }
    return line.findings(asOfMs)
  },
  again: (changed, previous, touchedMs, asOfMs) => {
    const restartMs = restartInstant(prepared(changed), changed.readings, touchedMs)
    const readings = changed.readings.filter(({ tMs }) => restartMs === null || tMs >= restartMs)
    return rejudgeFrom({ points: [{ ...changed, readings }] }, previous, touchedMs, asOfMs)
  },
  totals: placeTimeInBand,
  taken: (deliveries) => deliveries,
  silences: silencesOf,
}

import { together } from './changed.ts'
import type { Touched } from './point-judge.ts'

/** Of points that only facts or time have touched, a turn judges so many, or one for so many others. */
const OTHERS_PER_TURN = 50
const OTHERS_EVERY = 10

/** Nothing about a point has changed. */
const untouched: Touched = {
  values: { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY },
  silenceMs: Number.POSITIVE_INFINITY,
  timeCounts: false,
}

/** The points that wait to be judged, and what is touched of each. */
export class WaitingPoints {
  readonly #points = new Map<string, Touched>()

  get size(): number {
    return this.#points.size
  }

  /** A point is to be judged; what waits of it already, waits with it. */
  touch(point: string, { values, silenceMs, timeCounts }: Partial<Touched> = {}): void {
    const before = this.#points.get(point) ?? untouched
    this.#points.set(point, {
      values: values === undefined ? before.values : together(before.values, values),
      silenceMs: Math.min(silenceMs ?? Number.POSITIVE_INFINITY, before.silenceMs),
      timeCounts: timeCounts === true || before.timeCounts,
    })
  }

  /** It is being judged. */
  delete(point: string): void {
    this.#points.delete(point)
  }

  /** The points of a turn: first all that records have touched, then some of the others. They go on waiting. */
  ofTurn(): readonly (readonly [point: string, touched: Touched])[] {
    const all = [...this.#points]
    const now = all.filter(([, touched]) => isByRecords(touched))
    const later = all.filter(([, touched]) => !isByRecords(touched))
    return [...now, ...later.slice(0, Math.max(OTHERS_PER_TURN, Math.ceil(now.length / OTHERS_EVERY)))]
  }
}

function isByRecords({ values, silenceMs }: Touched): boolean {
  return Math.min(values.fromMs, silenceMs) < Number.POSITIVE_INFINITY
}

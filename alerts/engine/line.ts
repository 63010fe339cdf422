import { type Finding, HEAT_MILLI_C } from '../../domain/index.ts'
import { isClean, PointFollower, type PreparedPoint } from './follow.ts'
import type { PointReading } from './input.ts'
import { inCanonicalOrder } from './order.ts'
import { RestartSearch } from './restart-search.ts'

/** Readings there is room for at first. */
const CAPACITY_MIN = 256
/** A clean reading is mostly among the last few, and alone at its instant. */
const READINGS_FIRST_BACK = 8

/**
 * All readings of a quantity of a point in memory, and its findings at any moment, whatever the order in which the
 * readings come: what is late costs a judgement from the last clean reading before it to the first one after it.
 */
export class PointLine {
  readonly #point: PreparedPoint
  #times = new Float64Array(CAPACITY_MIN)
  /** Not a number where the probe was at fault. */
  #values = new Float64Array(CAPACITY_MIN)
  #count = 0
  readonly #settled: Finding[] = []
  #follower: PointFollower
  /** Between these instants late readings have come; the first is after the last when there are none. */
  #lateFromMs = Number.POSITIVE_INFINITY
  #lateToMs = Number.NEGATIVE_INFINITY

  constructor(point: PreparedPoint) {
    this.#point = point
    this.#follower = new PointFollower(point, null, this.#settled)
  }

  /** One more reading, in any order. Repeating one changes nothing. */
  add(tMs: number, value: number | null): void {
    const at = this.#firstAfter(tMs)
    const isLate = at < this.#count
    this.#insert(at, tMs, value)
    if (!isLate) return this.#follower.take(tMs, value)
    this.#lateFromMs = Math.min(this.#lateFromMs, tMs)
    this.#lateToMs = Math.max(this.#lateToMs, tMs)
  }

  /** What `findings` gives for the readings added so far. */
  findings(asOfMs: number): readonly Finding[] {
    this.judgeLate()
    return inCanonicalOrder([...this.#settled, ...this.#follower.tail(asOfMs)])
  }

  /** Judges again what late readings may have changed. Once for many costs less than once for each. */
  judgeLate(): void {
    if (this.#lateFromMs > this.#lateToMs) return
    const fromMs = this.#restartMs(this.#lateFromMs)
    // what its newest reading ends is not found again from there, and it is not followed on
    if (this.#follower.last?.tMs === fromMs) this.#follower.settle()
    // no run passes that reading, so what began before it stays
    const before = this.#settled.filter(({ startMs }) => startMs >= fromMs)
    const kept = this.#settled.filter(({ startMs }) => startMs < fromMs)
    this.#settled.splice(0, this.#settled.length, ...kept)
    const follower = new PointFollower(this.#point, null, this.#settled)
    const toMs = this.#follow(follower, fromMs, before)
    if (toMs === null) this.#follower = follower
    else this.#settled.push(...before.filter(({ startMs }) => startMs >= toMs))
    this.#lateFromMs = Number.POSITIVE_INFINITY
    this.#lateToMs = Number.NEGATIVE_INFINITY
  }

  /** Up to the first clean reading after the late ones; everything is as it was from there on. Null: to the end. */
  #follow(follower: PointFollower, fromMs: number, before: readonly Finding[]): number | null {
    // what the newest of all ends is still told by the follower that took it
    const newestMs = this.#follower.last?.tMs ?? Number.NEGATIVE_INFINITY
    for (let at = this.#firstNotBefore(fromMs); at < this.#count; at += 1) {
      const tMs = this.#times[at] ?? 0
      const lastMs = follower.last?.tMs ?? Number.NEGATIVE_INFINITY
      const isBehind = lastMs > this.#lateToMs && lastMs < Math.min(tMs, newestMs)
      if (isBehind && follower.isClean() && !this.#isPassed(before, lastMs)) {
        follower.settle()
        return lastMs
      }
      follower.take(tMs, this.#valueAt(at))
    }
    return null
  }

  /** True when a finding passed an instant before late readings came: records too far apart, between which one came. */
  #isPassed(before: readonly Finding[], tMs: number): boolean {
    const cadences = this.#follower.state()?.cadences ?? {}
    return (
      Object.values(cadences).some(({ startMs }) => startMs < tMs) ||
      before.some(({ startMs, endMs }) => startMs < tMs && tMs < (endMs ?? Number.POSITIVE_INFINITY))
    )
  }

  /** The newest clean reading before an instant; -Infinity when there is none. */
  #restartMs(beforeMs: number): number {
    let end = this.#firstNotBefore(beforeMs)
    for (let at = end - 1; at >= Math.max(0, end - READINGS_FIRST_BACK); at -= 1) {
      if (this.#isCleanAlone(at)) return this.#times[at] ?? 0
    }
    const search = new RestartSearch(this.#point, beforeMs)
    for (let length = READINGS_FIRST_BACK; end > 0; length *= 4) {
      // whole instants: a reading alone does not tell what its instant was
      const start = this.#firstNotBefore(this.#times[Math.max(0, end - length)] ?? 0)
      const readings: PointReading[] = []
      for (let at = start; at < end; at += 1) {
        readings.push({ tMs: this.#times[at] ?? 0, value: this.#valueAt(at) })
      }
      const instant = search.back(readings)
      if (instant !== null) return instant
      end = start
    }
    return search.end() ?? Number.NEGATIVE_INFINITY
  }

  /** A clean reading that is the only one of its instant. */
  #isCleanAlone(at: number): boolean {
    const tMs = this.#times[at] ?? 0
    const value = this.#values[at] ?? Number.NaN
    if (this.#times[at - 1] === tMs || this.#times[at + 1] === tMs || Number.isNaN(value)) return false
    if (!this.#point.speaking.isPlaced(tMs)) return false
    // how far apart records are is not told from one
    if (this.#point.cadences.length > 0) return false
    const isHot = this.#point.subject.quantity === 'temperature' && value >= HEAT_MILLI_C
    return isClean(this.#point, { tMs, low: value, high: value, isHot })
  }

  #insert(at: number, tMs: number, value: number | null): void {
    if (this.#count === this.#times.length) {
      this.#times = grown(this.#times)
      this.#values = grown(this.#values)
    }
    if (at < this.#count) {
      this.#times.copyWithin(at + 1, at, this.#count)
      this.#values.copyWithin(at + 1, at, this.#count)
    }
    this.#times[at] = tMs
    this.#values[at] = value ?? Number.NaN
    this.#count += 1
  }

  #valueAt(at: number): number | null {
    const value = this.#values[at] ?? Number.NaN
    return Number.isNaN(value) ? null : value
  }

  #firstNotBefore(tMs: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#times[middle] ?? 0) < tMs) low = middle + 1
      else high = middle
    }
    return low
  }

  #firstAfter(tMs: number): number {
    const newestMs = this.#times[this.#count - 1]
    return this.#count === 0 || (newestMs ?? 0) <= tMs ? this.#count : this.#firstNotBefore(tMs + 1)
  }
}

function grown(list: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(list.length * 2)
  larger.set(list)
  return larger
}

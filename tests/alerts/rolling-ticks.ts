import type { PointInput } from '../../alerts/index.ts'
import type { EndReason, Excursion, TemperatureRule } from '../../domain/index.ts'
import { MINUTE_MS, START_MS } from './series.ts'
import { horizonOf, labelledAt, ruleAt, valueAt, violates, type WalkedPoint, walkedRules } from './ticks.ts'

/** From a value out to the next one in range. */
interface Breach {
  readonly startMs: number
  readonly packVersion: number
}
/** A minute that was out, or unknown after it, and of which breach; what was read at its beginning. */
interface Minute {
  readonly tMs: number
  readonly breach: Breach
  readonly isKnown: boolean
  readonly read: number | null
}
interface Open {
  readonly first: Breach
  alarmMs: number | null
  leastMs: number
  /** The end of the last minute that was in the window when there was enough. */
  enoughToMs: number
}

/**
 * Rolling sums as slow and as plain as their description: at each minute everything within the window is counted
 * anew. Right for inputs whose times are whole minutes from START_MS on.
 */
export function rollingFindings(point: PointInput, asOfMs: number): Omit<Excursion, 'id'>[] {
  return walkedRules(point).flatMap(({ id, under }) =>
    new Walk(under, id, horizonOf(point, asOfMs)).findings(),
  )
}

class Walk {
  readonly #point: WalkedPoint
  readonly #id: string
  readonly #horizonMs: number
  readonly #found: Omit<Excursion, 'id'>[] = []
  #minutes: Minute[] = []
  #current: Breach | null = null
  #open: Open | null = null
  #last: TemperatureRule | undefined

  constructor(point: WalkedPoint, id: string, horizonMs: number) {
    this.#point = point
    this.#id = id
    this.#horizonMs = horizonMs
  }

  findings(): Omit<Excursion, 'id'>[] {
    for (let tMs = START_MS; tMs <= this.#horizonMs; tMs += MINUTE_MS) this.#tick(tMs)
    if (this.#open !== null) this.#finish(this.#horizonMs, null)
    return this.#found
  }

  #tick(tMs: number): void {
    if (this.#last !== undefined) this.#check(this.#last, tMs)
    const { rule, packVersion, reason } = ruleAt(this.#point, this.#id, tMs)
    this.#last = rule
    if (rule === undefined) {
      if (this.#open !== null) this.#finish(tMs, reason)
      this.#minutes = []
      this.#current = null
      return
    }
    const value = valueAt(this.#point, tMs)
    const side = rule.operator.startsWith('>') ? value?.high : value?.low
    let read: number | null = null
    if (side !== undefined && violates(rule, side)) {
      const isReading = this.#point.readings.some((reading) => reading.tMs === tMs)
      if (isReading || this.#current === null) read = side
      this.#current ??= { startMs: tMs, packVersion }
    } else if (side !== undefined) this.#current = null
    const breach = this.#current
    const minute = breach === null ? [] : [{ tMs, breach, isKnown: side !== undefined, read }]
    // a value read just now counts as a reading, though no time has passed
    this.#minutes.push(...minute)
    if (this.#open !== null) this.#open.leastMs = Math.min(this.#open.leastMs, durationOf(rule))
    this.#check(rule, tMs)
    const open = this.#open
    if (open === null || this.#sums(rule, tMs).worstMs >= open.leastMs) return
    if (tMs >= open.enoughToMs + windowOf(rule)) this.#finish(tMs, 'window-ended')
  }

  /** Whether enough was out up to an instant. */
  #check(rule: TemperatureRule, tMs: number): void {
    const { worstMs, knownMs, first, toMs } = this.#sums(rule, tMs)
    const durationMs = durationOf(rule)
    if (worstMs >= durationMs && first !== undefined) {
      this.#open ??= { first, alarmMs: null, leastMs: durationMs, enoughToMs: toMs }
    }
    if (this.#open !== null && worstMs >= this.#open.leastMs) this.#open.enoughToMs = toMs
    if (this.#open !== null && (rule.gapPolicy === 'count' ? worstMs : knownMs) >= durationMs) {
      this.#open.alarmMs ??= tMs
    }
  }

  #sums(rule: TemperatureRule, tMs: number) {
    const within = this.#minutes.filter((each) => each.tMs >= tMs - windowOf(rule) && each.tMs < tMs)
    return {
      worstMs: within.length * MINUTE_MS,
      knownMs: within.filter(({ isKnown }) => isKnown).length * MINUTE_MS,
      first: within[0]?.breach,
      toMs: (within.at(-1)?.tMs ?? 0) + MINUTE_MS,
    }
  }

  #finish(tMs: number, endReason: EndReason | null): void {
    const open = this.#open
    if (open === null) return
    this.#open = null
    const since = this.#minutes.filter(({ breach }) => breach.startMs >= open.first.startMs)
    const passed = since.filter((each) => each.tMs < tMs)
    // what is read at the horizon belongs to it, what is read when its time is up does not
    const all = endReason === null ? since : passed
    const read = all.flatMap((each) => (each.read === null ? [] : [{ tMs: each.tMs, milliC: each.read }]))
    const { rule } = this.#point.rules.find((each) => each.rule.id === this.#id) ?? {}
    if (rule?.quantity !== 'temperature') throw new Error('only temperatures are walked')
    const isWarm = rule.operator.startsWith('>')
    const milliC = read.map((each) => each.milliC)
    const peakMilliC = isWarm ? Math.max(...milliC) : Math.min(...milliC)
    const firstGap = passed.findIndex(({ isKnown }) => !isKnown)
    this.#found.push({
      point: this.#point.point,
      place: this.#point.place,
      rule: this.#id,
      packVersion: open.first.packVersion,
      level: rule.level,
      kind: 'excursion',
      direction: isWarm ? 'warm' : 'cold',
      state: open.alarmMs === null ? 'suspected' : 'confirmed',
      open: endReason === null,
      startMs: open.first.startMs,
      alarmMs: open.alarmMs,
      endMs: endReason === null ? null : tMs,
      endReason,
      peakMilliC,
      ...labelledAt(this.#point, this.#id, open.first.startMs),
      peakMs: read.find((each) => each.milliC === peakMilliC)?.tMs ?? 0,
      observedMs: passed.filter(({ isKnown }) => isKnown).length * MINUTE_MS,
      worstCaseMs: passed.length * MINUTE_MS,
      bridged: firstGap >= 0 && all.slice(firstGap).some((each) => each.read !== null),
      readings: read.length,
      confirmedBySingleReading: open.alarmMs !== null && read.length === 1,
    })
  }
}

function durationOf({ mode }: TemperatureRule): number {
  return mode.kind === 'instant' ? 0 : mode.durationMs
}

function windowOf({ mode }: TemperatureRule): number {
  if (mode.kind !== 'cumulative' || mode.window !== 'rolling') throw new Error('only rolling sums are walked')
  return mode.windowMs
}

import type { GapPolicy, RollingMode, RunRule } from '../../domain/index.ts'
import type { RuleInForce } from './input.ts'
import { addReading, newRun, type Run } from './out.ts'

/** Time of one kind, [fromMs, toMs), epoch ms: seen out, or unknown after a value that was out. */
interface Part {
  fromMs: number
  toMs: number
  readonly isKnown: boolean
}

/** From a value out to the next one in range. `parts` has what of it was in the window, the oldest first. */
interface Breach {
  readonly run: Run
  readonly parts: Part[]
}

/** What is kept of a rolling sum: what was out within one window, and the finding that is open. Plain data. */
export interface RollingState {
  /** Where the finding begins that is open; else the first breach that is kept. Epoch ms. */
  readonly startMs: number
  readonly breaches: readonly Breach[]
  readonly finding: Run | null
  /** The least minutes of any version since the finding began, ms: it ends when the worst case falls below. */
  readonly leastMs: number
}

/** A finding whose time was up. */
interface EndedRun {
  readonly run: Run
  readonly endMs: number
}

/** A stretch of one state, [fromMs, toMs). */
interface Stretch {
  readonly fromMs: number
  readonly toMs: number
  readonly isKnown: boolean
}

/**
 * Adds up what was out within a window that ends at each instant. Between two instants at which something enters or
 * leaves the window its sums go up, down or stay by whole milliseconds, so that each crossing is found exactly.
 */
export class RollingSum {
  finding: Run | null
  #leastMs: number
  readonly #breaches: Breach[]
  /** Within the window: seen out, and unknown after a value out. */
  #knownMs = 0
  #unknownMs = 0

  /** What is followed is changed, so what was kept is not touched. */
  constructor(kept: RollingState | null) {
    this.finding = kept === null || kept.finding === null ? null : { ...kept.finding }
    this.#leastMs = kept?.leastMs ?? 0
    this.#breaches = copied(kept?.breaches ?? [])
    for (const part of this.#breaches.flatMap(({ parts }) => parts)) this.#add(part.isKnown, lengthOf(part))
  }

  /** True when nothing out is in the window. */
  isEmpty(): boolean {
    return this.#breaches.length === 0
  }

  /** A copy of where it stands; null when nothing out is in the window. */
  kept(): RollingState | null {
    const [first] = this.#breaches
    if (first === undefined) return null
    return {
      startMs: this.finding?.startMs ?? first.run.startMs,
      breaches: copied(this.#breaches),
      finding: this.finding === null ? null : { ...this.finding },
      leastMs: this.#leastMs,
    }
  }

  /** Nothing that was before counts any more. */
  clear(): void {
    this.finding = null
    this.#breaches.length = 0
    this.#knownMs = 0
    this.#unknownMs = 0
  }

  /** The value at an instant: one that is out, one in range, or null when it is unknown. */
  note(inForce: RuleInForce<RunRule>, tMs: number, value: number | 'in' | null, isReading: boolean): void {
    const current = this.#current()
    if (value === 'in') {
      if (current !== undefined) current.run.isOut = false
    } else if (value !== null && current === undefined) {
      this.#breaches.push({ run: newRun(inForce, tMs, value), parts: [] })
      if (this.finding !== null) addReading(this.finding, tMs, value)
    } else if (value !== null && current !== undefined && isReading) {
      addReading(current.run, tMs, value)
      if (this.finding !== null) addReading(this.finding, tMs, value)
    }
  }

  /** Goes through a stretch, and answers the findings that end in it. */
  pass(mode: RollingMode, gapPolicy: GapPolicy, { fromMs, toMs, isKnown }: Stretch): EndedRun[] {
    const ended: EndedRun[] = []
    if (this.finding !== null) this.#leastMs = Math.min(this.#leastMs, mode.durationMs)
    let atMs = fromMs
    do {
      this.#forget(atMs - mode.windowMs)
      this.#begin(mode)
      const leaving = this.#leaving(atMs - mode.windowMs)
      const edgeMs = this.#edge(atMs, mode.windowMs, leaving)
      const spareMs = this.#knownMs + this.#unknownMs - this.#leastMs
      const isFalling = this.finding !== null && leaving !== undefined && this.#current() === undefined
      const endMs = isFalling ? atMs + spareMs : Number.POSITIVE_INFINITY
      const untilMs = Math.min(toMs, edgeMs, endMs)
      this.#grow(mode, gapPolicy, { fromMs: atMs, toMs: untilMs, isKnown }, leaving)
      atMs = untilMs
      if (endMs === untilMs && untilMs < Math.min(toMs, edgeMs) && this.finding !== null) {
        ended.push({ run: this.finding, endMs })
        this.finding = null
        this.#drop()
      }
    } while (atMs < toMs)
    return ended
  }

  /** The breach that goes on. */
  #current(): Breach | undefined {
    const last = this.#breaches.at(-1)
    return last?.run.isOut === true ? last : undefined
  }

  /** Lets go of what is wholly before an instant; a breach that goes on is kept, with what it has had so far. */
  #forget(beforeMs: number): void {
    for (let first = this.#breaches[0]; first !== undefined; first = this.#breaches[0]) {
      while ((first.parts[0]?.toMs ?? Number.POSITIVE_INFINITY) <= beforeMs) first.parts.shift()
      if (first.parts.length > 0 || first === this.#current()) return
      this.#breaches.shift()
    }
  }

  /** What leaves the window while its beginning goes on from an instant. */
  #leaving(fromMs: number): Part | undefined {
    const part = this.#breaches[0]?.parts[0]
    return part !== undefined && part.fromMs <= fromMs ? part : undefined
  }

  /** The first instant from which something else leaves the window than does from now on. */
  #edge(atMs: number, windowMs: number, leaving: Part | undefined): number {
    if (leaving !== undefined) return leaving.toMs + windowMs
    const [first] = this.#breaches
    return first === undefined ? Number.POSITIVE_INFINITY : (first.parts[0]?.fromMs ?? atMs) + windowMs
  }

  /** Time of one state enters the window, and time of one leaves it. */
  #grow(mode: RollingMode, gapPolicy: GapPolicy, stretch: Stretch, leaving: Part | undefined): void {
    const lengthMs = stretch.toMs - stretch.fromMs
    const current = this.#current()
    const before = { knownMs: this.#knownMs, sumMs: this.#knownMs + this.#unknownMs }
    if (leaving !== undefined) {
      leaving.fromMs += lengthMs
      this.#add(leaving.isKnown, -lengthMs)
    }
    if (current !== undefined) {
      this.#add(stretch.isKnown, lengthMs)
      extend(current.parts, stretch)
      for (const run of this.finding === null ? [current.run] : [current.run, this.finding]) {
        if (stretch.isKnown) run.observedMs += lengthMs
        else run.unknownMs += lengthMs
      }
    }
    this.#begin(mode)
    const isCounted = gapPolicy === 'count'
    const wasMs = isCounted ? before.sumMs : before.knownMs
    const isMs = isCounted ? this.#knownMs + this.#unknownMs : this.#knownMs
    if (this.finding !== null && Math.max(wasMs, isMs) >= mode.durationMs) {
      this.finding.alarmMs ??= stretch.fromMs + Math.max(0, mode.durationMs - wasMs)
    }
  }

  /** When the worst case is long enough, what is in the window is one finding from now on. */
  #begin(mode: RollingMode): void {
    if (this.finding !== null || this.#knownMs + this.#unknownMs < mode.durationMs) return
    const [first, ...others] = this.#breaches.map(({ run }) => run)
    if (first === undefined) return
    const finding = { ...first, isSuspected: true }
    for (const run of others) {
      const isBridged = finding.isBridged || run.isBridged || finding.unknownMs > 0
      const readings = finding.readings + run.readings
      addReading(finding, run.peakMs, run.peak)
      Object.assign(finding, { isBridged, readings })
      finding.observedMs += run.observedMs
      finding.unknownMs += run.unknownMs
    }
    this.finding = finding
    this.#leastMs = mode.durationMs
  }

  /** The breach that leaves the window when a finding ends counts for no other one. */
  #drop(): void {
    for (const part of this.#breaches[0]?.parts ?? []) this.#add(part.isKnown, -lengthOf(part))
    this.#breaches.shift()
  }

  #add(isKnown: boolean, ms: number): void {
    if (isKnown) this.#knownMs += ms
    else this.#unknownMs += ms
  }
}

function copied(breaches: readonly Breach[]): Breach[] {
  return breaches.map(({ run, parts }) => ({ run: { ...run }, parts: parts.map((part) => ({ ...part })) }))
}

function lengthOf({ fromMs, toMs }: Part): number {
  return toMs - fromMs
}

function extend(parts: Part[], { fromMs, toMs, isKnown }: Stretch): void {
  const last = parts.at(-1)
  if (last?.isKnown === isKnown && last.toMs === fromMs) last.toMs = toMs
  else if (fromMs < toMs) parts.push({ fromMs, toMs, isKnown })
}

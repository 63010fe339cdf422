import type { GapPolicy, RollingMode, RunRule } from '../../domain/index.ts'
import { type Breach, BreachQueue, type Part } from './breaches.ts'
import type { RuleInForce } from './input.ts'
import { addReading, newRun, type Run } from './out.ts'

/** A breach that goes on. */
interface Current {
  readonly run: Run
  readonly parts: Part[]
}

/**
 * What is kept of a rolling sum: what was out within one window, and the finding that is open. Plain data; breaches
 * that are over never change, so that states share them.
 */
export interface RollingState {
  /** Where the finding begins that is open; else the first breach that is kept. Epoch ms. */
  readonly startMs: number
  /** Those that are over, the oldest first, and how many parts of the first have left the window. */
  readonly breaches: readonly Breach[]
  readonly gone: number
  readonly current: Breach | null
  /** Within the window, ms: seen out, and unknown after a value out. */
  readonly knownMs: number
  readonly unknownMs: number
  readonly finding: Run | null
  /** The least minutes of any version since the finding began, ms. */
  readonly leastMs: number
  /** The end of what was out, or may have been, so far, and when the worst case last was that long; epoch ms. */
  readonly outToMs: number
  readonly enoughToMs: number
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

/** What was seen during [fromMs, toMs): a value that is out, one in range, or null when it is unknown. */
interface Seen {
  readonly fromMs: number
  readonly toMs: number
  readonly value: number | 'in' | null
  /** It was read at `fromMs`. */
  readonly isReading: boolean
}

/**
 * Adds up what was out within a window that ends at each instant. Between two instants at which something enters or
 * leaves the window its sums go up, down or stay by whole milliseconds, so that each crossing is found exactly.
 */
export class RollingSum {
  finding: Run | null
  #leastMs: number
  #outToMs: number
  #enoughToMs: number
  readonly #over: BreachQueue
  #current: Current | null
  /** Within the window: seen out, and unknown after a value out. */
  #knownMs: number
  #unknownMs: number

  /** What is followed is changed, so what was kept is not touched. */
  constructor(kept: RollingState | null) {
    this.finding = kept === null || kept.finding === null ? null : { ...kept.finding }
    this.#leastMs = kept?.leastMs ?? 0
    this.#outToMs = kept?.outToMs ?? 0
    this.#enoughToMs = kept?.enoughToMs ?? 0
    this.#over = new BreachQueue(kept?.breaches ?? [], kept?.gone ?? 0)
    this.#current = kept === null || kept.current === null ? null : copied(kept.current)
    this.#knownMs = kept?.knownMs ?? 0
    this.#unknownMs = kept?.unknownMs ?? 0
  }

  /** True when nothing out is in the window. */
  isEmpty(): boolean {
    return this.#first() === null
  }

  /** Where it stands; null when nothing out is in the window. */
  kept(): RollingState | null {
    const first = this.#first()
    if (first === null) return null
    return {
      startMs: this.finding?.startMs ?? first.run.startMs,
      breaches: this.#over.shared(),
      gone: this.#over.gone,
      current: this.#current === null ? null : copied(this.#current),
      knownMs: this.#knownMs,
      unknownMs: this.#unknownMs,
      finding: this.finding === null ? null : { ...this.finding },
      leastMs: this.#leastMs,
      outToMs: this.#outToMs,
      enoughToMs: this.#enoughToMs,
    }
  }

  /** Nothing that was before counts any more. */
  clear(): void {
    this.finding = null
    this.#over.clear()
    this.#current = null
    this.#knownMs = 0
    this.#unknownMs = 0
  }

  /** Goes through a stretch, and answers the findings that end in it. */
  pass(inForce: RuleInForce<RunRule>, mode: RollingMode, seen: Seen): EndedRun[] {
    const ended: EndedRun[] = []
    const { gapPolicy } = inForce.rule
    const isKnown = seen.value !== null
    if (this.finding !== null) this.#leastMs = Math.min(this.#leastMs, mode.durationMs)
    // what is read when the time of a finding is up is no part of it
    this.#turn(mode, seen.fromMs, ended)
    this.#note(inForce, seen)
    let atMs = seen.fromMs
    do {
      this.#turn(mode, atMs, ended)
      const leaving = this.#leaving(atMs - mode.windowMs)
      const edgeMs = this.#edge(atMs, mode.windowMs, leaving)
      const endMs = this.finding === null ? Number.POSITIVE_INFINITY : this.#enoughToMs + mode.windowMs
      const untilMs = Math.min(seen.toMs, edgeMs, endMs)
      this.#grow(mode, gapPolicy, { fromMs: atMs, toMs: untilMs, isKnown }, leaving)
      atMs = untilMs
    } while (atMs < seen.toMs)
    return ended
  }

  /** What begins and ends at an instant, before anything else enters the window. */
  #turn(mode: RollingMode, atMs: number, ended: EndedRun[]): void {
    this.#forget(atMs - mode.windowMs)
    this.#begin(mode)
    if (this.finding === null) return
    if (this.#knownMs + this.#unknownMs >= this.#leastMs) this.#enoughToMs = this.#outToMs
    else if (this.#enoughToMs + mode.windowMs <= atMs) {
      ended.push({ run: this.finding, endMs: atMs })
      this.finding = null
    }
  }

  #note(inForce: RuleInForce<RunRule>, { fromMs, value, isReading }: Seen): void {
    const current = this.#current
    if (value === 'in') {
      if (current !== null) this.#over.push({ ...current, run: { ...current.run, isOut: false } })
      this.#current = null
    } else if (value !== null && current === null) {
      this.#current = { run: newRun(inForce, fromMs, value), parts: [] }
      if (this.finding !== null) addReading(this.finding, fromMs, value)
    } else if (value !== null && current !== null && isReading) {
      addReading(current.run, fromMs, value)
      if (this.finding !== null) addReading(this.finding, fromMs, value)
    }
  }

  /** The oldest breach that is kept. */
  #first(): Breach | null {
    return this.#over.first ?? this.#current
  }

  /** Lets go of what is wholly before an instant; a breach that goes on is kept, with what it has had so far. */
  #forget(beforeMs: number): void {
    this.#over.forget(beforeMs)
    if (this.#over.first !== undefined || this.#current === null) return
    const { parts } = this.#current
    while ((parts[0]?.toMs ?? Number.POSITIVE_INFINITY) <= beforeMs) parts.shift()
  }

  /** The oldest part of what is kept. */
  #head(): Part | undefined {
    return this.#over.first === undefined ? this.#current?.parts[0] : this.#over.head
  }

  /** What leaves the window while its beginning goes on from an instant. */
  #leaving(fromMs: number): Part | undefined {
    const part = this.#head()
    return part !== undefined && part.fromMs <= fromMs ? part : undefined
  }

  /** The first instant from which something else leaves the window than does from now on. */
  #edge(atMs: number, windowMs: number, leaving: Part | undefined): number {
    if (leaving !== undefined) return leaving.toMs + windowMs
    return this.isEmpty() ? Number.POSITIVE_INFINITY : (this.#head()?.fromMs ?? atMs) + windowMs
  }

  /** Time of one state enters the window, and time of one leaves it. */
  #grow(mode: RollingMode, gapPolicy: GapPolicy, stretch: Stretch, leaving: Part | undefined): void {
    const lengthMs = stretch.toMs - stretch.fromMs
    const current = this.#current
    const before = { knownMs: this.#knownMs, sumMs: this.#knownMs + this.#unknownMs }
    if (leaving !== undefined) this.#add(leaving.isKnown, -lengthMs)
    if (current !== null) {
      this.#add(stretch.isKnown, lengthMs)
      if (lengthMs > 0) this.#outToMs = stretch.toMs
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
    const current = this.#current === null ? [] : [this.#current]
    const [first, ...others] = [...this.#over.shared(), ...current].map(({ run }) => run)
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

  #add(isKnown: boolean, ms: number): void {
    if (isKnown) this.#knownMs += ms
    else this.#unknownMs += ms
  }
}

function copied({ run, parts }: Breach): Current {
  return { run: { ...run }, parts: [...parts] }
}

function extend(parts: Part[], { fromMs, toMs, isKnown }: Stretch): void {
  const last = parts.at(-1)
  if (last?.isKnown === isKnown && last.toMs === fromMs) parts[parts.length - 1] = { ...last, toMs }
  else if (fromMs < toMs) parts.push({ fromMs, toMs, isKnown })
}

import type { Clock, FactChange, Log, RulePack } from '../../../domain/index.ts'
import { reasonOf, recordText } from '../../../domain/index.ts'
import type {
  CanonicalReads,
  CanonicalStore,
  FactsView,
  FindingReads,
  PointOutcome,
} from '../../../store/index.ts'
import { type Changed, isIn } from './changed.ts'
import { DuePoints } from './due-points.ts'
import { Found } from './found.ts'
import { HeardHorizon } from './heard-horizon.ts'
import { type JudgeNumbers, JudgeTally } from './judge-numbers.ts'
import { NOT_JUDGED, PointJudge, type PointJudgement, type Touched } from './point-judge.ts'
import { TouchedPoints } from './touched-points.ts'
import { WaitingPoints } from './waiting-points.ts'

/** Time is looked at again this often for points where it alone may change a finding. */
export const TIMER_MS = 10_000
/** The thread is left to ingest and commands after this long. */
const TURN_MS_MAX = 15
/** While records wait to be taken a turn begins so long after the last: a look at a point costs more than a row. */
const BACKLOG_TURN_MS = 1_000
/** Changed rows, or records, that a turn is about, when there are so many: each of their points is judged once. */
const ROWS_PER_TURN = 131_072
/** Of so many it is found out at a time which points they are about: some 30 ms. */
const ROWS_PER_PIECE = 32_768

/** What the judge runs on. */
export interface JudgeOptions {
  readonly store: CanonicalStore
  readonly reads: Pick<
    CanonicalReads,
    'cursor' | 'changedTo' | 'changedSpans' | 'changedFaults' | 'changedSilences'
  >
  /** True while every durable record has been taken by ingest. */
  readonly isLevel: () => boolean
  readonly findings: FindingReads
  /** In this thread, current with every commit of the facts. */
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Called after findings have changed. */
  readonly onFindings?: () => void
}

/** A running judge. */
export interface Judge {
  /** Call after each step of ingest. */
  wake(): void
  /** Call after each change of the facts, when the view has it. */
  onFacts(change: FactChange): void
  numbers(): JudgeNumbers
  /** Resolves when nothing is left to do at this instant. */
  settled(): Promise<void>
  /** Resolves after `signal` has aborted. */
  readonly stopped: Promise<void>
}

/**
 * Starts to follow ingest, the facts and the time, and keeps the findings. What fails is logged and tried again; the
 * cursor stays where it is, so nothing is passed over.
 */
export function startJudge(options: JudgeOptions): Judge {
  const loop = new JudgeLoop(options)
  return {
    wake: () => {
      loop.wake()
    },
    onFacts: (change) => {
      loop.onFacts(change)
    },
    numbers: () => loop.numbers(),
    settled: () => loop.settled(),
    stopped: loop.run(),
  }
}

class JudgeLoop {
  readonly #options: JudgeOptions
  readonly #points: PointJudge
  readonly #waiting = new WaitingPoints()
  readonly #horizon: HeardHorizon
  readonly #due = new DuePoints()
  readonly #watched: Set<string>
  readonly #touched: TouchedPoints
  /** Per point, up to which record its readings are judged, and between which instants. */
  readonly #judgedTo = new Map<string, Pick<PointJudgement, 'position' | 'within'>>()
  readonly #tally = new JudgeTally()
  #turnStartedMs = 0
  #timerDueMs = 0
  #awake = Promise.withResolvers<void>()
  readonly #settling: (() => void)[] = []

  constructor(options: JudgeOptions) {
    this.#options = options
    this.#watched = new Set(options.findings.watchedPoints())
    this.#horizon = new HeardHorizon(options)
    this.#touched = new TouchedPoints(options.view)
    this.#points = new PointJudge({
      ...options,
      reads: options.findings,
      nowMs: () => options.clock.nowMs(),
      heardTo: () => this.#horizon.now(),
      pause: () => this.#pause(),
      movedSince: (point, from) => {
        return this.#changedIn(from, options.reads.cursor('ingest')).get(point)?.fromMs
      },
      position: () => options.reads.cursor('ingest'),
    })
    this.#touchAll()
  }

  wake(): void {
    this.#awake.resolve()
  }

  onFacts(change: FactChange): void {
    this.#points.noteFacts(change)
    const touched = new Set(change.rows.flatMap((fed) => this.#touched.byFact(fed)))
    for (const point of touched) this.#waiting.touch(point)
    if (touched.size > 0) this.wake()
  }

  numbers(): JudgeNumbers {
    return this.#tally.numbers(this.#waiting.size)
  }

  async settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#settling.push(resolve)
    this.wake()
    await promise
  }

  async run(): Promise<void> {
    const { clock, log, signal, reads, isLevel } = this.#options
    while (!signal.aborted) {
      this.#awake = Promise.withResolvers()
      const { promise: asleep } = this.#awake
      const settling = this.#settling.splice(0)
      try {
        for (let startMs = clock.monotonicMs(); !signal.aborted && (await this.#turn()); ) {
          const restMs = isLevel() ? 0 : startMs + BACKLOG_TURN_MS - clock.monotonicMs()
          await clock.sleep(Math.max(0, restMs), signal)
          startMs = clock.monotonicMs()
        }
        for (const settled of settling) settled()
      } catch (thrown) {
        // nothing is lost: what was not written is judged again from the cursor and from the facts
        this.#settling.push(...settling)
        this.#points.forget()
        this.#judgedTo.clear()
        this.#touchAll()
        log.error(
          { record: recordText(reads.cursor('judge')), reason: reasonOf(thrown) },
          'judging failed; it is tried again',
        )
        await clock.sleep(TIMER_MS, signal)
        continue
      }
      const sleeping = new AbortController()
      const stop = AbortSignal.any([signal, sleeping.signal])
      await Promise.race([asleep, clock.sleep(Math.max(0, this.#timerDueMs - clock.monotonicMs()), stop)])
      sleeping.abort()
    }
    for (const settled of this.#settling) settled()
  }

  /** One piece of work; answers whether there was any. */
  async #turn(): Promise<boolean> {
    const { reads, clock } = this.#options
    const startMs = clock.monotonicMs()
    this.#turnStartedMs = startMs
    this.#horizon.turn()
    if (this.#turnStartedMs >= this.#timerDueMs) {
      this.#timerDueMs = this.#turnStartedMs + TIMER_MS
      const due = this.#due.by(this.#horizon.now().goesOnMs)
      for (const point of [...this.#watched, ...due]) this.#waiting.touch(point, { timeCounts: true })
    }
    const from = reads.cursor('judge')
    const end = reads.cursor('ingest')
    if (from >= end && this.#waiting.size === 0) return false
    const next = from < end ? await this.#take(from, end) : from
    // readings first: the points of these rows are all judged before the cursor passes the rows
    await this.#judge(this.#waiting.ofTurn(), next > from ? next : undefined)
    this.#tally.turn(clock.monotonicMs() - startMs)
    return true
  }

  /** Finds out what records have changed, from one on, of as many as a turn is about; answers up to which one. */
  async #take(from: number, end: number): Promise<number> {
    const { reads } = this.#options
    let next = from
    for (let rows = 0; next < end && rows < ROWS_PER_TURN; rows += ROWS_PER_PIECE) {
      const pieceEnd = reads.changedTo(next, Math.min(end, next + ROWS_PER_PIECE), ROWS_PER_PIECE)
      for (const [point, values] of this.#changedIn(next, pieceEnd)) {
        const done = this.#judgedTo.get(point)
        const isJudged = done !== undefined && done.position >= pieceEnd && isIn(values, done.within)
        if (!isJudged) this.#waiting.touch(point, { values })
      }
      for (const silence of reads.changedSilences(next, pieceEnd)) {
        for (const point of this.#touched.bySilence(silence))
          if (this.#points.mayFind(point, silence)) this.#waiting.touch(point, { silenceMs: silence.fromMs })
        // what holds at a point is worked out anew when facts have changed
        await this.#pause()
      }
      next = pieceEnd
      await this.#pause()
    }
    return next
  }

  /** What records have changed: some of it may be about no rule, and then judging finds what it found before. */
  #changedIn(from: number, to: number): ReadonlyMap<string, Changed> {
    const { reads } = this.#options
    const spans = reads.changedSpans(from, to, Number.MAX_SAFE_INTEGER)
    return this.#touched.bySpans([...spans, ...reads.changedFaults(from, to)])
  }

  /** Judges points and writes what is found, some at a time; the cursor goes with the last of it. */
  async #judge(points: readonly (readonly [string, Touched])[], cursor: number | undefined): Promise<void> {
    const { clock, signal } = this.#options
    let found = new Found()
    for (const [point, touched] of points) {
      // what is not written is judged again after a start
      if (signal.aborted) return
      this.#waiting.delete(point)
      const judged = await this.#attempt(point, touched, found.outcomes)
      this.#touched.noteDevicesOf(point)
      await this.#pause()
      if (judged === undefined) {
        if (touched.timeCounts) this.#due.forget(point)
        continue
      }
      this.#tally.point(judged)
      this.#judgedTo.set(point, judged)
      this.#due.note(point, judged)
      found.add(judged, clock.monotonicMs())
      if (judged.watched) this.#watched.add(point)
      else this.#watched.delete(point)
      if (!found.isDue(clock.monotonicMs())) continue
      await this.#write(found)
      found = new Found()
    }
    if (found.outcomes.length > 0 || cursor !== undefined) await this.#write(found, cursor)
  }

  async #write({ outcomes, isByTime }: Found, cursor?: number): Promise<void> {
    const goesOnMs = isByTime ? this.#horizon.now().goesOnMs : Number.MIN_SAFE_INTEGER
    // that nothing was found is found once more after a power cut
    const commit = outcomes.length === 0 ? 'repeatable' : 'synced'
    await this.#options.store.transactInTurn((tx) => {
      if (goesOnMs > Number.MIN_SAFE_INTEGER) tx.setHeardTo(goesOnMs)
      for (const outcome of outcomes) tx.savePointOutcome(outcome)
      if (cursor !== undefined) tx.setCursor('judge', cursor)
    }, commit)
    if (outcomes.some(({ changes }) => changes.length > 0)) this.#options.onFindings?.()
  }

  /** Judges one point. One that fails is kept as not judged, so that the others and the cursor go on without it. */
  async #attempt(point: string, touched: Touched, outcomes: PointOutcome[]) {
    const { log, clock, view } = this.#options
    try {
      return await this.#points.judge(point, touched)
    } catch (thrown) {
      // Nothing is lost: the timer tries it again from its first reading, also after a restart.
      log.error({ point, reason: reasonOf(thrown) }, 'a point cannot be judged; it is tried again')
      this.#points.forgetPoint(point)
      this.#watched.add(point)
      outcomes.push({
        judged: { point, factsJson: NOT_JUDGED, watched: true, earlyMs: null },
        removed: [],
        put: [],
        changes: [],
        factVersion: view.version,
        recordedAtMs: clock.nowMs(),
      })
      return undefined
    }
  }

  /** Nothing is known of any point: each is due at once. */
  #touchAll(): void {
    const points = this.#options.view.pointIds()
    this.#due.expectAll(points)
    for (const point of points) this.#waiting.touch(point)
  }

  async #pause(): Promise<boolean> {
    const { clock } = this.#options
    if (clock.monotonicMs() - this.#turnStartedMs < TURN_MS_MAX) return false
    await clock.sleep(0)
    this.#turnStartedMs = clock.monotonicMs()
    return true
  }
}

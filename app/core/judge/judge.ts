import type { Clock, FactChange, FedRow, Log, PlacementFact, RulePack } from '../../../domain/index.ts'
import { reasonOf } from '../../../domain/index.ts'
import type {
  CanonicalReads,
  CanonicalStore,
  ChangedRow,
  FaultSpan,
  FactsView,
  FindingReads,
  PointOutcome,
} from '../../../store/index.ts'
import { NOT_JUDGED, PointJudge } from './point-judge.ts'

/** Time is looked at again this often for points where it alone may change a finding. */
export const TIMER_MS = 10_000
/** The thread is left to ingest and commands after this long. */
const TURN_MS_MAX = 15
/** Changed rows taken at a time: their points are written in one transaction. */
const ROWS_PER_TURN = 500
/** Points that only facts or time have touched, written in one transaction. */
const POINTS_PER_TURN = 50

/** What the judge runs on. */
export interface JudgeOptions {
  readonly store: CanonicalStore
  readonly reads: Pick<CanonicalReads, 'cursor' | 'changedRows' | 'changedFaults'>
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
  /** Resolves when nothing is left to do at this instant. */
  settled(): Promise<void>
  /** Resolves after `signal` has aborted. */
  readonly stopped: Promise<void>
}

/** A point waits: judge it from this instant on; `timeCounts`: also when nothing but the time has changed. */
interface Waiting {
  readonly touchedMs: number
  readonly timeCounts: boolean
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
    settled: () => loop.settled(),
    stopped: loop.run(),
  }
}

class JudgeLoop {
  readonly #options: JudgeOptions
  readonly #points: PointJudge
  readonly #waiting = new Map<string, Waiting>()
  readonly #watched: Set<string>
  /** Points at which a device is or was placed; a point is never removed, because its past stays. */
  readonly #pointsOfDevice = new Map<string, Set<string>>()
  /** Per point, up to which record its readings are judged. */
  readonly #judgedTo = new Map<string, number>()
  #turnStartedMs = 0
  #timerDueMs = 0
  #awake = Promise.withResolvers<void>()
  readonly #settling: (() => void)[] = []

  constructor(options: JudgeOptions) {
    this.#options = options
    this.#watched = new Set(options.findings.watchedPoints())
    this.#points = new PointJudge({
      ...options,
      reads: options.findings,
      nowMs: () => options.clock.nowMs(),
      pause: () => this.#pause(),
      movedSince: (point, position) => this.#movedSince(point, position),
      position: () => options.reads.cursor('ingest'),
    })
    for (const point of options.view.pointIds()) this.#touch(point)
  }

  wake(): void {
    this.#awake.resolve()
  }

  onFacts(change: FactChange): void {
    const touched = new Set(change.rows.flatMap((fed) => this.#pointsTouched(fed)))
    for (const point of touched) this.#touch(point)
    if (touched.size > 0) this.wake()
  }

  async settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#settling.push(resolve)
    this.wake()
    await promise
  }

  async run(): Promise<void> {
    const { clock, log, signal, reads } = this.#options
    while (!signal.aborted) {
      this.#awake = Promise.withResolvers()
      const { promise: asleep } = this.#awake
      const settling = this.#settling.splice(0)
      try {
        while (!signal.aborted && (await this.#turn())) await clock.sleep(0)
        for (const settled of settling) settled()
      } catch (thrown) {
        // nothing is lost: what was not written is judged again from the cursor and from the facts
        this.#settling.push(...settling)
        this.#points.forget()
        this.#judgedTo.clear()
        for (const point of this.#options.view.pointIds()) this.#touch(point)
        log.error(
          { judge: reads.cursor('judge'), reason: reasonOf(thrown) },
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
    this.#turnStartedMs = clock.monotonicMs()
    if (this.#turnStartedMs >= this.#timerDueMs) {
      this.#timerDueMs = this.#turnStartedMs + TIMER_MS
      for (const point of this.#watched) this.#touch(point, Number.POSITIVE_INFINITY, true)
    }
    const from = reads.cursor('judge')
    const end = reads.cursor('ingest')
    if (from >= end && this.#waiting.size === 0) return false
    const changed = from < end ? reads.changedRows(from, end, ROWS_PER_TURN) : { rows: [], next: from }
    for (const [point, touchedMs] of this.#pointsIn(changed.rows, reads.changedFaults(from, changed.next))) {
      const isJudged = (this.#judgedTo.get(point) ?? 0) >= changed.next
      if (!isJudged) this.#touch(point, touchedMs)
    }
    // readings first: the points of these rows are all judged before the cursor passes the rows
    const due = [...this.#waiting]
    const now = due.filter(([, { touchedMs }]) => touchedMs < Number.POSITIVE_INFINITY)
    const later = due.filter(([, { touchedMs }]) => touchedMs === Number.POSITIVE_INFINITY)
    await this.#judge(
      [...now, ...later.slice(0, POINTS_PER_TURN)],
      from === changed.next ? undefined : changed.next,
    )
    return true
  }

  async #judge(points: readonly (readonly [string, Waiting])[], cursor: number | undefined): Promise<void> {
    const outcomes: PointOutcome[] = []
    for (const [point, { touchedMs, timeCounts }] of points) {
      this.#waiting.delete(point)
      const judged = await this.#attempt(point, touchedMs, timeCounts, outcomes)
      this.#noteDevices(point)
      await this.#pause()
      if (judged === undefined) continue
      this.#judgedTo.set(point, judged.position)
      if (judged.watched) this.#watched.add(point)
      else this.#watched.delete(point)
      if (hasContent(judged.outcome)) outcomes.push(judged.outcome)
    }
    if (outcomes.length === 0 && cursor === undefined) return
    this.#options.store.transact((tx) => {
      for (const outcome of outcomes) tx.savePointOutcome(outcome)
      if (cursor !== undefined) tx.setCursor('judge', cursor)
    })
    if (outcomes.some(({ changes }) => changes.length > 0)) this.#options.onFindings?.()
  }

  /** Judges one point. One that fails is kept as not judged, so that the others and the cursor go on without it. */
  async #attempt(point: string, touchedMs: number, timeCounts: boolean, outcomes: PointOutcome[]) {
    const { log, clock, view } = this.#options
    try {
      return await this.#points.judge(point, touchedMs, timeCounts)
    } catch (thrown) {
      // Nothing is lost: the timer tries it again from its first reading, also after a restart.
      log.error({ point, reason: reasonOf(thrown) }, 'a point cannot be judged; it is tried again')
      this.#points.forgetPoint(point)
      this.#watched.add(point)
      outcomes.push({
        judged: { point, factsJson: NOT_JUDGED, watched: true },
        removed: [],
        put: [],
        changes: [],
        factVersion: view.version,
        recordedAtMs: clock.nowMs(),
      })
      return undefined
    }
  }

  #touch(point: string, touchedMs = Number.POSITIVE_INFINITY, timeCounts = false): void {
    const before = this.#waiting.get(point)
    this.#waiting.set(point, {
      touchedMs: Math.min(touchedMs, before?.touchedMs ?? Number.POSITIVE_INFINITY),
      timeCounts: timeCounts || before?.timeCounts === true,
    })
  }

  /** The judged points of rows and faults, each with the earliest instant among them. */
  #pointsIn(rows: readonly ChangedRow[], faults: readonly FaultSpan[]): ReadonlyMap<string, number> {
    const { view } = this.#options
    const points = new Map<string, number>()
    const add = (placement: PlacementFact | undefined, tMs: number): void => {
      if (placement?.standing !== 'judged') return
      points.set(placement.point, Math.min(tMs, points.get(placement.point) ?? Number.POSITIVE_INFINITY))
    }
    for (const { device, sensor, tMs, values } of rows) {
      if (values.temperatureMilliC !== undefined) add(view.placementOf(device, sensor, tMs), tMs)
    }
    for (const { device, sensor, firstMs, lastMs } of faults) {
      for (const placement of view.placementHistory(device, sensor)) {
        const { validFrom, validTo } = placement
        if (validFrom <= lastMs && firstMs < (validTo ?? lastMs + 1))
          add(placement, Math.max(firstMs, validFrom))
      }
    }
    return points
  }

  #movedSince(point: string, position: number): number {
    const { reads } = this.#options
    const end = reads.cursor('ingest')
    let movedMs = Number.POSITIVE_INFINITY
    for (let next = position; next < end; ) {
      const changed = reads.changedRows(next, end, ROWS_PER_TURN)
      const touched = this.#pointsIn(changed.rows, reads.changedFaults(next, changed.next))
      movedMs = Math.min(movedMs, touched.get(point) ?? Number.POSITIVE_INFINITY)
      next = changed.next
    }
    return movedMs
  }

  async #pause(): Promise<boolean> {
    const { clock } = this.#options
    if (clock.monotonicMs() - this.#turnStartedMs < TURN_MS_MAX) return false
    await clock.sleep(0)
    this.#turnStartedMs = clock.monotonicMs()
    return true
  }

  #noteDevices(point: string): void {
    const period = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
    for (const { device } of this.#options.view.placementsAt(point, period)) {
      const points = this.#pointsOfDevice.get(device)
      if (points === undefined) this.#pointsOfDevice.set(device, new Set([point]))
      else points.add(point)
    }
  }

  /** Points whose facts a row may change; the row it supersedes was of one of them, or of the same device. */
  #pointsTouched(fed: FedRow): readonly string[] {
    const { view } = this.#options
    if (fed.table === 'point') return [fed.row.id]
    if (fed.table === 'place') return view.pointsOf(fed.row.id).map(({ id }) => id)
    if (fed.table === 'duty') return view.pointsOf(fed.row.place).map(({ id }) => id)
    if (fed.table === 'device') return [...(this.#pointsOfDevice.get(fed.row.id) ?? [])]
    if (fed.table === 'placement') {
      return [fed.row.point, ...(this.#pointsOfDevice.get(fed.row.device) ?? [])]
    }
    return fed.table === 'rule_activation' ? view.pointIds() : []
  }
}

function hasContent({ judged, removed, put, changes }: PointOutcome): boolean {
  return judged !== undefined || removed.length > 0 || put.length > 0 || changes.length > 0
}

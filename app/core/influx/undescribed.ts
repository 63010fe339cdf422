import { hourOf, HOUR_MS } from '../../../batches/index.ts'
import type { Clock, FedRow, Log, RulePack } from '../../../domain/index.ts'
import {
  type FactsView,
  type InfluxPoint,
  type InfluxWriter,
  LINES_PER_WRITE,
  type Stopped,
  takeAway,
  writePoints,
} from '../../../store/index.ts'
import { pointsByLabels } from '../judge/labels.ts'
import { differing, limitPoints, type LimitStep, limitSteps } from './limit-steps.ts'
import { placePoint } from './place-point.ts'

/** Of the past, limits and names of so many hours are written: they are for looking at charts. */
const HOURS_MAX = 7 * 24

interface Parts {
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly writer: InfluxWriter
  readonly clock: Clock
  readonly log: Log
}

interface Described {
  readonly id: string
  readonly isPoint: boolean
}

interface Marked extends Described {
  /** What holds from this instant on (epoch ms) is to be written; Infinity: only what is written and wrong. */
  readonly sinceMs: number
  /** What is written of a point from this instant on may be wrong, whatever is remembered of it; Infinity: nothing. */
  readonly wrongSinceMs: number
}

/** What is written of the limits of a point. */
interface Written {
  /** Those of the past week, and those to come. */
  readonly steps: readonly LimitStep[]
  /** Nothing is written after this instant, epoch ms. */
  readonly untilMs: number
}

const NEVER = Number.POSITIVE_INFINITY

/**
 * Limits of points and names of places that are to be written. Of each point it remembers which limits are written:
 * where those of now differ, and only there, what is written is taken back.
 */
export class Undescribed {
  readonly #parts: Parts
  /** By kind and id: a point may be called like a place. */
  readonly #marked = new Map<string, Marked>()
  /** By point. */
  readonly #written = new Map<string, Written>()
  /** Version of the facts up to which what changed is marked. */
  #version = 0
  /** The first instant at which other limits hold by what is written, epoch ms. */
  #dueMs = NEVER

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#marked.size
  }

  /** The database is empty. */
  forget(): void {
    this.#marked.clear()
    this.#written.clear()
    this.#dueMs = NEVER
  }

  /** Marks everything that holds from an instant on; with Infinity it only remembers what is written. Epoch ms. */
  markAll(sinceMs: number): void {
    const { view } = this.#parts
    if (sinceMs < NEVER) {
      for (const id of view.placeIds()) this.#mark({ id, isPoint: false, sinceMs, wrongSinceMs: NEVER })
    }
    for (const id of view.pointIds()) this.#mark({ id, isPoint: true, sinceMs, wrongSinceMs: NEVER })
  }

  /** Marks what changed by acts, all those the facts show, and limits that hold by now as was known before. */
  markFacts(changed: readonly FedRow[], nowMs: number): void {
    const { view } = this.#parts
    this.#version = view.version
    for (const fed of changed) {
      if (fed.table === 'session') continue
      const { validFrom: fromMs } = fed.row
      for (const described of describedBy(view, fed)) {
        // of a point that is remembered it is known better where its limits differ: a row that is closed has
        // the begin it had
        const isKnown = described.isPoint && this.#written.has(described.id)
        const sinceMs = isKnown ? NEVER : fromMs
        this.#mark({ ...described, sinceMs, wrongSinceMs: described.isPoint ? sinceMs : NEVER })
      }
    }
    if (nowMs >= this.#dueMs) this.#markDue(nowMs)
  }

  #markDue(nowMs: number): void {
    this.#dueMs = NEVER
    for (const [id, written] of this.#written) {
      const nextMs = nextStepMs(written)
      if (nextMs <= nowMs) this.#mark({ id, isPoint: true, sinceMs: nextMs, wrongSinceMs: NEVER })
      else this.#dueMs = Math.min(this.#dueMs, nextMs)
    }
  }

  #mark(marked: Marked): void {
    const before = this.#marked.get(keyOf(marked))
    const sinceMs = Math.min(before?.sinceMs ?? NEVER, marked.sinceMs)
    const wrongSinceMs = Math.min(before?.wrongSinceMs ?? NEVER, marked.wrongSinceMs)
    this.#marked.set(keyOf(marked), { ...marked, sinceMs, wrongSinceMs })
  }

  /** Writes about one batch; undefined when it is written. */
  async write(signal: AbortSignal): Promise<Stopped | undefined> {
    const { clock } = this.#parts
    const points: InfluxPoint[] = []
    const told: (readonly [Described, Written | undefined])[] = []
    for (const marked of this.#marked.values()) {
      const { id, isPoint } = marked
      // what changed since the last look is not marked: it would be remembered as if it were written
      if (isPoint && !this.#written.has(id) && this.#parts.view.version !== this.#version) continue
      const written = isPoint ? this.#limitsOf(id) : undefined
      const fromMs = written === undefined ? marked.sinceMs : await this.#takeBack(marked, written, signal)
      if (typeof fromMs === 'object') return fromMs
      points.push(...this.#pointsOf(id, fromMs, written))
      told.push([marked, written])
      if (points.length >= LINES_PER_WRITE || signal.aborted) break
      await clock.sleep(0)
    }
    const stopped = points.length === 0 ? undefined : await writePoints(this.#parts, points, signal)
    if (stopped !== undefined) return stopped
    for (const [described, written] of told) this.#remember(described, written)
    return undefined
  }

  #remember(described: Described, written: Written | undefined): void {
    this.#marked.delete(keyOf(described))
    if (written === undefined) return
    this.#written.set(described.id, written)
    this.#dueMs = Math.min(this.#dueMs, nextStepMs(written))
  }

  /** The limits of a point as they are to be written now. */
  #limitsOf(id: string): Written {
    const { view, packs, clock } = this.#parts
    const untilMs = clock.nowMs()
    return { steps: limitSteps(view, packs, id, firstMs(untilMs)), untilMs }
  }

  /**
   * Takes away the limits of a point that did not hold after all: they have no points of their own that could take
   * their place. Answers from when on its limits are to be written, epoch ms.
   */
  async #takeBack(marked: Marked, now: Written, signal: AbortSignal): Promise<Stopped | number> {
    const { id } = marked
    const before = this.#written.get(id)
    const sinceMs = firstMs(now.untilMs)
    const differs = before === undefined ? undefined : differing(before.steps, now.steps, sinceMs)
    const fromMs = Math.max(sinceMs, Math.min(marked.wrongSinceMs, differs?.fromMs ?? NEVER))
    // whether or not it is heard that they are written: until now, and those that differ, they may be
    if (before !== undefined) this.#written.set(id, { ...before, untilMs: now.untilMs })
    if (fromMs === NEVER) return marked.sinceMs
    this.#mark({ ...marked, sinceMs: fromMs, wrongSinceMs: fromMs })
    const isWritten = marked.wrongSinceMs < NEVER || (before !== undefined && fromMs <= before.untilMs)
    const toMs = marked.wrongSinceMs < NEVER ? NEVER : (differs?.toMs ?? NEVER)
    const tag = { name: 'point', value: id }
    const which = { measurement: 'point_limit', tag, fromMs, toMs: Math.min(toMs, now.untilMs + 1) }
    const stopped = isWritten ? await takeAway(this.#parts, which, signal) : undefined
    return stopped ?? Math.min(marked.sinceMs, fromMs)
  }

  /** What is to be written of a point or, without its limits, of a place. */
  #pointsOf(id: string, fromMs: number, written: Written | undefined): readonly InfluxPoint[] {
    const { view, clock } = this.#parts
    if (written === undefined) {
      const place = view.place(id)
      const site = place === undefined ? undefined : view.site(place.site)
      const edges = [place, site].flatMap((row) => (row === undefined ? [] : [row.validFrom]))
      return instantsIn(fromMs, clock.nowMs(), edges).flatMap((tMs) => placePoint(view, id, tMs) ?? [])
    }
    const { steps, untilMs } = written
    const edges = steps.map((step) => step.fromMs)
    return limitPoints(view, id, steps, instantsIn(fromMs, untilMs, edges))
  }
}

function keyOf({ id, isPoint }: Described): string {
  return `${isPoint ? 'point' : 'place'} ${id}`
}

/** Epoch ms; Infinity when its limits are not to change. */
function nextStepMs({ steps, untilMs }: Written): number {
  return steps.find(({ fromMs }) => fromMs > untilMs)?.fromMs ?? NEVER
}

/** Whose names or limits a row is about. */
function describedBy(view: FactsView, fed: FedRow): readonly Described[] {
  const { table, row } = fed
  const place = (id: string): Described => ({ id, isPoint: false })
  const point = (id: string): Described => ({ id, isPoint: true })
  // what lies where they speak for it may have a label that beats their rules
  const labelled = pointsByLabels(view, fed).map(point)
  if (table === 'place') return [place(row.id), ...labelled]
  if (table === 'site') return view.placesOfSite(row.id).map(({ id }) => place(id))
  if (table === 'duty') return view.pointsOf(row.place).map(({ id }) => point(id))
  return table === 'rule_activation' ? view.pointIds().map(point) : labelled
}

/** Nothing before is written or taken back, epoch ms. */
function firstMs(nowMs: number): number {
  return nowMs - HOURS_MAX * HOUR_MS
}

/** Begins of hours and those of the edges in [fromMs, nowMs], of the past week at most; epoch ms. */
function instantsIn(fromMs: number, nowMs: number, edges: readonly number[]): readonly number[] {
  const beginMs = Math.max(fromMs, firstMs(nowMs))
  const hourMs = Math.ceil(beginMs / HOUR_MS) * HOUR_MS
  const count = Math.max(0, (hourOf(nowMs) - hourMs) / HOUR_MS + 1)
  const hours = Array.from({ length: count }, (_, index) => hourMs + index * HOUR_MS)
  return [...new Set([...edges.filter((edge) => beginMs <= edge && edge <= nowMs), ...hours])]
}

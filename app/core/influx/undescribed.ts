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
import { limitPoints, placePoint } from './described.ts'

/** Of the past, limits and names of so many hours are written: they are for looking at charts. */
const HOURS_MAX = 7 * 24
/** An act told this soon after the instant from which it holds finds nothing written that it could make wrong. */
const AT_ONCE_MS = 60_000

interface Parts {
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly writer: InfluxWriter
  readonly clock: Clock
  readonly log: Log
}

interface Marked {
  readonly id: string
  readonly isPoint: boolean
  /** Epoch ms. */
  readonly instants: readonly number[]
  /** Limits written since this instant (epoch ms) may not hold after all: they are taken away first. */
  readonly wrongSinceMs: number
}

/** Nothing that is written is wrong. */
const NEVER = Number.POSITIVE_INFINITY

/** Limits of points and names of places that are to be written, and at which instants they held. */
export class Undescribed {
  readonly #parts: Parts
  /** By kind and id: a point may be called like a place. */
  readonly #marked = new Map<string, Marked>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#marked.size
  }

  forget(): void {
    this.#marked.clear()
  }

  /** Marks everything for each hour that begins in [fromMs, nowMs]. */
  markAll(fromMs: number, nowMs: number): void {
    const { view } = this.#parts
    const instants = hoursIn(fromMs, nowMs)
    for (const id of view.placeIds()) this.#mark({ id, isPoint: false, instants, wrongSinceMs: NEVER })
    for (const id of view.pointIds()) this.#mark({ id, isPoint: true, instants, wrongSinceMs: NEVER })
  }

  /** Marks what changed by acts: for now, and for the hours since it holds. */
  markFacts(changed: readonly FedRow[], nowMs: number): void {
    for (const fed of changed) {
      const { isPoint, ids } = describedBy(this.#parts.view, fed)
      if (ids.length === 0 || fed.table === 'session') continue
      const fromMs = Math.max(fed.row.validFrom, nowMs - HOURS_MAX * HOUR_MS)
      const instants = [fromMs, ...hoursIn(fromMs, nowMs), nowMs].filter((tMs) => tMs <= nowMs)
      const wrongSinceMs = isPoint && nowMs - fromMs > AT_ONCE_MS ? fromMs : NEVER
      for (const id of ids) this.#mark({ id, isPoint, instants, wrongSinceMs })
    }
  }

  #mark(marked: Marked): void {
    const before = this.#marked.get(keyOf(marked))
    const instants = [...new Set([...(before?.instants ?? []), ...marked.instants])]
    const wrongSinceMs = Math.min(before?.wrongSinceMs ?? NEVER, marked.wrongSinceMs)
    this.#marked.set(keyOf(marked), { ...marked, instants, wrongSinceMs })
  }

  /** Writes about one batch; undefined when it is written. */
  async write(signal: AbortSignal): Promise<Stopped | undefined> {
    const { view, packs, clock } = this.#parts
    const points: InfluxPoint[] = []
    const told: Marked[] = []
    for (const marked of this.#marked.values()) {
      const { id, isPoint, instants } = marked
      const kept = await this.#takeBack(marked, signal)
      if (kept !== undefined) return kept
      points.push(...(isPoint ? limitPoints(view, packs, id, instants) : namesOf(view, id, instants)))
      told.push(marked)
      if (points.length >= LINES_PER_WRITE) break
      await clock.sleep(0)
    }
    const stopped = points.length === 0 ? undefined : await writePoints(this.#parts, points, signal)
    if (stopped !== undefined) return stopped
    // what was marked again meanwhile stays
    for (const marked of told) {
      if (this.#marked.get(keyOf(marked)) === marked) this.#marked.delete(keyOf(marked))
    }
    return undefined
  }

  /** A limit that did not hold after all has no point of its own that could take its place. */
  async #takeBack({ id, wrongSinceMs }: Marked, signal: AbortSignal): Promise<Stopped | undefined> {
    if (wrongSinceMs === NEVER) return undefined
    const tag = { name: 'point', value: id }
    const toMs = this.#parts.clock.nowMs() + 1
    return takeAway(this.#parts, { measurement: 'point_limit', tag, fromMs: wrongSinceMs, toMs }, signal)
  }
}

function keyOf({ id, isPoint }: Marked): string {
  return `${isPoint ? 'point' : 'place'} ${id}`
}

function namesOf(view: FactsView, place: string, instants: readonly number[]): readonly InfluxPoint[] {
  return instants.flatMap((tMs) => placePoint(view, place, tMs) ?? [])
}

/** Whose names or limits a row is about. */
function describedBy(
  view: FactsView,
  { table, row }: FedRow,
): { readonly isPoint: boolean; readonly ids: readonly string[] } {
  if (table === 'place') return { isPoint: false, ids: [row.id] }
  if (table === 'site') return { isPoint: false, ids: view.placesOfSite(row.id).map(({ id }) => id) }
  if (table === 'point') return { isPoint: true, ids: [row.id] }
  if (table === 'duty') return { isPoint: true, ids: view.pointsOf(row.place).map(({ id }) => id) }
  return { isPoint: true, ids: table === 'rule_activation' ? view.pointIds() : [] }
}

/** Begins of the hours in [fromMs, nowMs], of the past week at most; epoch ms. */
function hoursIn(fromMs: number, nowMs: number): readonly number[] {
  const firstMs = Math.ceil(Math.max(fromMs, nowMs - HOURS_MAX * HOUR_MS) / HOUR_MS) * HOUR_MS
  const count = Math.max(0, (hourOf(nowMs) - firstMs) / HOUR_MS + 1)
  return Array.from({ length: count }, (_, index) => firstMs + index * HOUR_MS)
}

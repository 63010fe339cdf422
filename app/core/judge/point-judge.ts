import { judgePoint, type PointState, restartInstant } from '../../../alerts/index.ts'
import type { Finding, RulePack } from '../../../domain/index.ts'
import type { FactsView, FindingReads, PointOutcome } from '../../../store/index.ts'
import { chunksBefore, chunksFrom } from './chunks.ts'
import { differenceOf } from './outcome.ts'
import { firstDifferenceMs, type PointFacts, pointFactsOf } from './point-facts.ts'

/** What the judgement of a point works with. */
export interface PointJudgeParts {
  readonly reads: FindingReads
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly nowMs: () => number
  /** Lets others run when this has run long enough; answers whether it did. */
  readonly pause: () => Promise<boolean>
  /** The earliest reading of the point that was stored or changed since `position`, epoch ms; Infinity if none. */
  readonly movedSince: (point: string, position: number) => number
  /** Records that ingest has taken so far. */
  readonly position: () => number
}

/** Where a point stands in memory: with it a newer reading costs no more than itself. */
interface Standing {
  readonly facts: PointFacts
  readonly factsJson: string
  readonly state: PointState | null
  readonly tail: readonly Finding[]
  readonly watched: boolean
}

/** The outcome of one point, and up to which record its readings are in it. */
export interface PointJudgement {
  readonly outcome: PointOutcome
  readonly position: number
  readonly watched: boolean
}

/** Kept in place of a point's facts when it could not be judged: then everything is judged again. */
export const NOT_JUDGED = ''
/** A point that gets readings faster than it is judged must not keep the others waiting. */
const ATTEMPTS_MAX = 2

/** Judges points one at a time; remembers where they stand. */
export class PointJudge {
  readonly #parts: PointJudgeParts
  readonly #standing = new Map<string, Standing>()

  constructor(parts: PointJudgeParts) {
    this.#parts = parts
  }

  /** Forgets where the points stand: what was judged has not been written. */
  /** Forgets where one point stands. */
  forgetPoint(point: string): void {
    this.#standing.delete(point)
  }

  forget(): void {
    this.#standing.clear()
  }

  /**
   * Judges a point again from `touchedMs` (Infinity: nothing but the time, or its facts, may have changed; the
   * latter is found out here). Undefined when there is no such point, or nothing has changed and time does not count.
   */
  async judge(point: string, touchedMs: number, timeCounts: boolean): Promise<PointJudgement | undefined> {
    let fromMs = touchedMs
    for (let attempt = 1; ; attempt += 1) {
      const facts = pointFactsOf(this.#parts.view, this.#parts.packs, point)
      if (facts === undefined) return undefined
      const factsJson = JSON.stringify(facts)
      const kept = this.#standing.get(point)
      const stored = kept ?? this.#stored(point)
      const differs = stored?.factsJson === factsJson ? Number.POSITIVE_INFINITY : differenceMs(stored, facts)
      const firstMs = Math.min(fromMs, differs)
      if (firstMs === Number.POSITIVE_INFINITY && stored?.factsJson === factsJson && !timeCounts) {
        return undefined
      }
      const judged = await this.#judge(facts, factsJson, kept, firstMs)
      // What moved meanwhile has rows after this judgement's position: their own turn judges it again.
      if (judged.movedMs === undefined || attempt === ATTEMPTS_MAX) {
        const { standing, ...found } = judged
        this.#standing.set(point, standing)
        return this.#outcome(standing, stored, found)
      }
      fromMs = Math.min(fromMs, judged.movedMs)
    }
  }

  #stored(point: string): { readonly factsJson: string; readonly watched: boolean } | undefined {
    return this.#parts.reads.judgedPoint(point)
  }

  async #judge(facts: PointFacts, factsJson: string, kept: Standing | undefined, firstMs: number) {
    const { reads, position, pause, movedSince, nowMs } = this.#parts
    const start = position()
    let paused = false
    const rest = async (): Promise<void> => {
      paused = (await pause()) || paused
    }
    let state = kept?.state ?? null
    if (state !== null && firstMs <= state.last.tMs) state = null
    const restartMs = state === null ? await this.#restart(facts, firstMs, rest) : state.last.tMs + 1
    const before =
      state === null || kept === undefined ? reads.findingsFrom(facts.point, restartMs) : kept.tail
    const asOfMs = nowMs()
    const settled: Finding[] = []
    // without a rule there is nothing to find, and all that was found goes
    for (const readings of facts.rules.length === 0 ? [] : chunksFrom(reads, facts, restartMs)) {
      const judgement = judgePoint({ ...facts, readings }, asOfMs, state)
      settled.push(...judgement.settled)
      state = judgement.state
      await rest()
    }
    const { tail } = judgePoint({ ...facts, readings: [] }, asOfMs, state)
    const moved = paused ? movedSince(facts.point, start) : Number.POSITIVE_INFINITY
    const watched = tail.some(({ open }) => open) || Object.keys(state?.runs ?? {}).length > 0
    return {
      // a reading after the newest that was judged is judged when its turn comes
      movedMs: moved <= (state?.last.tMs ?? Number.NEGATIVE_INFINITY) ? moved : undefined,
      standing: { facts, factsJson, state, tail, watched },
      position: start,
      difference: differenceOf(before, [...settled, ...tail], asOfMs),
    }
  }

  /** The newest reading before an instant that no run passes; MIN_SAFE_INTEGER when there is none. */
  async #restart(facts: PointFacts, touchedMs: number, rest: () => Promise<void>): Promise<number> {
    const beforeMs = Math.min(touchedMs, Number.MAX_SAFE_INTEGER)
    if (facts.rules.length === 0 || touchedMs === Number.NEGATIVE_INFINITY) return Number.MIN_SAFE_INTEGER
    for (const readings of chunksBefore(this.#parts.reads, facts, beforeMs)) {
      const instant = restartInstant({ ...facts, readings }, beforeMs)
      if (instant !== null) return instant
      await rest()
    }
    return Number.MIN_SAFE_INTEGER
  }

  #outcome(
    { facts, factsJson, watched }: Standing,
    stored: { readonly factsJson: string; readonly watched: boolean } | undefined,
    { difference, position }: { difference: ReturnType<typeof differenceOf>; position: number },
  ): PointJudgement {
    const isSame = stored?.factsJson === factsJson && stored.watched === watched
    return {
      outcome: {
        ...difference,
        ...(isSame ? {} : { judged: { point: facts.point, factsJson, watched } }),
        factVersion: this.#parts.view.version,
        recordedAtMs: this.#parts.nowMs(),
      },
      position,
      watched,
    }
  }
}

/** From when on the facts differ from those kept: `JSON.stringify` of such facts, or empty when judging failed. */
function differenceMs(stored: { readonly factsJson: string } | undefined, facts: PointFacts): number {
  if (stored === undefined || stored.factsJson === NOT_JUDGED) return Number.NEGATIVE_INFINITY
  return firstDifferenceMs(JSON.parse(stored.factsJson) as PointFacts, facts)
}

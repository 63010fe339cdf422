import type { PreparedPoint } from '../../../alerts/index.ts'
import { type FactChange, type Finding, type MeasuredQuantity, type RulePack } from '../../../domain/index.ts'
import type {
  FactsView,
  FindingReads,
  JudgedPoint,
  PointOutcome,
  SensorSilence,
} from '../../../store/index.ts'
import { type Changed, overlap, sinceFirst } from './changed.ts'
import { differenceOf } from './outcome.ts'
import type { HeardTo } from './heard-horizon.ts'
import { KeptLabels } from './kept-labels.ts'
import { type Heard, judgeSilences, mayBeFound, unheardFromMs } from './silences.ts'
import { firstDifferenceMs, type PointFacts, pointFactsOf, quantitiesOf } from './point-facts.ts'
import { judgeTrack, preparedTrack, type Track } from './track.ts'

/** What the judgement of a point works with. */
export interface PointJudgeParts {
  readonly reads: FindingReads
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly nowMs: () => number
  readonly heardTo: () => HeardTo
  /** Lets others run when this has run long enough; answers whether it did. */
  readonly pause: () => Promise<boolean>
  /** The earliest reading of the point that was stored or changed since `position`, epoch ms. */
  readonly movedSince: (point: string, position: number) => number | undefined
  /** Records that ingest has taken so far. */
  readonly position: () => number
}

/** Where a point stands in memory: with it a newer reading costs no more than itself. */
interface Standing {
  readonly facts: PointFacts
  readonly factsJson: string
  readonly tracks: ReadonlyMap<MeasuredQuantity, Track>
  readonly isSilent: boolean
  /** Undefined where silences were not looked at yet. */
  readonly heard: Heard | undefined
  readonly watched: boolean
  /** From here on it is judged again until it is known what came; see `TrackJudgement`. */
  readonly earlyMs: number | null
}

/** What is to be judged again at a point. */
export interface Touched {
  /** Between these instants readings have changed. */
  readonly values: Changed
  /** Since this instant, by the clock of whoever received, something is new about its silence; Infinity: nothing. */
  readonly silenceMs: number
  /** Also when nothing but the time has changed. */
  readonly timeCounts: boolean
}

/** The outcome of one point. */
export interface PointJudgement {
  readonly outcome: PointOutcome
  /** Up to which record its readings are in it, as far as they lie within these instants. */
  readonly position: number
  readonly within: Changed
  readonly watched: boolean
  /** Readings that had been judged before were gone through again. */
  readonly isAgain: boolean
  /** When time alone may make a silence of it; null where no rule asks; undefined where it was not looked at. */
  readonly silenceDueMs: number | null | undefined
  /** When time alone makes its records too far apart; null where no rule asks; undefined where none was looked at. */
  readonly recordDueMs: number | null | undefined
  /** It was judged how far records are apart, up to when that was known. */
  readonly isByRecordTime: boolean
}

/** Kept in place of a point's facts when it could not be judged: then everything is judged again. */
export const NOT_JUDGED = ''
/** A point that gets readings faster than it is judged must not keep the others waiting. */
const ATTEMPTS_MAX = 2

/** What nothing rests on that is found: a sensor of which something came first, who is signed in, whom to call. */
const apartTables: ReadonlySet<string> = new Set(['sensor', 'session', 'incident'])

/** Judges points one at a time; remembers where they stand. */
export class PointJudge {
  readonly #parts: PointJudgeParts
  readonly #standing = new Map<string, Standing>()
  readonly #facts = new Map<string, KnownFacts>()
  readonly #labels: KeptLabels
  /** Versions of all facts: the newest that was told, and since which nothing has changed but what is apart. */
  #toldVersion: number
  #sinceVersion: number

  constructor(parts: PointJudgeParts) {
    this.#parts = parts
    this.#toldVersion = parts.view.version
    this.#sinceVersion = parts.view.version
    this.#labels = new KeptLabels(parts.view)
  }

  /** Call after each change of the facts; where no point rests on it, what is known of their facts stands. */
  noteFacts({ version, rows }: FactChange): void {
    const isApart = version === this.#toldVersion + 1 && rows.every(({ table }) => apartTables.has(table))
    this.#toldVersion = version
    if (!isApart) this.#sinceVersion = version
  }

  /** False where a silence is too short for every rule of a point. */
  mayFind(point: string, silence: Pick<SensorSilence, 'longestMs'>): boolean {
    return mayBeFound(this.#factsOf(point), silence)
  }

  /** Forgets where one point stands. */
  forgetPoint(point: string): void {
    this.#standing.delete(point)
  }

  /** Forgets where the points stand: what was judged has not been written. */
  forget(): void {
    this.#standing.clear()
  }

  /**
   * Judges again what is touched of a point (its facts may have changed too; that is found out here). Undefined when
   * there is no such point, or nothing has changed and time does not count.
   */
  async judge(point: string, touched: Touched): Promise<PointJudgement | undefined> {
    let { values } = touched
    for (let attempt = 1; ; attempt += 1) {
      const facts = this.#factsOf(point)
      if (facts === undefined) return undefined
      const kept = this.#standing.get(point)
      const stored = kept ?? this.#stored(point)
      const isSame = stored?.factsJson === facts.json
      const differs = isSame ? Number.POSITIVE_INFINITY : differenceMs(stored, facts.facts)
      const sinceMs = Math.min(differs, stored?.earlyMs ?? Number.POSITIVE_INFINITY)
      const changed = sinceMs === Number.POSITIVE_INFINITY ? values : sinceFirst(values.fromMs, sinceMs)
      const heard = isSame ? kept?.heard : undefined
      const silenceMs = Math.min(this.#unheardMs(facts.facts, heard, touched), differs)
      const isUntouched = Math.min(changed.fromMs, silenceMs) === Number.POSITIVE_INFINITY
      if (isUntouched && isSame && !touched.timeCounts) return undefined
      const timeCounts = touched.timeCounts || !isSame
      const quantities = quantitiesOf(facts.facts, isSame)
      const again = { values: changed, silenceMs, timeCounts, heard }
      const judged = await this.#judge(facts, kept, quantities, again)
      // What moved meanwhile has rows after this judgement's position: their own turn judges it again.
      if (judged.movedMs === undefined || attempt === ATTEMPTS_MAX) {
        const { standing, ...found } = judged
        this.#standing.set(point, standing)
        return this.#outcome(standing, stored, found)
      }
      values = sinceFirst(values.fromMs, judged.movedMs)
    }
  }

  /** Since when something is new about the silences of a point that was not judged; Infinity: nothing. */
  #unheardMs(facts: PointFacts, heard: Heard | undefined, { silenceMs, timeCounts }: Touched): number {
    const isLookedAt = silenceMs < Number.POSITIVE_INFINITY || timeCounts
    if (heard === undefined || !isLookedAt) return silenceMs
    return unheardFromMs(this.#parts.reads, facts, heard, silenceMs)
  }

  /** The facts of a point; as long as no fact has changed that one may rest on, they are those of before. */
  #factsOf(point: string): KnownFacts | undefined {
    const { view, packs } = this.#parts
    const known = this.#facts.get(point)
    const sinceVersion = view.version === this.#toldVersion ? this.#sinceVersion : view.version
    if (known !== undefined && known.version >= sinceVersion) return known
    const facts = pointFactsOf(view, packs, point, view, this.#labels.of)
    if (facts === undefined) return undefined
    const json = JSON.stringify(facts)
    const isSame = known?.json === json
    const now = {
      ...(isSame ? known : { facts, json, prepared: new Map<MeasuredQuantity, PreparedPoint>() }),
      version: view.version,
    }
    this.#facts.set(point, now)
    return now
  }

  #stored(point: string): Omit<JudgedPoint, 'point'> | undefined {
    return this.#parts.reads.judgedPoint(point)
  }

  async #judge(
    { facts, json, prepared }: KnownFacts,
    kept: Standing | undefined,
    quantities: readonly MeasuredQuantity[],
    touched: Touched & { readonly heard: Heard | undefined },
  ) {
    const { reads, position, pause, movedSince, nowMs, heardTo } = this.#parts
    const start = position()
    let paused = false
    const rest = async (): Promise<void> => {
      paused = (await pause()) || paused
    }
    const asOfMs = nowMs()
    const tracks = new Map<MeasuredQuantity, Track>()
    const before: Finding[] = []
    const after: Finding[] = []
    let isAgain = false
    let recordDueMs: number | null | undefined
    let isByRecordTime = false
    let isRunning = false
    let earlyMs: number | null = null
    const recordedToMs = (): number => heardTo().goesOnMs
    const parts = { reads, facts, asOfMs, recordedToMs, rest }
    let within: Changed = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }
    for (const quantity of quantities) {
      const point = prepared.get(quantity) ?? preparedTrack(facts, quantity)
      prepared.set(quantity, point)
      const was = kept?.tracks.get(quantity)
      const changed = touched.values
      const judged = await judgeTrack({ ...parts, quantity, point, was, changed })
      tracks.set(quantity, judged.track)
      before.push(...judged.before)
      after.push(...judged.after)
      if (quantity === 'temperature') ({ recordDueMs, earlyMs } = judged)
      isByRecordTime ||= point.cadences.length > 0
      isRunning ||= judged.isRunning
      within = overlap(within, judged.judged)
      isAgain ||= judged.judged.fromMs <= (was?.state?.last.tMs ?? Number.NEGATIVE_INFINITY)
    }
    const isHeard = touched.silenceMs < Number.POSITIVE_INFINITY || touched.timeCounts
    const silences = isHeard ? judgeSilences(reads, facts, touched, heardTo()) : undefined
    before.push(...(silences?.before ?? []))
    after.push(...(silences?.after ?? []))
    const moved = paused ? movedSince(facts.point, start) : undefined
    const newestMs = Math.max(
      ...[...tracks.values()].map(({ state }) => state?.last.tMs ?? Number.NEGATIVE_INFINITY),
    )
    const isSilent = silences?.after.some(({ open }) => open) ?? kept?.isSilent === true
    return {
      // a reading after the newest that was judged is judged when its turn comes
      movedMs: moved !== undefined && moved <= newestMs ? moved : undefined,
      standing: {
        facts,
        factsJson: json,
        tracks,
        isSilent,
        heard: silences?.heard ?? touched.heard,
        watched: isRunning || isSilent,
        earlyMs,
      },
      position: start,
      within,
      isAgain,
      silenceDueMs: silences?.dueMs,
      recordDueMs,
      isByRecordTime,
      difference: differenceOf(before, after, ({ kind }) => {
        if (kind === 'cadence') return Math.min(asOfMs, recordedToMs())
        return kind === 'silence' ? (silences?.heardToMs ?? heardTo().heardToMs) : asOfMs
      }),
    }
  }

  #outcome(
    { facts, factsJson, watched, earlyMs }: Standing,
    stored: Omit<JudgedPoint, 'point'> | undefined,
    found: Omit<PointJudgement, 'outcome' | 'watched'> & { difference: ReturnType<typeof differenceOf> },
  ): PointJudgement {
    const { difference, ...rest } = found
    const isSame = stored?.factsJson === factsJson && stored.watched === watched && stored.earlyMs === earlyMs
    return {
      outcome: {
        ...difference,
        ...(isSame ? {} : { judged: { point: facts.point, factsJson, watched, earlyMs } }),
        factVersion: this.#parts.view.version,
        recordedAtMs: this.#parts.nowMs(),
      },
      ...rest,
      watched,
    }
  }
}

/** The facts of a point as they were at a version of all facts. */
interface KnownFacts {
  readonly facts: PointFacts
  readonly json: string
  /** What the engine has made of them. */
  readonly prepared: Map<MeasuredQuantity, PreparedPoint>
  readonly version: number
}

/** From when on the facts differ from those kept: `JSON.stringify` of such facts, or empty when judging failed. */
function differenceMs(stored: { readonly factsJson: string } | undefined, facts: PointFacts): number {
  if (stored === undefined || stored.factsJson === NOT_JUDGED) return Number.NEGATIVE_INFINITY
  return firstDifferenceMs(JSON.parse(stored.factsJson) as PointFacts, facts)
}

import { type Clock, type Log, reasonOf } from '../../domain/index.ts'
import type { CanonicalReads, FindingReads, RecordedFindingChange } from '../../store/index.ts'
import type { Link } from '../link/index.ts'
import type { LivePiece, ToldFindingChange } from '../link/protocol.ts'

/** Changes are told this often: a person sees no difference, and a sensor that sends faster is told once. */
const LIVE_INTERVAL_MS = 500
/** Where nobody watches they are told this often, so that who begins to has little to wait for. */
const UNWATCHED_INTERVAL_MS = 10_000
/** It rests so many times as long as reading took: a backlog is not told reading by reading. */
const REST_FACTOR = 19
/** But no longer than this for that. */
const REST_MS_MAX = 10_000
/** Rows or findings in a piece: some 100 KB, a few milliseconds of either thread. */
const PER_PIECE = 500
/** Records whose series are looked up at a time, while far behind. */
const RECORDS_PER_LOOK = 2_000
/** Whoever has not taken a piece by then has stopped; it is told everything anew when it goes on. */
const PIECE_MS_MAX = 30_000
/** How soon readings that could not be read are tried again. */
const RETRY_MS = 5_000

/** What telling works with. */
export interface LiveParts {
  readonly reads: Pick<CanonicalReads, 'cursor' | 'newSeries' | 'changedSeries' | 'latestOf'>
  readonly findings: Pick<FindingReads, 'page' | 'lastChange' | 'changesAfter' | 'standing'>
  readonly clock: Clock
  readonly log: Log
}

/** Tells links what is newest. */
export interface LiveTelling {
  /** From now on until the link closes; answers at once. Each link goes at its own speed and holds up no other. */
  tell(link: Link, isWatched: boolean): void
  /** Whether anybody watches beyond the link; who begins to is told at once what has changed. */
  watched(link: Link, isWatched: boolean): void
  stop(): Promise<void>
}

/** Opens the telling: it follows ingest and the judge, and holds nothing but where each link stands. */
export function openLiveTelling(parts: LiveParts): LiveTelling {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const paces = new Map<Link, Pace>()
  return {
    tell: (link, isWatched) => {
      const pace = new Pace(parts.clock, stopping.signal, isWatched)
      paces.set(link, pace)
      const run = keepTelling(parts, link, pace, stopping.signal)
      running.add(run)
      void run.then(() => {
        running.delete(run)
        if (paces.get(link) === pace) paces.delete(link)
      })
    },
    watched: (link, isWatched) => {
      paces.get(link)?.set(isWatched)
    },
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

/** How often a link is told. */
class Pace {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #isWatched: boolean
  #resting: AbortController | undefined

  constructor(clock: Clock, signal: AbortSignal, isWatched: boolean) {
    this.#clock = clock
    this.#signal = signal
    this.#isWatched = isWatched
  }

  set(isWatched: boolean): void {
    this.#isWatched = isWatched
    if (isWatched) this.#resting?.abort()
  }

  /** Rests after a telling for which reading took so long, ms. */
  async rest(readMs: number): Promise<void> {
    this.#resting = new AbortController()
    const seldomMs = this.#isWatched ? LIVE_INTERVAL_MS : UNWATCHED_INTERVAL_MS
    const restMs = Math.max(seldomMs, Math.min(readMs * REST_FACTOR, REST_MS_MAX))
    await this.#clock.sleep(restMs, AbortSignal.any([this.#signal, this.#resting.signal]))
    this.#resting = undefined
  }
}

async function keepTelling(parts: LiveParts, link: Link, pace: Pace, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts
  while (!signal.aborted && !link.closed) {
    try {
      await new Teller(parts, link, signal).run(pace)
    } catch (thrown) {
      // Nothing is lost: the next round tells everything anew.
      if (signal.aborted || link.closed) return
      log.warn({ reason: reasonOf(thrown) }, 'what is newest could not be told; it is told anew')
      await clock.sleep(RETRY_MS, signal)
    }
  }
}

/** One telling from its `begin` on; where it stands, and what of that is not told yet. */
class Teller {
  readonly #parts: LiveParts
  readonly #link: Link
  readonly #signal: AbortSignal
  /** Next record, and newest change of a finding, that was looked at. */
  #nextRecord: number
  #lastChange: number
  /** How long reading took since it rested last, ms. */
  #readMs = 0

  constructor(parts: LiveParts, link: Link, signal: AbortSignal) {
    this.#parts = parts
    this.#link = link
    this.#signal = signal
    // first where it stands, then what there is: what happens meanwhile is told twice, and never not at all
    this.#nextRecord = parts.reads.cursor('ingest')
    this.#lastChange = parts.findings.lastChange()
  }

  /** Resolves when the signal aborts or the link closes. */
  async run(pace: Pace): Promise<void> {
    await this.#send({ part: 'begin' })
    await this.#tellAll()
    await this.#send({ part: 'end' })
    while (!this.#signal.aborted && !this.#link.closed) {
      await this.#tellReadings()
      await this.#tellFindings()
      await pace.rest(this.#readMs)
      this.#readMs = 0
    }
  }

  async #tellAll(): Promise<void> {
    const { reads, findings } = this.#parts
    for (let after = 0; ; ) {
      const found = reads.newSeries(after, PER_PIECE)
      const last = found.at(-1)
      if (last === undefined) break
      await this.#sendRows(found.map(({ no }) => no))
      after = last.no
    }
    for (let after: string | null | undefined; after !== null; ) {
      const from = after === undefined ? {} : { after }
      const page = findings.page({ open: true, limit: PER_PIECE, ...from })
      await this.#send({ part: 'findings', open: page.items })
      after = page.next
    }
  }

  /** The newest rows of all series that changed since, each once however often it did. */
  async #tellReadings(): Promise<void> {
    const { reads, clock } = this.#parts
    const touched = new Set<number>()
    for (let end = reads.cursor('ingest'); this.#nextRecord < end; ) {
      const next = Math.min(this.#nextRecord + RECORDS_PER_LOOK, end)
      const changed = this.#timed(() => reads.changedSeries(this.#nextRecord, next))
      for (const series of changed) touched.add(series)
      this.#nextRecord = next
      if (next < end) await clock.sleep(0)
    }
    const series = [...touched]
    for (let start = 0; start < series.length; start += PER_PIECE) {
      await this.#sendRows(series.slice(start, start + PER_PIECE))
    }
  }

  async #tellFindings(): Promise<void> {
    const { findings } = this.#parts
    for (;;) {
      const changes = findings.changesAfter(this.#lastChange, PER_PIECE)
      const last = changes.at(-1)
      if (last === undefined) return
      await this.#send({ part: 'changes', changes: changes.map((change) => this.#told(change)) })
      this.#lastChange = last.no
    }
  }

  #told({ kind, finding, replaces, recordedAtMs }: RecordedFindingChange): ToldFindingChange {
    const [standing] = this.#parts.findings.standing([finding.id])
    const judged = standing ?? { finding, asOfMs: recordedAtMs }
    return { kind, judged, stands: standing !== undefined, replaces }
  }

  async #sendRows(series: readonly number[]): Promise<void> {
    const rows = this.#timed(() => this.#parts.reads.latestOf(series))
    await this.#send({ part: 'readings', rows })
  }

  #timed<Result>(read: () => Result): Result {
    const { clock } = this.#parts
    const startedMs = clock.monotonicMs()
    const result = read()
    this.#readMs += clock.monotonicMs() - startedMs
    return result
  }

  async #send(piece: LivePiece): Promise<void> {
    const giveUp = AbortSignal.any([this.#signal, AbortSignal.timeout(PIECE_MS_MAX)])
    await this.#link.call('live-piece', piece, giveUp)
  }
}

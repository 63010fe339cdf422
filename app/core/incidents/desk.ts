import { isCallDue } from '../../../alerts/index.ts'
import type { Cause, Clock, Log } from '../../../domain/index.ts'
import { causeOf, reasonOf } from '../../../domain/index.ts'
import type { DeskStore, DeskTransaction, FactsView, FindingReads } from '../../../store/index.ts'
import { type LineParts, stepLine } from './line.ts'

/** Changes of findings taken in one transaction. */
const CHANGES_PER_STEP = 100
/** What failed is tried again after this. */
const RETRY_MS = 5_000
/** With nothing due the desk looks again this often. */
const LOOK_MS = 60_000
const PUT_ASIDE = 'the incident of a place cannot be brought in order; it is tried again, the others go on'

/** What the incident desk runs on. */
export interface DeskOptions extends LineParts {
  readonly store: DeskStore
  readonly findings: FindingReads
  /** In this thread, and current with every commit of the facts. */
  readonly view: FactsView
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Called after messages may have come into the outbox. */
  readonly onMessages: () => void
}

/** A running incident desk. */
export interface Desk {
  /** Call after findings have changed, and after people acted on incidents. */
  wake(): void
  /** Resolves after `signal` has aborted. */
  readonly stopped: Promise<void>
}

/**
 * Follows the changes of findings with a cursor of its own and makes incidents and calls of them. Whatever fails is
 * tried again: nothing is passed over, and what was done is not done twice. A place that cannot be brought in order
 * is put aside, so that the others are not kept from being called for; the cursor that is kept stays before it.
 */
export function startDesk(options: DeskOptions): Desk {
  let awake = Promise.withResolvers<void>()
  const work = new DeskWork(options)
  const run = async (): Promise<void> => {
    const { clock, log, signal } = options
    while (!signal.aborted) {
      awake = Promise.withResolvers()
      let restMs: number
      try {
        restMs = await work.untilNothingIsDue()
      } catch (thrown) {
        // Nothing is lost: the cursor stays where it is, and the step was rolled back as a whole.
        log.error({ reason: reasonOf(thrown) }, 'the incident desk failed; it tries again')
        restMs = RETRY_MS
        awake = Promise.withResolvers()
      }
      const sleeping = new AbortController()
      await Promise.race([awake.promise, clock.sleep(restMs, AbortSignal.any([signal, sleeping.signal]))])
      sleeping.abort()
    }
  }
  return {
    wake: () => {
      awake.resolve()
    },
    stopped: run(),
  }
}

/** A place and cause, what touched it since it was last in order, and the first change of that. */
interface Pending {
  readonly place: string
  readonly cause: Cause
  readonly touched: Set<string>
  readonly sinceNo: number
}

/** The work of the desk; what it knows besides its cursor it finds out again after a restart. */
export class DeskWork {
  readonly #options: DeskOptions
  /** Number of the last change that was taken; undefined before the first step. */
  #position: number | undefined
  /** Lines that could not be brought in order. */
  #aside: ReadonlyMap<string, Pending> = new Map()
  #asideDueMs = 0

  constructor(options: DeskOptions) {
    this.#options = options
  }

  /** Does what can be done now; answers how long there is nothing to do, ms. */
  async untilNothingIsDue(): Promise<number> {
    const { clock, signal, onMessages } = this.#options
    let nowMs = clock.nowMs()
    if (this.#aside.size > 0 && clock.monotonicMs() >= this.#asideDueMs) await this.#retryAside()
    while (!signal.aborted && (await this.#step())) {
      onMessages()
      // ingest and commands have their turn
      await clock.sleep(0)
      nowMs = clock.nowMs()
    }
    return Math.min(this.#untilDueMs(nowMs), this.#aside.size > 0 ? RETRY_MS : LOOK_MS)
  }

  /** How long until the next call is due, ms; one that was due at `lookedMs` already finds nobody to be called. */
  #untilDueMs(lookedMs: number): number {
    const { view, clock } = this.#options
    const dueMs = view.unresolvedIncidents().flatMap(({ callDueMs }) => callDueMs ?? [])
    const next = dueMs.filter((each) => each > lookedMs).map((each) => each - clock.nowMs())
    return Math.max(0, Math.min(LOOK_MS, ...next))
  }

  /** One transaction: takes changes, or calls that are due; false when there was nothing to do. */
  async #step(): Promise<boolean> {
    const { store, log } = this.#options
    const failed = new Set<string>()
    for (;;) {
      let trying: string | undefined
      try {
        const { position, aside, isDone } = await store.step((tx) =>
          this.#takeBatch(tx, failed, (key) => {
            trying = key
          }),
        )
        this.#position = position
        this.#aside = aside
        if (failed.size > 0) this.#asideDueMs = this.#options.clock.monotonicMs() + RETRY_MS
        return isDone
      } catch (thrown) {
        if (trying === undefined || failed.has(trying)) throw thrown
        // Nothing is lost: it is put aside and tried again, also after a restart.
        log.error({ line: trying, reason: reasonOf(thrown) }, PUT_ASIDE)
        failed.add(trying)
      }
    }
  }

  async #takeBatch(tx: DeskTransaction, failed: ReadonlySet<string>, trying: (key?: string) => void) {
    const { findings } = this.#options
    const from = await this.#cursor(tx)
    const changes = findings.changesAfter(from, CHANGES_PER_STEP)
    const position = changes.at(-1)?.no ?? from
    const lines = new Map<string, Pending>()
    for (const { no, finding } of changes) {
      touch(lines, { id: finding.id, place: finding.place, cause: causeOf(finding) }, no)
    }
    const nowMs = this.#options.clock.nowMs()
    for (const { place, cause, callDueMs } of this.#options.view.unresolvedIncidents()) {
      if (isCallDue(callDueMs, nowMs)) touch(lines, { place, cause }, position)
    }
    const aside = new Map(this.#aside)
    let isDone = changes.length > 0
    for (const [key, line] of lines) {
      const before = aside.get(key)
      if (before !== undefined || failed.has(key)) {
        aside.set(key, before === undefined ? line : joined(before, line))
        continue
      }
      trying(key)
      isDone = (await stepLine(this.#options, tx, line, position, nowMs)) || isDone
    }
    trying(undefined)
    if (changes.length > 0) await tx.setCursor(keptCursor(position, aside))
    return { position, aside, isDone }
  }

  async #cursor(tx: DeskTransaction): Promise<number> {
    const { findings, log } = this.#options
    const cursor = this.#position ?? (await tx.cursor())
    if (cursor <= findings.lastChange()) return cursor
    // findings made anew have the ids they had, and what is known of an id is not done again
    log.warn({ change: cursor }, 'the findings were made anew; the incident desk goes through them again')
    await tx.setCursor(0)
    return 0
  }

  async #retryAside(): Promise<void> {
    const { store, log, clock, onMessages } = this.#options
    this.#asideDueMs = clock.monotonicMs() + RETRY_MS
    for (const [key, line] of this.#aside) {
      const rest = new Map([...this.#aside].filter(([other]) => other !== key))
      const position = this.#position ?? 0
      try {
        await store.step(async (tx) => {
          await stepLine(this.#options, tx, line, position, clock.nowMs())
          await tx.setCursor(keptCursor(position, rest))
        })
        this.#aside = rest
        onMessages()
      } catch (thrown) {
        // Nothing is lost: it stays aside.
        log.error({ line: key, reason: reasonOf(thrown) }, PUT_ASIDE)
      }
    }
  }
}

function touch(
  lines: Map<string, Pending>,
  { id, place, cause }: Pick<Pending, 'place' | 'cause'> & { readonly id?: string },
  no: number,
): void {
  const key = `${place} ${cause}`
  const line = lines.get(key) ?? { place, cause, touched: new Set<string>(), sinceNo: no }
  if (id !== undefined) line.touched.add(id)
  lines.set(key, line)
}

function joined(before: Pending, { touched }: Pending): Pending {
  return { ...before, touched: new Set([...before.touched, ...touched]) }
}

/** Everything up to it is in order: after a restart the desk goes on from here. */
function keptCursor(position: number, aside: ReadonlyMap<string, Pending>): number {
  return Math.min(position, ...[...aside.values()].map(({ sinceNo }) => sinceNo - 1))
}

import type { Clock, Log } from '../../../domain/index.ts'
import { reasonOf } from '../../../domain/index.ts'
import type { DeskStore, FactsView, FindingReads } from '../../../store/index.ts'
import { type LineParts, stepLine, type TouchedFinding } from './line.ts'

/** Changes of findings taken in one transaction. */
const CHANGES_PER_STEP = 100
/** What failed is tried again after this. */
const RETRY_MS = 5_000
/** With nothing due the desk looks again this often. */
const LOOK_MS = 60_000

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
 * tried again from the cursor: nothing is passed over, and what was done is not done twice.
 */
export function startDesk(options: DeskOptions): Desk {
  let awake = Promise.withResolvers<void>()
  const run = async (): Promise<void> => {
    const { clock, log, signal } = options
    while (!signal.aborted) {
      awake = Promise.withResolvers()
      let restMs: number
      try {
        while (!signal.aborted && (await takeChanges(options))) options.onMessages()
        restMs = untilDueMs(options)
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

/** How long until the next call is due, ms. */
function untilDueMs({ view, clock }: DeskOptions): number {
  const nowMs = clock.nowMs()
  const dueMs = view.unresolvedIncidents().flatMap(({ callDueMs }) => (callDueMs === null ? [] : [callDueMs]))
  return Math.max(0, Math.min(LOOK_MS, ...dueMs.map((each) => each - nowMs)))
}

/** One transaction of the desk: takes changes, and calls that are due; false when there was nothing to do. */
export function takeChanges(
  options: Pick<DeskOptions, 'store' | 'findings' | 'view' | 'packs' | 'log'>,
): Promise<boolean> {
  const { store, findings, view, log } = options
  return store.step(async (tx) => {
    let cursor = await tx.cursor()
    if (cursor > findings.lastChange()) {
      // findings made anew have the ids they had, and what is known of an id is not done again
      log.warn({ cursor }, 'the findings were made anew; the incident desk goes through them again')
      cursor = 0
      await tx.setCursor(cursor)
    }
    const changes = findings.changesAfter(cursor, CHANGES_PER_STEP)
    const lines = new Map<string, TouchedFinding[]>()
    for (const { finding, replaces } of changes) {
      const key = `${finding.place}\n${finding.direction}`
      lines.set(key, [...(lines.get(key) ?? []), { finding, replaces }])
    }
    const due = view
      .unresolvedIncidents()
      .filter(({ callDueMs }) => callDueMs !== null && callDueMs <= tx.atMs)
    for (const { place, direction } of due) {
      const key = `${place}\n${direction}`
      lines.set(key, lines.get(key) ?? [])
    }
    for (const [key, touched] of lines) await stepLine(options, tx, key, touched)
    const last = changes.at(-1)
    if (last !== undefined) await tx.setCursor(last.no)
    return lines.size > 0
  })
}

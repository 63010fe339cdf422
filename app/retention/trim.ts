import { type Actor, Problem } from '../../domain/index.ts'
import { retentionOf } from '../../batches/index.ts'
import { trimLog } from '../../journal/index.ts'
import {
  type ConsumerName,
  createCommands,
  type DataDirectoryLock,
  lockDataDirectory,
  type LockHolder,
  openCanonicalReads,
  openFactsReads,
} from '../../store/index.ts'
import type { LogParts } from '../backup/index.ts'
import { isThere } from '../doors/files.ts'
import { requireFormat } from '../format.ts'
import type { DataLayout } from '../layout.ts'
import { recoveredEnd, requireOwnJournal } from '../own-journal.ts'
import { openStores } from '../stores.ts'
import { type Goes, outlookOf, type SegmentOutlook, whatGoes } from './outlook.ts'
import { segmentsOf } from './segments.ts'

/** What the outlook of a journal is made of. */
export interface RetentionParts extends Pick<LogParts, 'clock' | 'disk'> {
  readonly layout: DataLayout
  /** Who must have passed a record before it goes. */
  readonly consumers: readonly ConsumerName[]
}

/** What a journal is trimmed with. */
export interface TrimOptions extends RetentionParts, LogParts {
  readonly holder: LockHolder
  readonly actor: Actor
  readonly reason: string
}

/** What was removed, and by which act. */
export interface TrimmedJournal extends Goes {
  readonly act: number
}

/**
 * The segments of the journal and from when on each may go, by facts and cursors as they stand. It only reads, also
 * while Isotherm runs. Throws `not-found` without a data directory, and what the stores and the journal refuse.
 */
export async function journalOutlook(options: RetentionParts): Promise<readonly SegmentOutlook[]> {
  const { layout, disk, clock, consumers } = options
  await requireFormat(layout)
  await requireDirectory(layout)
  const facts = openFactsReads({ path: layout.facts })
  const reads = openCanonicalReads({ path: layout.readings })
  try {
    return outlookOf(await segmentsOf(layout.journal, disk), {
      kept: retentionOf(await facts.lotArrivals()),
      positions: Object.fromEntries(consumers.map((name) => [name, reads.cursor(name)])),
      nowMs: clock.nowMs(),
    })
  } finally {
    reads.close()
    facts.close()
  }
}

/**
 * Removes the oldest segments of the journal that nothing keeps any more; undefined when there are none. Isotherm must
 * be stopped. The act comes first, so that nothing is ever removed for which nobody answers; what is interrupted after
 * it is done by the next call.
 *
 * Throws `data-directory-locked`, what `requireFormat` and the stores refuse, and what the journal does when it is
 * damaged or not the one the readings were made of.
 */
export async function trimJournal(options: TrimOptions): Promise<TrimmedJournal | undefined> {
  const { layout, holder, clock } = options
  await requireFormat(layout)
  await requireDirectory(layout)
  const locks: DataDirectoryLock[] = []
  try {
    for (const role of ['core', 'gateway']) locks.push(lockDataDirectory({ path: layout.root, role, holder }))
    const stores = await openStores(layout, clock)
    try {
      // the cursors of the readings say what may go
      await requireOwnJournal(options, await recoveredEnd(options))
      const goes = whatGoes(await journalOutlook(options))
      if (goes === undefined) return undefined
      const commands = createCommands({ ...options, facts: stores.facts })
      const { actor, reason } = options
      const { act } = await commands.command('journal.trim', actor, { ...goes, reason })
      const { firstKept, receivedUntilMs } = goes
      const trimmedAtMs = clock.nowMs()
      await trimLog(options.disk, layout.journal, { firstKept, receivedUntilMs, trimmedAtMs, act })
      return { ...goes, act }
    } finally {
      await stores.close()
    }
  } finally {
    for (const lock of locks) lock.release()
  }
}

async function requireDirectory({ facts, root }: DataLayout): Promise<void> {
  if (await isThere(facts)) return
  throw new Problem('not-found', {
    what: `There is no data directory of Isotherm in ${root}.`,
    remedy: 'Name the one that is meant with --data-dir.',
  })
}

import { AUDIT_LOG, type Clock, type Log, type Random } from '../../../domain/index.ts'
import { type Disk, openJournal } from '../../../journal/index.ts'
import { type Facts, type FactsView, openFactsReads } from '../../../store/index.ts'
import type { Configuration } from '../../config/index.ts'
import { journalReserve } from '../../journal-reserve.ts'
import type { DataLayout } from '../../layout.ts'
import type { AuditStatus } from '../../link/protocol.ts'
import { AuditFollower } from './follower.ts'

/** The running copy of acts into the `audit` log. */
export interface RunningAuditLog {
  status(): AuditStatus
  stop(): Promise<void>
}

/** Starts to copy acts; whatever happens to the log, commands do not wait. The caller holds the lock `core`. */
export function startAuditLog(options: {
  readonly configuration: Configuration
  readonly layout: DataLayout
  readonly disk: Disk
  readonly facts: Pick<Facts, 'onChange'>
  /** In this thread, current with every commit. */
  readonly view: Pick<FactsView, 'version'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}): RunningAuditLog {
  const { configuration, layout, facts, view, disk, clock, random, log } = options
  const journal = {
    directory: layout.audit,
    name: AUDIT_LOG,
    disk,
    clock,
    random,
    log,
    ...journalReserve(configuration),
  }
  const reads = openFactsReads({ path: layout.facts })
  const stopping = new AbortController()
  const follower = new AuditFollower({
    open: () => openJournal(journal),
    entries: (after, limit) => reads.auditEntries(after, limit),
    clock,
    log,
    signal: stopping.signal,
  })
  const stopFacts = facts.onChange(() => {
    follower.wake()
  })
  const running = follower.run()
  return {
    status: () => ({
      copied: follower.copied,
      waiting: follower.copied === null ? null : Math.max(0, view.version - follower.copied),
      trouble: follower.trouble,
    }),
    stop: async () => {
      stopFacts()
      stopping.abort()
      await running
      reads.close()
    },
  }
}

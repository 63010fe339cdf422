import { AuditFollower } from '../../app/core/audit/follower.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { type AuditRecord, decodeAuditRecord, type Log } from '../../domain/index.ts'
import { type Journal, openJournal } from '../../journal/index.ts'
import { openFactsReads } from '../../store/index.ts'
import { waitFor } from './isotherm.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Opens an audit log on the real disk, whatever is free there. */
export function openAuditLog(directory: string): Promise<Journal> {
  const parts = { disk: nodeDisk(), clock: systemClock, random: systemRandom, log: quiet }
  return openJournal({ directory, ...parts, spaceReserve: { share: 0, bytes: 0 } })
}

/** Every record of an audit log that nobody writes at the moment. */
export async function readAuditLog(directory: string): Promise<AuditRecord[]> {
  const journal = await openAuditLog(directory)
  const records: AuditRecord[] = []
  try {
    if (journal.durableEnd === 0) return records
    for await (const batch of journal.follow(0, new AbortController().signal)) {
      records.push(...batch.map(({ bytes }) => decodeAuditRecord(bytes)))
      if (records.length === journal.durableEnd) break
    }
  } finally {
    await journal.close()
  }
  return records
}

/** Copies the acts of a facts file into a log, as the core does, until version `until` of the facts is there. */
export async function copyActs(options: {
  readonly directory: string
  readonly facts: string
  readonly until: number
}): Promise<void> {
  const { directory, facts, until } = options
  const reads = openFactsReads({ path: facts })
  const stopping = new AbortController()
  const follower = new AuditFollower({
    open: () => openAuditLog(directory),
    entries: (after, limit) => reads.auditEntries(after, limit),
    clock: systemClock,
    log: quiet,
    signal: stopping.signal,
  })
  const running = follower.run()
  try {
    const told = (): string => JSON.stringify(follower.trouble)
    await waitFor(() => follower.copied === until || follower.trouble !== null, 20_000, told)
    if (follower.trouble !== null) throw new Error(told())
  } finally {
    stopping.abort()
    await running
    reads.close()
  }
}

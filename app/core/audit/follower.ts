import {
  type AuditedAct,
  AUDIT_LOG,
  type AuditEntry,
  type AuditRecord,
  type Clock,
  decodeAuditRecord,
  encodeAuditEntry,
  isSameAct,
  type Log,
  Problem,
  type ProblemCode,
  reasonOf,
} from '../../../domain/index.ts'
import type { Journal } from '../../../journal/index.ts'

/** Acts copied at a time: a few milliseconds of reading, one sync, and at most some MiB in memory. */
const ACTS_PER_BATCH = 100
/** After a failure the log is opened again so much later. */
export const RETRY_MS = 10_000

/** What copying works with. */
export interface AuditFollowerParts {
  /** Opens the log and recovers its end; after a failure it is closed and opened anew. */
  readonly open: () => Promise<Journal>
  readonly entries: (after: number, limit: number) => Promise<readonly AuditEntry[]>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Why copying does not go on at the moment, or at all. */
export interface AuditTrouble {
  readonly reason: string
  readonly remedy: string
}

/** Findings about the log itself, which no waiting mends: only a person can say which of the two is right. */
const lasting: ReadonlySet<ProblemCode> = new Set([
  'journal-mismatch',
  'journal-damaged',
  'data-directory-version',
])

/** Copies acts from the facts to the `audit` log: each once, in order, and never in the way of a command. */
export class AuditFollower {
  /** Version of the facts up to which acts are in the log; null until the log was opened. */
  copied: number | null = null
  trouble: AuditTrouble | null = null
  readonly #parts: AuditFollowerParts
  #code: string | undefined
  #awake = Promise.withResolvers<void>()

  constructor(parts: AuditFollowerParts) {
    this.#parts = parts
    parts.signal.addEventListener('abort', () => {
      this.wake()
    })
  }

  /** Call after each change of the facts. */
  wake(): void {
    this.#awake.resolve()
  }

  /** Copies until the signal aborts, or for good stops at a log that does not belong to the facts. Never rejects. */
  async run(): Promise<void> {
    const { open, clock, signal } = this.#parts
    let journal: Journal | undefined
    while (!signal.aborted) {
      try {
        journal ??= await open()
        await this.#follow(journal)
      } catch (thrown) {
        // Nothing is lost: the acts stay in the facts, and what the log holds is asked of the log itself.
        this.#note(thrown)
        if (thrown instanceof Problem && lasting.has(thrown.code)) break
        // A full one goes on by itself; after a failed write or sync only a recovery says what is there.
        if (journal?.state().kind === 'failed') {
          await this.#close(journal)
          journal = undefined
        }
        await clock.sleep(RETRY_MS, signal)
      }
    }
    if (journal !== undefined) await this.#close(journal)
  }

  async #follow(journal: Journal): Promise<void> {
    const { signal } = this.#parts
    let seq = await this.#findEnd(journal)
    while (!signal.aborted) {
      // before reading: what changes meanwhile wakes at once
      this.#awake = Promise.withResolvers()
      const last = await this.#copyBatch(journal, seq)
      this.trouble = null
      if (last === undefined) await this.#awake.promise
      else seq = last
    }
  }

  /** The `seq` of the last act in the log, once it is there as a whole. */
  async #findEnd(journal: Journal): Promise<number> {
    const bytes = await journal.last()
    if (bytes === undefined) {
      this.copied = 0
      return 0
    }
    const record = decodeAuditRecord(bytes)
    const [entry] = await this.#parts.entries(record.seq - 1, 1)
    if (entry === undefined || !isSameAct(entry, record) || entry.rows.length !== record.rowsTotal) {
      throw mismatch(record, entry)
    }
    const rowsTo = record.rowsFrom + record.rows.length
    // the process ended between two records of one act
    if (rowsTo < record.rowsTotal) await append(journal, encodeAuditEntry(entry, rowsTo))
    this.copied = entry.version
    return entry.seq
  }

  /** Copies the next acts and answers the last of them; undefined when there are none. */
  async #copyBatch(journal: Journal, after: number): Promise<number | undefined> {
    const entries = await this.#parts.entries(after, ACTS_PER_BATCH)
    const last = entries.at(-1)
    if (last === undefined) return undefined
    await append(
      journal,
      entries.flatMap((entry) => encodeAuditEntry(entry)),
    )
    this.copied = last.version
    return last.seq
  }

  #note(thrown: unknown): void {
    const code = thrown instanceof Problem ? thrown.code : 'internal'
    const reason = reasonOf(thrown)
    const remedy =
      thrown instanceof Problem ? thrown.remedy : 'Report it with the log. It is tried again by itself.'
    // told once, however often it is tried again
    if (this.trouble === null || this.#code !== code) {
      this.#parts.log.error({ code, reason, remedy }, 'acts are not copied to the audit log')
    }
    this.#code = code
    this.trouble = { reason, remedy }
  }

  async #close(journal: Journal): Promise<void> {
    try {
      await journal.close()
    } catch (thrown) {
      // Nothing is lost: what it confirmed is on disk, and the next opening recovers it.
      this.#parts.log.warn({ reason: reasonOf(thrown) }, 'the audit log did not close cleanly')
    }
  }
}

/** Appends records in one go: they share syncs, and when one fails all behind it do. */
async function append(journal: Journal, records: readonly Uint8Array[]): Promise<void> {
  await Promise.all(records.map((bytes) => journal.append(bytes)))
}

function mismatch(record: AuditRecord, entry: AuditedAct | undefined): Problem {
  const { seq, kind, subject } = record
  const found = entry === undefined ? 'the facts do not have' : 'the facts tell differently'
  return new Problem('journal-mismatch', {
    what: `The ${AUDIT_LOG} log ends with act ${seq} (${kind} of ${subject}), which ${found}: they are of different ages, or do not belong together.`,
    remedy:
      'Put back facts and audit log of the same time. To go on with these facts, stop, move the folder of the audit log away, keep it, and start: a new log is written from the facts. Nothing was changed.',
  })
}

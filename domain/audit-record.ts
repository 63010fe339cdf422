import { Problem } from './problem.ts'
import { RECORD_BYTES_MAX } from './record.ts'

/** The log acts go to. */
export const AUDIT_LOG = 'audit'

/** A row an act appended, by its table; columns that are private (`store/facts/schema.ts`) are left out. */
export interface AuditedRow {
  readonly table: string
  readonly row: Readonly<Record<string, string | number | null>>
}

/** An act as its audit row tells it. */
export interface AuditedAct {
  readonly seq: number
  /** Version of the facts after it; versions have no holes, `seq` may. */
  readonly version: number
  /** Epoch ms; never decreases with `seq`. */
  readonly at: number
  /** When it is claimed to have been done, epoch ms; null unless it is an act of a demonstration's past. */
  readonly claimedAt: number | null
  readonly actor: string
  readonly kind: string
  readonly subject: string
  readonly reason: string
  readonly old: object | null
  readonly new: object | null
}

/** An act with every row it appended, by table and then in the order of their numbers. */
export interface AuditEntry extends AuditedAct {
  readonly rows: readonly AuditedRow[]
}

/** One record of the `audit` log: an act with all its rows, or with those from number `rowsFrom` on that fit. */
export interface AuditRecord extends AuditEntry {
  readonly rowsFrom: number
  /** How many rows the act appended in all; the act is complete with the record that reaches this. */
  readonly rowsTotal: number
}

/** Acts as they were always told, and those with a claimed time: who does not know that must not read over it. */
const FORMAT = 1
const FORMAT_CLAIMED = 2
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Encodes an act as the records of the `audit` log, byte for byte as `docs/wire.md` shows. It takes more than one when
 * its rows do not fit 65,535 bytes; `rowsFrom` says that the rows before it are recorded already. Throws
 * `Problem('payload-too-large')` when a single row does not fit, which `act()` and `appendFact()` see to.
 */
export function encodeAuditEntry(entry: AuditEntry, rowsFrom = 0): readonly Uint8Array[] {
  const rows = entry.rows.map((row) => JSON.stringify(row))
  const records: Uint8Array[] = []
  let from = rowsFrom
  do {
    const head = headOf(entry, from)
    const to = endOfPart(rows, from, encoder.encode(head).length + 2)
    const bytes = encoder.encode(`${head}${rows.slice(from, to).join(',')}]}`)
    if (bytes.length > RECORD_BYTES_MAX || (to === from && from < rows.length)) throw tooLarge(entry)
    records.push(bytes)
    from = to
  } while (from < rows.length)
  return records
}

/** The record up to its rows. Members stand in this order, without spaces: one act, one text. */
function headOf(entry: AuditEntry, rowsFrom: number): string {
  const { seq, version, at, claimedAt, actor, kind, subject, reason } = entry
  const members = {
    format: claimedAt === null ? FORMAT : FORMAT_CLAIMED,
    seq,
    version,
    at,
    ...(claimedAt === null ? {} : { claimedAt }),
    actor,
    kind,
    subject,
    reason,
    old: entry.old,
    new: entry.new,
    rowsFrom,
    rowsTotal: entry.rows.length,
  }
  return `${JSON.stringify(members).slice(0, -1)},"rows":[`
}

/** Number of the first row from `from` on that does not fit a record of which `used` bytes are taken. */
function endOfPart(rows: readonly string[], from: number, used: number): number {
  let bytes = used
  let to = from
  for (const row of rows.slice(from)) {
    bytes += encoder.encode(row).length + 1
    // the last row has no comma behind it
    if (bytes - 1 > RECORD_BYTES_MAX) break
    to += 1
  }
  return to
}

/**
 * Decodes a record. Throws `Problem('data-directory-version')` for a later format, `Problem('journal-damaged')` for
 * bytes that are none: records are written by us alone.
 */
export function decodeAuditRecord(bytes: Uint8Array): AuditRecord {
  let found: unknown
  try {
    found = JSON.parse(decoder.decode(bytes))
  } catch (thrown) {
    throw damaged('JSON', thrown)
  }
  if (!isMembers(found)) throw damaged('object')
  const { format } = found
  if (typeof format === 'number' && format > FORMAT_CLAIMED) throw laterFormat(format)
  if (format !== FORMAT && format !== FORMAT_CLAIMED) throw damaged('format')
  const claimedAt = format === FORMAT ? null : found['claimedAt']
  if (claimedAt !== null && !Number.isSafeInteger(claimedAt)) throw damaged('claimedAt')
  for (const name of ['seq', 'version', 'at', 'rowsFrom', 'rowsTotal']) {
    if (!Number.isSafeInteger(found[name])) throw damaged(name)
  }
  for (const name of ['actor', 'kind', 'subject', 'reason']) {
    if (typeof found[name] !== 'string') throw damaged(name)
  }
  for (const name of ['old', 'new']) {
    if (found[name] !== null && !isMembers(found[name])) throw damaged(name)
  }
  const { rows } = found
  if (!Array.isArray(rows) || !rows.every(isAuditedRow)) throw damaged('rows')
  const { format: _, ...record } = found
  // each member was looked at above
  return { ...record, claimedAt } as unknown as AuditRecord
}

/** True when both tell the same act; their rows are not looked at. */
export function isSameAct(one: AuditedAct, other: AuditedAct): boolean {
  return actText(one) === actText(other)
}

function actText(told: AuditedAct): string {
  const { seq, version, at, claimedAt, actor, kind, subject, reason } = told
  return JSON.stringify([seq, version, at, claimedAt, actor, kind, subject, reason, told.old, told.new])
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAuditedRow(value: unknown): value is AuditedRow {
  if (!isMembers(value) || typeof value['table'] !== 'string' || !isMembers(value['row'])) return false
  return Object.values(value['row']).every(
    (each) => each === null || ['string', 'number'].includes(typeof each),
  )
}

function tooLarge({ seq, kind }: AuditEntry): Problem {
  return new Problem('payload-too-large', {
    what: `Act ${seq} (${kind}) has a row that does not fit a record of ${RECORD_BYTES_MAX} bytes.`,
    remedy: 'This is a fault of Isotherm itself: report it. Acts go on; the audit log waits before this one.',
  })
}

function laterFormat(format: number): Problem {
  return new Problem('data-directory-version', {
    what: `The audit log holds a record of format ${format}; this version reads format ${FORMAT} and ${FORMAT_CLAIMED}.`,
    remedy: 'Start the version of Isotherm that wrote it, or a newer one.',
  })
}

function damaged(part: string, cause?: unknown): Problem {
  return new Problem('journal-damaged', {
    what: `A record of the audit log does not decode (${part}).`,
    remedy: 'Stop the service and restore the audit log from a backup; do not delete the damaged segment.',
    cause,
  })
}

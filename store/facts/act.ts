import assert from 'node:assert/strict'
import type { Actor, FactColumns, FactTable, FactTables } from '../../domain/index.ts'
import { actorName } from '../../domain/index.ts'
import { checkClaim } from './claims.ts'
import { fedRow, isFed, latestVersion } from './feed.ts'
import type { FactsTransaction } from './port.ts'
import type { FactValues } from './schema.ts'
import { columnsOf } from './schema.ts'

/** What an audit row may tell: ids, states, times, numbers. Names of people and things stay in the facts. */
export type ActDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/**
 * What an act tells and one row it appends stay below this, as UTF-8 JSON: together, and with a reason of 500
 * characters, they fit one record of the `audit` log.
 */
const DETAILS_BYTES_MAX = 32_768
const ROW_BYTES_MAX = 16_384

/** One act, as it goes into the audit trail. */
export interface ActEntry {
  /** Name of the command or of the part's own doing, e.g. `device.revoke`. */
  readonly kind: string
  readonly actor: Actor
  /** What it was done to, as `<thing>:<id>`. */
  readonly subject: string
  readonly reason: string
  readonly old: ActDetails | null
  readonly new: ActDetails | null
  /** When it is claimed to have been done, epoch ms; `checkClaim` says who may claim what. */
  readonly claimedAtMs?: number | undefined
}

/**
 * Proof that an audit row was written in this transaction; only `act` makes one. Every writing function of the
 * facts takes one, and every fact row names it in its column `act`, so nothing is written that nobody answers for.
 */
class Act {
  // private, so that no other object passes for an act
  readonly #seq: number
  readonly tx: FactsTransaction
  readonly recordedBy: string
  readonly reason: string

  constructor(tx: FactsTransaction, seq: number, entry: ActEntry) {
    this.#seq = seq
    this.tx = tx
    this.recordedBy = actorName(entry.actor)
    this.reason = entry.reason
  }

  /** Number of the audit row. */
  get seq(): number {
    return this.#seq
  }

  /** When it is recorded, epoch ms. */
  get atMs(): number {
    return this.tx.atMs
  }
}
export type { Act }

/**
 * Enters an act in the audit trail, in the caller's transaction, and answers what the writing functions ask
 * for. State and audit row stand or fall together. Throws what `checkClaim` does.
 */
export async function act(tx: FactsTransaction, entry: ActEntry): Promise<Act> {
  const [oldJson, newJson] = [detailsJson(entry.old), detailsJson(entry.new)]
  const bytes = Buffer.byteLength(oldJson ?? '') + Buffer.byteLength(newJson ?? '')
  assert(bytes <= DETAILS_BYTES_MAX, `${entry.kind} tells ${bytes} bytes; ${DETAILS_BYTES_MAX} is the most`)
  const { claimedAtMs } = entry
  if (claimedAtMs !== undefined) await checkClaim(tx, { ...entry, claimedAtMs })
  const [audit] = await tx.all(
    tx.db
      .insertInto('audit')
      .values({
        at: tx.atMs,
        actor: actorName(entry.actor),
        kind: entry.kind,
        subject: entry.subject,
        reason: entry.reason,
        oldJson,
        newJson,
        claimedAt: claimedAtMs ?? null,
      })
      .returning('seq'),
  )
  assert(audit !== undefined, 'an insert answers its row')
  const version = (tx.change.version ?? (await latestVersion(tx))) + 1
  await tx.run(tx.db.insertInto('fact_version').values({ version, act: audit.seq }))
  tx.change.version = version
  return new Act(tx, audit.seq, entry)
}

/** Detail names that would carry what must never be in the audit trail. */
const FORBIDDEN = /secret|password|hash|sha256|token|^name/i

function detailsJson(details: ActDetails | null): string | null {
  if (details === null) return null
  for (const name of Object.keys(details)) assert(!FORBIDDEN.test(name), `an act must not tell ${name}`)
  return JSON.stringify(details)
}

/** When a row holds, and which row it replaces. */
export type Period = Pick<FactColumns, 'validFrom' | 'validTo' | 'supersedes'>

/** Appends one row to a fact table. Callers outside this folder's commands want `openFact` or `changeFrom`. */
export async function appendFact<T extends FactTable>(
  act: Act,
  table: T,
  values: FactValues<T>,
  period: Period,
): Promise<FactTables[T]> {
  const columns = {
    ...values,
    ...period,
    recordedAt: act.atMs,
    recordedBy: act.recordedBy,
    reason: act.reason,
  }
  const bytes = Buffer.byteLength(JSON.stringify(columns))
  assert(bytes <= ROW_BYTES_MAX, `a row of ${table} has ${bytes} bytes; ${ROW_BYTES_MAX} is the most`)
  const [row] = await act.tx.all(
    act.tx.db
      // all fact tables take the same shape of statement; the values are checked against T above
      .insertInto(table as 'sensor')
      .values({ ...(columns as unknown as FactTables['sensor']), act: act.seq })
      .returning(columnsOf(table) as ['fact']),
  )
  assert(row !== undefined, 'an insert answers its row')
  if (isFed(table)) act.tx.change.rows.push(fedRow(table, row))
  return row as unknown as FactTables[T]
}

/** States a new fact, from the act's instant (or `validFrom`, epoch ms) on. */
export function openFact<T extends FactTable>(
  act: Act,
  table: T,
  values: FactValues<T>,
  validFrom: number = act.atMs,
): Promise<FactTables[T]> {
  return appendFact(act, table, values, { validFrom, validTo: null, supersedes: null })
}

import { DatabaseSync } from 'node:sqlite'
import { decodeRecord } from '../../domain/index.ts'
import { WHOLE_MESSAGE } from '../../store/readings/schema.ts'
import { messageKey, WholeBroken, type WholeLedger } from './whole-model.ts'

interface StoredRow {
  readonly device: string
  readonly sensor: string
  readonly at: number | null
  readonly seq: number | null
  readonly idx: number
  readonly item: number
  readonly milliC: number | null
  readonly milliPct: number | null
  readonly payload: string | null
}

/** What is checked against: the records of the log, and how far ingest has come. */
export interface Oracle {
  readonly records: readonly Uint8Array[]
  readonly ingested: number
  readonly readingsPath: string
  readonly ledger: WholeLedger
}

/**
 * Holds log and store against what devices sent and were promised, with nothing of the code of ingest: each
 * acknowledged message is the record it was promised to be, each record was sent by somebody, and each reading of each
 * ingested record is exactly one of stored, held with a reason, or the same as one that stands. Throws `WholeBroken`.
 */
export function requireWhole({ records, ingested, readingsPath, ledger }: Oracle): void {
  const keys = records.map((bytes) => {
    const { deviceId, topic, payload } = decodeRecord(bytes)
    return messageKey(deviceId, topic, payload)
  })
  for (const [index, key] of ledger.acknowledged) {
    if (keys[index] !== key) throw new WholeBroken('lost', `record ${index} was acknowledged and is another`)
  }
  for (const [index, key] of keys.entries()) {
    if (!ledger.sent.has(key)) throw new WholeBroken('phantom', `nobody sent record ${index}: ${key}`)
  }
  const unbacked = ledger.unbacked.find((key) => !keys.includes(key))
  if (unbacked !== undefined) throw new WholeBroken('lost', `acknowledged and in no record: ${unbacked}`)
  requireReadings(records.slice(0, ingested), readingsPath)
}

function requireReadings(records: readonly Uint8Array[], path: string): void {
  const { stored, held } = rowsOf(path)
  requireUnique(stored)
  const byPlace = new Map(stored.map((row) => [`${row.idx} ${row.item}`, row]))
  const byIdentity = Map.groupBy(stored, (row) => identityOf(row.device, row))
  let explained = 0
  for (const [index, bytes] of records.entries()) {
    const { deviceId, topic, payload } = decodeRecord(bytes)
    const items = topic.endsWith('/readings') ? itemsOf(payload) : []
    const wholeHeld = held.has(`${index} ${WHOLE_MESSAGE}`)
    if (wholeHeld !== (items === undefined))
      throw new WholeBroken(
        wholeHeld ? 'twice' : 'lost',
        `message ${index} is ${wholeHeld ? '' : 'not '}held`,
      )
    if (wholeHeld) explained += 1
    for (const [item, reading] of (items ?? []).entries()) {
      const place = `${index} ${item}`
      const row = byPlace.get(place)
      if (row !== undefined && held.has(place)) throw new WholeBroken('twice', `${place} is stored and held`)
      if (row !== undefined || held.has(place)) explained += 1
      if (row !== undefined) requireSame(row, reading, place)
      else if (!held.has(place)) requireStanding(byIdentity, deviceId, reading, index, place)
    }
  }
  const extra = stored.length + held.size - explained
  if (extra !== 0) throw new WholeBroken('phantom', `${extra} rows are of no record`)
}

function rowsOf(path: string) {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const rows: unknown = database
      .prepare(
        `select d.id as device, s.sensor, r.at, r.seq, r.idx, r.item, r.temperature_milli_c as milliC,
                r.humidity_milli_pct as milliPct, hex(r.payload_hash) as payload
         from reading r join series s on s.no = r.series join device d on d.no = s.device`,
      )
      .all()
    const held = database.prepare("select idx, item from held where reason <> ''").all()
    return {
      stored: rows as readonly StoredRow[],
      held: new Set(held.map(({ idx, item }) => `${String(idx)} ${String(item)}`)),
    }
  } finally {
    database.close()
  }
}

/** A run is shorter than the day in which a reading without a time is recognised. */
function requireUnique(stored: readonly StoredRow[]): void {
  const seen = new Set<string>()
  for (const row of stored) {
    if (row.at === null && row.seq === null) continue
    const identity = `${identityOf(row.device, row)} ${row.at === null ? row.payload : ''}`
    if (seen.has(identity)) throw new WholeBroken('twice', `two rows are one reading: ${identity}`)
    seen.add(identity)
  }
}

type Sent = Readonly<Record<string, unknown>>

function itemsOf(payload: Uint8Array): readonly Sent[] | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload).toString())
    return (Array.isArray(parsed) ? parsed : [parsed]) as Sent[]
  } catch {
    // what cannot be read must be held whole: undefined says so
    return undefined
  }
}

function identityOf(device: string, { at, seq }: { readonly at?: unknown; readonly seq?: unknown }): string {
  return JSON.stringify([device, at ?? null, seq ?? null])
}

function requireSame(row: StoredRow, sent: Sent, place: string): void {
  const same = row.at === (sent['at'] ?? null) && row.seq === (sent['seq'] ?? null)
  if (!same || !holds(row, sent)) throw new WholeBroken('phantom', `${place} is stored and is another`)
}

/** True when every value that was sent stands; a later message may have added others. */
function holds(row: StoredRow, sent: Sent): boolean {
  return is(row.milliC, sent['temperature']) && is(row.milliPct, sent['humidity'])
}

function is(milli: number | null, sent: unknown): boolean {
  return typeof sent !== 'number' || milli === Math.round(sent * 1000)
}

function requireStanding(
  byIdentity: ReadonlyMap<string, readonly StoredRow[]>,
  device: string,
  sent: Sent,
  index: number,
  place: string,
): void {
  const isNamed = (sent['at'] ?? null) !== null || (sent['seq'] ?? null) !== null
  const standing = byIdentity.get(identityOf(device, sent)) ?? []
  if (isNamed && standing.some((row) => row.idx <= index && holds(row, sent))) return
  throw new WholeBroken('lost', `reading ${place} of ${device} is neither stored nor held`)
}

import { Problem } from '../../domain/index.ts'
import { type Numbers, remember, type SeriesExtent } from './device-writes.ts'
import type { CanonicalTransaction, StoredReading } from './port.ts'
import type { ReadingColumns } from './rows.ts'
import { storedReading, valueColumnNames, valueParameters } from './rows.ts'
import type { Prepare } from './sqlite.ts'

type ReadingWrites = Pick<
  CanonicalTransaction,
  'at' | 'displaced' | 'undated' | 'insert' | 'complement' | 'repeat'
>

const columns = `series, t, sub, at, seq, received_ms, idx, item, marks, payload_hash, ${valueColumnNames.join(', ')}`

/** What the partial index `reading_displaced` covers; a query must repeat it word for word to use it. */
const DISPLACED = '(at is null or at <> t)'

/** The part of a transaction that finds, stores and completes readings. */
export function readingWrites(prepare: Prepare, known: Numbers): ReadingWrites {
  const { extents } = known
  const extentColumns = prepare<{ newest: number | null; displaced: number }>(
    `select (select max(t) from reading where series = ?1) as newest, exists (
       select 1 from reading indexed by reading_displaced where ${DISPLACED} and series = ?1) as displaced`,
  )
  const extentOf = (series: number): SeriesExtent => {
    const kept = extents.get(series)
    if (kept !== undefined) return kept
    const row = extentColumns.get(series)
    const newestMs = row?.newest ?? Number.NEGATIVE_INFINITY
    return remember(extents, series, { newestMs, hasDisplaced: row?.displaced === 1 })
  }
  const at = prepare<ReadingColumns>(`select ${columns} from reading where series = ? and t = ? and sub = ?`)
  const displaced = prepare<ReadingColumns>(
    `select ${columns} from reading indexed by reading_displaced where ${DISPLACED} and series = ? and at = ? and seq is ? limit 1`,
  )
  const undated = prepare<ReadingColumns>(
    `select ${columns} from reading indexed by reading_displaced where ${DISPLACED} and series = ? and at is null and seq = ?
     and payload_hash = ? and received_ms >= ? order by received_ms limit 1`,
  )
  const insert = prepare(
    `insert into reading (${columns}, changed_idx)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${valueColumnNames.map(() => '?').join(', ')}, ?)`,
  )
  // an added field never replaces one: the row then does not match, which `complement` reports
  const complement = prepare(
    `update reading set
       ${valueColumnNames.map((name, at) => `${name} = coalesce(${name}, ?${at + 5})`).join(', ')}, changed_idx = ?4
     where series = ?1 and t = ?2 and sub = ?3
       and ${valueColumnNames.map((name, at) => `(${name} is null or ?${at + 5} is null)`).join(' and ')}`,
  )
  const repeat = prepare('update reading set repeats = repeats + 1 where series = ? and t = ? and sub = ?')
  return {
    // most readings are newer than all others of their series, and are not looked for
    at: (series, tMs, sub) =>
      tMs > extentOf(series).newestMs ? undefined : optional(at.get(series, tMs, sub)),
    displaced: (series, atMs, seq) =>
      extentOf(series).hasDisplaced ? optional(displaced.get(series, atMs, seq)) : undefined,
    undated: (series, seq, payloadHash, sinceMs) =>
      optional(undated.get(series, seq, Buffer.from(payloadHash, 'hex'), sinceMs)),
    insert: (reading, changedIndex = reading.index) => {
      const { series, tMs, sub, atMs, seq, receivedAtMs, index, item, marks, payloadHash, values } = reading
      const hash = payloadHash === null ? null : Buffer.from(payloadHash, 'hex')
      const own = [series, tMs, sub, atMs, seq, receivedAtMs, index, item, marks, hash]
      insert.run(...own, ...valueParameters(values), changedIndex)
      const extent = extentOf(series)
      extent.newestMs = Math.max(extent.newestMs, tMs)
      extent.hasDisplaced ||= atMs !== tMs
    },
    complement: ({ series, tMs, sub }, added, index) => {
      if (complement.run(series, tMs, sub, index, ...valueParameters(added)) === 1) return
      throw mistake(
        `Record ${index} cannot complement series ${series} at ${tMs} ms (${sub}): no such row, or a field is there.`,
      )
    },
    repeat: ({ series, tMs, sub }) => {
      if (repeat.run(series, tMs, sub) === 1) return
      throw mistake(`Nothing of series ${series} at ${tMs} ms (${sub}) can have arrived again: no such row.`)
    },
  }
}

function mistake(what: string): Problem {
  const remedy = 'This is a mistake of Isotherm itself: report it with this message. Nothing was stored.'
  return new Problem('internal', { what, remedy })
}

function optional(row: ReadingColumns | undefined): StoredReading | undefined {
  return row === undefined ? undefined : storedReading(row)
}

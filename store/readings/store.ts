import type { DatabaseSync } from 'node:sqlite'
import { findingWrites } from '../findings/writes.ts'
import { deviceWrites, type Numbers, numbers, remember } from './device-writes.ts'
import { heldWrites } from './held-writes.ts'
import { partWrites } from './part-writes.ts'
import type { CanonicalStore, CanonicalTransaction } from './port.ts'
import { readingWrites } from './reading-writes.ts'
import { migrate } from './schema.ts'
import { silenceRuns } from './silence-runs.ts'
import type { Prepare } from './sqlite.ts'
import { connect, preparing, sqliteProblem } from './sqlite.ts'
import { Transactions } from './transactions.ts'
import { usedNumbers } from './used-numbers.ts'

/** Memory for pages of the writer, in KiB: a batch touches about one page per series. */
const CACHE_KIB = 65_536

/**
 * So many pages of 4 KiB are gathered in SQLite's log before they are moved into the file, with two syncs: a page that
 * changes again and again is moved once. A long transaction gathers more before it ends, and all of that is one move.
 */
const PAGES_PER_MOVE = 4_000
/** What a long transaction has made of the log beyond this is given back to the disk with the next move. */
const LOG_BYTES_KEPT = 64 * 1024 * 1024

/**
 * Opens the canonical readings for writing: the one file is made and brought up to date when needed. There must be no
 * other writer (the data-directory lock sees to it). Throws `Problem('data-directory-version')` for a file of a newer
 * Isotherm, `Problem('store-damaged' | 'core-unavailable')` when SQLite cannot use it.
 */
export function openCanonicalStore({ path }: { readonly path: string }): CanonicalStore {
  const database = connect(path, false)
  try {
    database.exec(`pragma journal_mode = wal; pragma cache_size = -${CACHE_KIB}`)
    database.exec(`pragma journal_size_limit = ${LOG_BYTES_KEPT}`)
    database.exec(`pragma wal_autocheckpoint = ${PAGES_PER_MOVE}; pragma synchronous = full`)
    migrate(database, path)
  } catch (thrown) {
    database.close()
    throw sqliteProblem(thrown, path)
  }
  return canonicalStore(database, path)
}

function canonicalStore(database: DatabaseSync, path: string): CanonicalStore {
  const transactions = new Transactions(database, path)
  const prepare = preparing(database, path, () => {
    transactions.requireInside()
  })
  const known = numbers(prepare)
  const { seqUse, putSeqUse, ...used } = usedNumbers(prepare, known)
  const tx: CanonicalTransaction = {
    ...cursorWrites(prepare),
    ...deviceWrites(prepare, known),
    seqUse,
    putSeqUse,
    ...readingWrites(prepare, known),
    ...partWrites(prepare),
    ...heldWrites(prepare, known),
    ...contactWrites(prepare, known),
    ...findingWrites(prepare),
  }
  return {
    ...transactions.of(tx, {
      beforeCommit: () => {
        used.write()
      },
      onUndone: () => {
        known.forget()
        used.forget()
      },
    }),
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}

function cursorWrites(
  prepare: Prepare,
): Pick<CanonicalTransaction, 'cursor' | 'setCursor' | 'bindCursor' | 'saveProjection'> {
  const cursor = prepare<{ next: number }>('select next from cursor where name = ?')
  const setCursor = prepare(
    `insert into cursor (name, next) values (?, ?)
     on conflict (name) do update set next = excluded.next, record_sha256 = null`,
  )
  const bindCursor = prepare('update cursor set record_sha256 = ? where name = ?')
  const release = prepare(
    `delete from influx_held where exists (
       select 1 from reading r where r.series = influx_held.series and r.t = influx_held.t and r.sub = influx_held.sub
         and r.changed_idx >= ? and r.changed_idx < ?)`,
  )
  const releaseAll = prepare('delete from influx_held')
  const holdPoint = prepare(
    `insert into influx_held (series, t, sub, reason, since_ms) values (?, ?, ?, ?, ?)
     on conflict (series, t, sub) do update set reason = excluded.reason, since_ms = excluded.since_ms`,
  )
  return {
    cursor: (name) => cursor.get(name)?.next ?? 0,
    setCursor: (name, next) => {
      setCursor.run(name, next)
    },
    bindCursor: (name, recordSha256) => {
      bindCursor.run(recordSha256, name)
    },
    saveProjection: ({ fromIndex, nextIndex, held, atMs }) => {
      if (nextIndex < fromIndex) releaseAll.run()
      else release.run(fromIndex, nextIndex)
      for (const { series, tMs, sub, reason } of held) holdPoint.run(series, tMs, sub, reason, atMs)
      setCursor.run('influx', nextIndex)
    },
  }
}

function contactWrites(
  prepare: Prepare,
  { contacts }: Numbers,
): Pick<CanonicalTransaction, 'contact' | 'putContact' | 'putSilences'> {
  const contact = prepare<{ contact_ms: number | null }>('select contact_ms from series where no = ?')
  const putContact = prepare('update series set contact_ms = ? where no = ?')
  const putOne = prepare('insert into silence (series, from_ms, to_ms, idx) values (?, ?, ?, ?)')
  const putSeveral = prepare(
    'insert into silence (series, from_ms, to_ms, idx, longest_ms, packed) values (?, ?, ?, ?, ?, ?)',
  )
  return {
    contact: (series) =>
      contacts.get(series) ?? remember(contacts, series, contact.get(series)?.contact_ms ?? null),
    putContact: (series, contactMs) => {
      putContact.run(contactMs, series)
      remember(contacts, series, contactMs)
    },
    putSilences: (series, silences) => {
      for (const { from_ms, to_ms, idx, longest_ms, packed } of silenceRuns(silences)) {
        if (packed === null) putOne.run(series, from_ms, to_ms, idx)
        else putSeveral.run(series, from_ms, to_ms, idx, longest_ms, packed)
      }
    },
  }
}

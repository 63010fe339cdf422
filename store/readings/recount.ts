import type { DatabaseSync } from 'node:sqlite'
import type { Balance, Totals } from './canonical-port.ts'
import { balanceReads, messagesAddUp } from './balance.ts'
import { openCurrent, WHOLE_MESSAGE } from './schema.ts'
import { type Prepare, preparing } from './sqlite.ts'

/** A sum of the balance that does not come out: what was counted, and what is there. */
export interface Miscount {
  readonly what:
    | 'messages'
    | 'readings'
    | 'stored rows'
    | 'held readings'
    | 'held messages'
    | 'records of the census'
    | 'records of ingest'
  readonly counted: number
  readonly found: number
}

/** Counts the rows of devices and compares them with the counters of the balance of promise 2. */
export interface Recount {
  /** Ids of devices behind `after`, ascending. */
  devices(after: string | undefined, limit: number): readonly string[]
  /**
   * Compares one device, at one instant, however long it takes: each step counts at most `ROWS_PER_STEP` rows, and is
   * a few milliseconds. Leaving early (`return()`) is allowed. One at a time.
   */
  device(id: string): Generator<undefined, readonly Miscount[]>
  /** Compares the counters of all devices together with what the two followers have passed. */
  log(): readonly Miscount[]
  close(): void
}

/** Rows counted between two breaths: about 2 ms from the cache, some tens from a slow disk. */
export const ROWS_PER_STEP = 10_000

/**
 * Opens a connection of its own for recounting; it can only read. Throws as `openCurrent` does. While a device
 * is compared the write-ahead log cannot be taken in, so a caller must not stop in the middle.
 */
export function openRecount(path: string): Recount {
  const database = openCurrent(path)
  const prepare = preparing(database, path, () => undefined)
  const ids = prepare<{ id: string }>('select id from device where id > ? order by id limit ?')
  const series = prepare<{ no: number }>(
    'select no from series where device = (select no from device where id = ?)',
  )
  const number = prepare<{ no: number }>('select no from device where id = ?')
  const { balance, totals } = balanceReads(prepare)
  const readings = rowCounter(prepare, { table: 'reading', owner: 'series', key: ['t', 'sub'], other: '0' })
  const held = rowCounter(prepare, {
    table: 'held',
    owner: 'device',
    key: ['idx', 'item'],
    other: `item = ${WHOLE_MESSAGE}`,
  })
  return {
    devices: (after, limit) => ids.all(after ?? '', limit).map(({ id }) => id),
    *device(id) {
      const leave = snapshot(database)
      try {
        const counted = balance(id)
        let rows = 0
        for (const { no } of series.all(id)) rows += (yield* readings(no)).all
        const found = yield* held(number.get(id)?.no ?? -1)
        return miscounts(counted, rows, found)
      } finally {
        leave()
      }
    },
    log: () => ofLog(totals()),
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}

/** Reads see one instant until the answer is called. */
function snapshot(database: DatabaseSync): () => void {
  database.exec('begin')
  return () => {
    if (database.isOpen && database.isTransaction) database.exec('rollback')
  }
}

/** How many rows there are, and of how many the term holds. */
interface Found {
  readonly all: number
  readonly other: number
}

function rowCounter(
  prepare: Prepare,
  {
    table,
    owner,
    key,
    other,
  }: Readonly<Record<'table' | 'owner' | 'other', string>> & { key: [string, string] },
): (owner: number) => Generator<undefined, Found> {
  const names = key.join(', ')
  const behind = `from ${table} where ${owner} = ? and (${names}) > (?, ?)`
  const end = prepare<{ first: number; second: number }>(
    `select ${key[0]} as first, ${key[1]} as second ${behind} order by ${names} limit 1 offset ${ROWS_PER_STEP - 1}`,
  )
  const rest = prepare<Found>(`select count(*) as "all", coalesce(sum(${other}), 0) as other ${behind}`)
  const piece = prepare<Found>(
    `select count(*) as "all", coalesce(sum(${other}), 0) as other ${behind} and (${names}) <= (?, ?)`,
  )
  return function* (no) {
    let [first, second] = [Number.MIN_SAFE_INTEGER, 0]
    let found: Found = { all: 0, other: 0 }
    for (;;) {
      const last = end.get(no, first, second)
      const more =
        last === undefined
          ? rest.get(no, first, second)
          : piece.get(no, first, second, last.first, last.second)
      found = { all: found.all + (more?.all ?? 0), other: found.other + (more?.other ?? 0) }
      yield
      if (last === undefined) return found
      first = last.first
      second = last.second
    }
  }
}

function miscounts(counts: Balance, rows: number, held: Found): readonly Miscount[] {
  const { messages, readings } = counts
  const { stored, complement, duplicate, held: heldReadings } = readings
  const outcomes = stored + complement + duplicate + heldReadings
  const sums: Miscount[] = [
    { what: 'readings', counted: readings.decoded, found: outcomes },
    { what: 'stored rows', counted: stored, found: rows },
    { what: 'held readings', counted: heldReadings, found: held.all - held.other },
    { what: 'held messages', counted: messages.held, found: held.other },
  ]
  const wrong = sums.filter(({ counted, found }) => counted !== found)
  if (messagesAddUp(counts)) return wrong
  return [
    { what: 'messages', counted: messages.journalled, found: messages.decoded + messages.held },
    ...wrong,
  ]
}

/** Every record of the log is counted once by either follower: so their cursors are sums too. */
function ofLog({ messages, cursors }: Totals): readonly Miscount[] {
  const sums: Miscount[] = [
    { what: 'records of the census', counted: messages.journalled, found: cursors.census },
    { what: 'records of ingest', counted: messages.decoded + messages.held, found: cursors.ingest },
  ]
  return sums.filter(({ counted, found }) => counted !== found)
}

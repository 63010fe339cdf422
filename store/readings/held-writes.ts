import type { HeldReason } from '../../domain/index.ts'
import type { Numbers } from './device-writes.ts'
import type { AheadReading, CanonicalTransaction } from './port.ts'
import { WHOLE_MESSAGE } from './schema.ts'
import type { Prepare } from './sqlite.ts'

type HeldWrites = Pick<
  CanonicalTransaction,
  'hold' | 'release' | 'putFault' | 'ahead' | 'putAhead' | 'heldFor' | 'releaseOne' | 'putDecided'
>

/** The part of a transaction that keeps what is held, and what is known of it. */
export function heldWrites(prepare: Prepare, known: Numbers): HeldWrites {
  const hold = prepare(
    `insert into held (idx, item, device, received_ms, reason, detail, excerpt, decided_idx)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const release = prepare<{ item: number }>(
    'delete from held where idx = ? and decided_idx is null returning item',
  )
  const forget = prepare('delete from ahead where idx = ?')
  const fault = prepare('insert into fault (series, t, idx) values (?, ?, ?) on conflict do nothing')
  return {
    ...aheadWrites(prepare),
    ...decidedWrites(prepare),
    putFault: ({ series, tMs, index }) => {
      fault.run(series, tMs, index)
    },
    release: (index) => {
      forget.run(index)
      return release.all(index).map(({ item }) => (item === WHOLE_MESSAGE ? null : item))
    },
    hold: ({ index, item, device, receivedAtMs, reason, detail, excerpt, decidedBy }) => {
      const own = [index, item ?? WHOLE_MESSAGE, known.device(device), receivedAtMs]
      hold.run(...own, reason, detail, excerpt, decidedBy ?? null)
    },
  }
}

function decidedWrites(prepare: Prepare): Pick<HeldWrites, 'heldFor' | 'releaseOne' | 'putDecided'> {
  // `hold` puts nothing else
  const find = prepare<{ reason: HeldReason }>('select reason from held where idx = ? and item = ?')
  const release = prepare('delete from held where idx = ? and item = ?')
  const decide = prepare('update held set decided_idx = ? where idx = ? and item = ? and decided_idx is null')
  return {
    heldFor: ({ index, item }) => find.get(index, item)?.reason,
    releaseOne: ({ index, item }) => {
      release.run(index, item)
    },
    putDecided: ({ index, item }, decidedBy) => {
      decide.run(decidedBy, index, item)
    },
  }
}

function aheadWrites(prepare: Prepare): Pick<HeldWrites, 'ahead' | 'putAhead'> {
  const any = prepare('select 1 from ahead limit 1')
  const find = prepare<{ idx: number; values_json: string }>(
    'select idx, values_json from ahead where series = ? and at = ? and seq = ?',
  )
  const put = prepare(
    'insert into ahead (series, at, seq, idx, values_json) values (?, ?, ?, ?, ?) on conflict do nothing',
  )
  // asked about every new reading, and mostly there is none
  let isEmpty: boolean | undefined
  return {
    ahead: (series, atMs, seq): AheadReading | undefined => {
      isEmpty ??= any.get() === undefined
      const row = isEmpty ? undefined : find.get(series, atMs, seq)
      return row === undefined ? undefined : { index: row.idx, valuesJson: row.values_json }
    },
    putAhead: (series, atMs, seq, { index, valuesJson }) => {
      isEmpty = false
      put.run(series, atMs, seq, index, valuesJson)
    },
  }
}

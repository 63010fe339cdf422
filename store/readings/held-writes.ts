import type { Numbers } from './device-writes.ts'
import type { AheadReading, CanonicalTransaction } from './port.ts'
import { WHOLE_MESSAGE } from './schema.ts'
import type { Prepare } from './sqlite.ts'

type HeldWrites = Pick<CanonicalTransaction, 'hold' | 'release' | 'putFault' | 'ahead' | 'putAhead'>

/** The part of a transaction that keeps what is held, and what is known of it. */
export function heldWrites(prepare: Prepare, known: Numbers): HeldWrites {
  const hold = prepare(
    'insert into held (idx, item, device, received_ms, reason, detail, excerpt) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const release = prepare<{ item: number }>('delete from held where idx = ? returning item')
  const forget = prepare('delete from ahead where idx = ?')
  const fault = prepare('insert into fault (series, t, idx) values (?, ?, ?) on conflict do nothing')
  return {
    ...aheadWrites(prepare),
    putFault: ({ series, tMs, index }) => {
      fault.run(series, tMs, index)
    },
    release: (index) => {
      forget.run(index)
      return release.all(index).map(({ item }) => (item === WHOLE_MESSAGE ? null : item))
    },
    hold: ({ index, item, device, receivedAtMs, reason, detail, excerpt }) => {
      const own = [index, item ?? WHOLE_MESSAGE, known.device(device), receivedAtMs]
      hold.run(...own, reason, detail, excerpt)
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

import type { HeldReason } from '../../domain/index.ts'
import type { Numbers } from './device-writes.ts'
import type { CanonicalTransaction, DistrustedReading } from './port.ts'
import { WHOLE_MESSAGE } from './schema.ts'
import type { Prepare } from './sqlite.ts'

type HeldWrites = Pick<CanonicalTransaction, 'hold' | 'release' | 'putFault' | 'distrusted' | 'putDistrusted'>

/** A reading without a number, in a key that cannot have null. */
const NO_SEQ = -1

/** The part of a transaction that keeps what is held, and what is known of it. */
export function heldWrites(prepare: Prepare, known: Numbers): HeldWrites {
  const hold = prepare(
    'insert into held (idx, item, device, received_ms, reason, detail, excerpt) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const release = prepare<{ item: number }>('delete from held where idx = ? returning item')
  const believe = prepare('delete from distrusted where idx = ?')
  const fault = prepare('insert into fault (series, t, idx) values (?, ?, ?) on conflict do nothing')
  return {
    ...distrustedWrites(prepare),
    putFault: ({ series, tMs, index }) => {
      fault.run(series, tMs, index)
    },
    release: (index) => {
      believe.run(index)
      return release.all(index).map(({ item }) => (item === WHOLE_MESSAGE ? null : item))
    },
    hold: ({ index, item, device, receivedAtMs, reason, detail, excerpt }) => {
      const own = [index, item ?? WHOLE_MESSAGE, known.device(device), receivedAtMs]
      hold.run(...own, reason, detail, excerpt)
    },
  }
}

function distrustedWrites(prepare: Prepare): Pick<HeldWrites, 'distrusted' | 'putDistrusted'> {
  const any = prepare('select 1 from distrusted limit 1')
  const find = prepare<{ idx: number; reason: string }>(
    'select idx, reason from distrusted where series = ? and at = ? and seq = ?',
  )
  const put = prepare(
    'insert into distrusted (series, at, seq, idx, reason) values (?, ?, ?, ?, ?) on conflict do nothing',
  )
  // asked about every new reading, and mostly there is none
  let isEmpty: boolean | undefined
  return {
    distrusted: (series, atMs, seq): DistrustedReading | undefined => {
      isEmpty ??= any.get() === undefined
      const row = isEmpty ? undefined : find.get(series, atMs, seq ?? NO_SEQ)
      // `putDistrusted` takes nothing else
      return row === undefined ? undefined : { index: row.idx, reason: row.reason as HeldReason }
    },
    putDistrusted: (series, atMs, seq, { index, reason }) => {
      isEmpty = false
      put.run(series, atMs, seq ?? NO_SEQ, index, reason)
    },
  }
}

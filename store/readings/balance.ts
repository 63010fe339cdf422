import type { Balance, CanonicalReads, Counts, Totals } from './canonical-port.ts'
import type { Prepare } from './sqlite.ts'

interface CountColumns {
  readonly journalled: number
  readonly decoded: number
  readonly held_messages: number
  readonly readings: number
  readonly stored: number
  readonly complement: number
  readonly duplicate: number
  readonly held_readings: number
  readonly ingest: number
  readonly census: number
}

const counted = 'journalled decoded held_messages readings stored complement duplicate held_readings'.split(
  ' ',
)
const sums = counted.map((name) => `coalesce(sum(${name}), 0) as ${name}`).join(', ')
const cursors = ['ingest', 'census']
  .map((name) => `coalesce((select next from cursor where name = '${name}'), 0) as ${name}`)
  .join(', ')

/** The balance of promise 2. Counters and cursors come from one statement, so they are of one instant. */
export function balanceReads(prepare: Prepare): Pick<CanonicalReads, 'balance' | 'totals'> {
  const one = prepare<CountColumns>(
    `select ${sums}, ${cursors} from device_count where device = (select no from device where id = ?)`,
  )
  const all = prepare<CountColumns & { readonly devices: number; readonly series: number }>(
    `select ${sums}, ${cursors}, (select count(*) from device) as devices, (select count(*) from series) as series
     from device_count`,
  )
  return {
    balance: (device) => balanceOf(device, only(one.get(device))),
    totals: () => totalsOf(only(all.get())),
  }
}

function balanceOf(device: string, row: CountColumns): Balance {
  const counts = countsOf(row)
  return { device, ...counts, balanced: messagesAddUp(counts) && readingsAddUp(counts) }
}

/** The follower that is ahead may have counted any of the records between the two, and no others. */
export function messagesAddUp({ messages, cursors }: Counts): boolean {
  const distance = cursors.census - cursors.ingest
  return messages.pending >= Math.min(0, distance) && messages.pending <= Math.max(0, distance)
}

function totalsOf(row: CountColumns & { devices: number; series: number }): Totals {
  const counts = countsOf(row)
  const { journalled, decoded, held } = counts.messages
  const everyRecord = journalled === row.census && decoded + held === row.ingest
  return {
    devices: row.devices,
    series: row.series,
    ...counts,
    balanced: everyRecord && readingsAddUp(counts),
  }
}

function countsOf(row: CountColumns): Counts {
  const { journalled, decoded, held_messages: held, ingest, census } = row
  const { readings, stored, complement, duplicate, held_readings } = row
  return {
    messages: { journalled, decoded, held, pending: journalled - decoded - held },
    readings: { decoded: readings, stored, complement, duplicate, held: held_readings },
    cursors: { ingest, census },
  }
}

function readingsAddUp({ readings }: Counts): boolean {
  const { decoded, stored, complement, duplicate, held } = readings
  return decoded === stored + complement + duplicate + held
}

/** A sum over no rows is still one row. */
function only<Row>(row: Row | undefined): Row {
  return row as Row
}

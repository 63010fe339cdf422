import type { Numbers } from './device-writes.ts'
import { packInstants, unpackInstants } from './instants.ts'
import type { CanonicalTransaction } from './port.ts'
import type { Prepare } from './sqlite.ts'

/** A row of table `seq_use` without its device and boot: numbers that follow each other, and when each was used. */
export interface NumberRun {
  readonly seq: number
  readonly at: number
  /** Null where it is one number. */
  readonly last_seq: number | null
  readonly last_at: number | null
  /** The instants in between (`packInstants`, from `at` on); null where there are none. */
  readonly packed: Uint8Array | null
}

/** The instants of the numbers of a row, from the first on. */
export function instantsIn({ at, last_at, packed }: NumberRun): readonly number[] {
  if (last_at === null) return [at]
  return [at, ...(packed === null ? [] : unpackInstants(at, packed)), last_at]
}

/** The part of a transaction that knows which numbers a device has used. What it notes is written run by run. */
export interface UsedNumbers extends Pick<CanonicalTransaction, 'seqUse' | 'putSeqUse'> {
  /** Writes what is noted: before a commit. */
  write(): void
  /** Forgets what is noted and what was read: after a rollback. */
  forget(): void
}

/** So many numbers are noted before they are written. A run is read as a whole, also where one number is asked for. */
const NOTED_MAX = 1_024

/** Which numbers devices have used: noted for one boot of one device at a time. */
export function usedNumbers(prepare: Prepare, known: Numbers): UsedNumbers {
  const { rowAt, highest, put } = statements(prepare)
  /** When numbers were used that are not written yet, by number. */
  const noted = new Map<number, number>()
  let notedOf: { readonly device: number; readonly boot: number } | undefined
  let read: { readonly device: number; readonly boot: number; readonly run: Run } | undefined
  const isNoted = (device: number, boot: number) => notedOf?.device === device && notedOf.boot === boot
  const write = (): void => {
    if (notedOf !== undefined) for (const run of runsOf(noted)) put(notedOf.device, notedOf.boot, rowOf(run))
    noted.clear()
    notedOf = undefined
  }
  const stored = (device: number, boot: number, seq: number): number | undefined => {
    const isRead = read?.device === device && read.boot === boot && atMs(read.run, seq) !== undefined
    if (!isRead) {
      const row = rowAt.get(device, boot, seq)
      if (row === undefined || seq > (row.last_seq ?? row.seq)) return undefined
      read = { device, boot, run: { first: row.seq, instantsMs: instantsIn(row) } }
    }
    return read === undefined ? undefined : atMs(read.run, seq)
  }
  const used = (device: number, boot: number, seq: number): number | undefined => {
    const { top } = known.kept(device)
    // above the highest of a boot none is used
    if (top?.boot === boot && seq >= top.seq) return seq === top.seq ? top.at : undefined
    return (isNoted(device, boot) ? noted.get(seq) : undefined) ?? stored(device, boot, seq)
  }
  return {
    seqUse: (id, boot, seq) => used(known.device(id), boot, seq),
    putSeqUse: (id, boot, seq, at) => {
      const device = known.device(id)
      // the first use stands
      if (used(device, boot, seq) !== undefined) return
      const kept = known.kept(device)
      const isTopKnown = kept.top?.boot === boot
      if (!isNoted(device, boot) || !isTopKnown || noted.size >= NOTED_MAX) write()
      const top = isTopKnown ? kept.top : highest.get(device, boot)
      notedOf ??= { device, boot }
      noted.set(seq, at)
      kept.top = top === undefined || seq > top.seq ? { boot, seq, at } : top
    },
    write,
    forget: () => {
      noted.clear()
      notedOf = undefined
      read = undefined
    },
  }
}

function statements(prepare: Prepare) {
  const rowAt = prepare<NumberRun>(
    `select seq, at, last_seq, last_at, packed from seq_use where device = ? and boot = ? and seq <= ?
     order by seq desc limit 1`,
  )
  const highest = prepare<{ boot: number; seq: number; at: number }>(
    `select boot, coalesce(last_seq, seq) as seq, coalesce(last_at, at) as at from seq_use
     where device = ? and boot = ? order by seq_use.seq desc limit 1`,
  )
  const putOne = prepare('insert into seq_use (device, boot, seq, at) values (?, ?, ?, ?)')
  const putSeveral = prepare(
    'insert into seq_use (device, boot, seq, at, last_seq, last_at, packed) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const put = (device: number, boot: number, { seq, at, last_seq, last_at, packed }: NumberRun): void => {
    if (last_seq === null) putOne.run(device, boot, seq, at)
    else putSeveral.run(device, boot, seq, at, last_seq, last_at, packed)
  }
  return { rowAt, highest, put }
}

/** Numbers that follow each other, from the first on, by when they were used. */
interface Run {
  readonly first: number
  readonly instantsMs: readonly number[]
}

/** Undefined for a number that lies outside. */
function atMs({ first, instantsMs }: Run, seq: number): number | undefined {
  return instantsMs[seq - first]
}

/** No row goes on with one of a transaction before: that would have to be read for each reading that comes alone. */
function runsOf(noted: ReadonlyMap<number, number>): readonly Run[] {
  const numbers = [...noted.keys()].toSorted((a, b) => a - b)
  const runs: { first: number; instantsMs: number[] }[] = []
  for (const seq of numbers) {
    const last = runs.at(-1)
    const instantMs = noted.get(seq) ?? 0
    if (last !== undefined && seq === last.first + last.instantsMs.length) last.instantsMs.push(instantMs)
    else runs.push({ first: seq, instantsMs: [instantMs] })
  }
  return runs
}

function rowOf({ first: seq, instantsMs }: Run): NumberRun {
  const [at = 0] = instantsMs
  if (instantsMs.length === 1) return { seq, at, last_seq: null, last_at: null, packed: null }
  const between = instantsMs.slice(1, -1)
  const packed = between.length === 0 ? null : packInstants(at, between)
  return { seq, at, last_seq: seq + instantsMs.length - 1, last_at: instantsMs.at(-1) ?? at, packed }
}

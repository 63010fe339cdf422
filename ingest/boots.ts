import type { DeviceReading } from '../domain/index.ts'
import type { CanonicalTransaction, DeviceState } from '../store/index.ts'
import type { RecordContext } from './identify.ts'

/** Enters the reading's number in the boot it belongs to; answers what is wrong with it where it belongs to none. */
export function noteSeq(context: RecordContext, { atMs, seq }: DeviceReading): string | undefined {
  if (seq === null) return undefined
  const { tx, device, state } = context
  const usedAtMs = atMs === null ? undefined : tx.seqUse(device, state.boot, seq)
  const boot = atMs === null ? bootOfUndated(state, seq) : bootOf(context, seq, atMs, usedAtMs)
  if (boot === undefined) {
    return `seq ${seq}: used before with another time, now ${isoTime(atMs)}`
  }
  if (atMs !== null) {
    const isUsed = (boot === state.boot ? usedAtMs : tx.seqUse(device, boot, seq)) !== undefined
    if (!isUsed) tx.putSeqUse(device, boot, seq, atMs)
  }
  if (boot < state.boot) return undefined
  const { previousReceivedAtMs } = state
  const lastSeq = boot > state.boot ? seq : Math.max(state.lastSeq ?? seq, seq)
  context.state = { previousReceivedAtMs, lastSeq, boot }
  return undefined
}

/**
 * Which boot of the device a number and its time belong to (docs/decisions/004-boots-by-number-and-time.md):
 * within a boot numbers rise with time. A lower number with a newer time, or a fall to 0 or 1, begins the next
 * boot; a higher or taken number with an older time was sent late from the boot before. Undefined when it fits
 * none: the number was used with another time. `usedAtMs`: the time it was used with in the boot that goes on.
 */
function bootOf(
  { tx, device, state }: RecordContext,
  seq: number,
  atMs: number,
  usedAtMs: number | undefined,
): number | undefined {
  const { boot, lastSeq } = state
  if (usedAtMs === atMs || lastSeq === null) return boot
  const isFree = usedAtMs === undefined
  const isFall = seq <= 1 && (lastSeq > 1 || !isFree)
  const lastAtMs = tx.seqUse(device, boot, lastSeq)
  if (lastAtMs !== undefined) {
    if (seq > lastSeq && atMs >= lastAtMs) return boot
    if (atMs > lastAtMs && (seq < lastSeq || isFall)) return boot + 1
    if (atMs <= lastAtMs && seq < lastSeq && isFree) return boot
    if (atMs < lastAtMs && fitsBefore(tx, device, boot, seq, atMs)) return boot - 1
  }
  if (isFall) return boot + 1
  return isFree ? boot : undefined
}

function fitsBefore(
  tx: CanonicalTransaction,
  device: string,
  boot: number,
  seq: number,
  atMs: number,
): boolean {
  if (boot === 0) return false
  const usedAtMs = tx.seqUse(device, boot - 1, seq)
  return usedAtMs === undefined || usedAtMs === atMs
}

/** Without a time only the fall itself can be seen. */
function bootOfUndated({ boot, lastSeq }: DeviceState, seq: number): number {
  return seq <= 1 && lastSeq !== null && lastSeq > 1 ? boot + 1 : boot
}

/** An instant in a detail of what is held. */
export function isoTime(instantMs: number | null): string {
  return instantMs === null ? 'none' : new Date(instantMs).toISOString()
}

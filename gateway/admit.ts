import type { Channel, Clock, RefusalReason } from '../domain/index.ts'
import { encodeRecord } from '../domain/index.ts'
import type { GatewayLimits } from './limits.ts'

/** The journal's `append`: resolves with the index once the record is synced, in the order of the calls. */
export type Append = (bytes: Uint8Array) => Promise<number>

/** A message a device may send, before it is stamped. */
export interface Message {
  readonly deviceId: string
  readonly channel: Channel
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly payload: Uint8Array
}

/** Handed to the journal, or refused at once. `index` rejects as `append` does: then do not acknowledge. */
export type Admitted = { readonly index: Promise<number> } | { readonly refused: RefusalReason }

/** What every message passes, whichever road it came. */
export interface Admission {
  /** Stamps, encodes and appends; all of it before it returns, so that the order of calls is the order of records. */
  admit(message: Message): Admitted
  /** True when nothing more may be under way: then nobody new is let in. */
  readonly full: boolean
  readonly messages: number
  readonly bytes: number
  /** Records made durable since the start. */
  readonly journalled: number
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

/** What is under way: messages handed to the journal and not yet confirmed, and their payload bytes. */
export interface Load {
  messages: number
  bytes: number
}

/** The parts `createAdmission` needs. */
export interface AdmissionParts {
  readonly append: Append
  /** `receivedAtMs` of the last record in the log; 0 for an empty log. */
  readonly lastReceivedAtMs: number
  readonly clock: Pick<Clock, 'nowMs'>
  readonly limits: Pick<GatewayLimits, 'deviceMessages' | 'deviceBytes' | 'totalMessages' | 'totalBytes'>
}

/** The one door to the journal. */
export function createAdmission({ append, lastReceivedAtMs, clock, limits }: AdmissionParts): Admission {
  const total: Load = { messages: 0, bytes: 0 }
  const byDevice = new Map<string, Load>()
  let waiting: (() => void)[] = []
  let lastMs = lastReceivedAtMs
  let journalled = 0

  function begin(deviceId: string, bytes: number): void {
    const device = byDevice.get(deviceId) ?? { messages: 0, bytes: 0 }
    byDevice.set(deviceId, device)
    for (const load of [total, device]) {
      load.messages += 1
      load.bytes += bytes
    }
  }

  function end(deviceId: string, bytes: number): void {
    const device = byDevice.get(deviceId)
    for (const load of device === undefined ? [total] : [total, device]) {
      load.messages -= 1
      load.bytes -= bytes
    }
    if (device?.messages === 0) byDevice.delete(deviceId)
    if (total.messages > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  async function journal(message: Message, bytes: Uint8Array): Promise<number> {
    try {
      const index = await append(bytes)
      journalled += 1
      return index
    } finally {
      end(message.deviceId, message.payload.length)
    }
  }

  function isFull(deviceId: string): boolean {
    const device = byDevice.get(deviceId)
    return (
      isOver(total, limits.totalMessages, limits.totalBytes) ||
      (device !== undefined && isOver(device, limits.deviceMessages, limits.deviceBytes))
    )
  }

  return {
    admit(message) {
      if (isFull(message.deviceId)) return { refused: 'too-many-in-flight' }
      // A clock that steps back must not make receivedAt decrease inside the log (design section 5).
      lastMs = Math.max(lastMs, clock.nowMs())
      const bytes = encodeRecord({ ...message, receivedAtMs: lastMs })
      begin(message.deviceId, message.payload.length)
      return { index: journal(message, bytes) }
    },
    get full() {
      return isOver(total, limits.totalMessages, limits.totalBytes)
    },
    get messages() {
      return total.messages
    },
    get bytes() {
      return total.bytes
    },
    get journalled() {
      return journalled
    },
    settled: () =>
      total.messages === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  }
}

/** True at or above a count of messages or of bytes. */
export function isOver(load: Readonly<Load>, messages: number, bytes: number): boolean {
  return load.messages >= messages || load.bytes >= bytes
}

import type { Clock } from '../domain/index.ts'
import { Problem } from '../domain/index.ts'
import type { Connect, Message } from './delivery.ts'
import { Delivery } from './delivery.ts'
import { encodeReading, encodeReadings } from './encoder.ts'
import type { LoggerRow } from './logger-row.ts'

/** Messages in flight unless told otherwise: enough to fill the server's group commit, far below MQTT's 65,535 ids. */
export const WINDOW_DEFAULT = 200
/** The most messages in flight; beyond this a window only costs memory. */
export const WINDOW_MAX = 10_000
/** The most readings of one message: an encoded reading has at most 240 bytes, a payload 61,440 (design section 8). */
export const READINGS_PER_MESSAGE_MAX = 250
/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 100
/** Gaps are slept in pieces: to tell progress meanwhile, and because timers overflow after 24.8 days. */
const SLEEP_MAX_MS = 1_000

/** What `replay` needs. */
export interface ReplayOptions {
  /** In the order they are to be sent. */
  readonly rows: readonly LoggerRow[]
  readonly device: string
  readonly secret: string
  readonly connect: Connect
  /** The file's own gaps divided by this; `max`: as fast as acknowledgements allow. */
  readonly speed: number | 'max'
  /** QoS 1 messages in flight; `WINDOW_DEFAULT` unless given. Keep it below what the server allows a device. */
  readonly window?: number | undefined
  /** 1 unless given; more are sent as an array. */
  readonly readingsPerMessage?: number | undefined
  readonly clock: Clock
  /** Ends the replay early; what is not acknowledged by then is not counted as such. */
  readonly signal?: AbortSignal | undefined
  /** Called at most every 100 ms, each second of a long wait, and once at the end. */
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined
}

/** How far a replay is; readings. */
export interface ReplayProgress {
  readonly total: number
  readonly sent: number
  readonly acknowledged: number
  readonly reconnects: number
  readonly connected: boolean
  /** Why the last connection ended, when one did. */
  readonly lastLoss: string | undefined
  /** Event time of the next row to send, epoch ms; null when all are sent or the replay is over. */
  readonly nextAtMs: number | null
  /** How long until that row is due; 0 when only acknowledgements are waited for. */
  readonly nextInMs: number
}

/** What became of a replay; readings. */
export interface ReplayResult {
  /** Published at least once. */
  readonly sent: number
  /**
   * Published again after a lost connection. The server may have kept the first copy without its acknowledgement
   * reaching us, so it counts between `acknowledged` and `acknowledged + resent` readings.
   */
  readonly resent: number
  /** Acknowledged, each counted once. */
  readonly acknowledged: number
  readonly reconnects: number
  readonly elapsedMs: number
  /** True when every row was acknowledged; false only after `signal`. */
  readonly complete: boolean
}

/**
 * Sends the rows of a logger file as the device would have: QoS 1, each with its own date, until every one is
 * acknowledged or `signal` aborts. A server that stops in between is connected to again and gets everything it did
 * not acknowledge once more. At a speed, a row is due when the time between it and the first row, divided by the
 * speed, has passed; steps back in time cost none. Long gaps are not cut; progress says how long they still take.
 *
 * Throws `Problem('bad-credentials')`, `Problem('connection-failed')` when the first connection fails, and
 * `Problem('bad-request')` for options out of range.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  check(options)
  const { device, secret, connect, clock, signal } = options
  const over = new AbortController()
  const stop = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
  const startedMs = clock.monotonicMs()
  const delivery = new Delivery({ device, secret, connect, clock, stop, program: 'replay' })
  const progress = new Progress(options, delivery)
  const producing = produce(options, delivery, progress, stop).finally(() => over.abort())
  const connecting = delivery.run().finally(() => over.abort())
  const [produced, connection] = await Promise.allSettled([producing, connecting])
  if (connection.status === 'rejected') throw connection.reason
  if (produced.status === 'rejected') throw produced.reason
  progress.tell(null, 0, true)
  return {
    ...delivery.readings,
    reconnects: delivery.reconnects,
    elapsedMs: clock.monotonicMs() - startedMs,
    complete: delivery.readings.acknowledged === options.rows.length,
  }
}

async function produce(
  options: ReplayOptions,
  delivery: Delivery,
  progress: Progress,
  stop: AbortSignal,
): Promise<void> {
  const { rows, speed, clock, window = WINDOW_DEFAULT } = options
  const startedMs = clock.monotonicMs()
  for (const batch of batches(rows, options.readingsPerMessage ?? 1)) {
    const dueMs = speed === 'max' ? startedMs : startedMs + batch.elapsedMs / speed
    for (;;) {
      const waitMs = dueMs - clock.monotonicMs()
      if (stop.aborted) return
      progress.tell(batch.atMs, Math.max(0, waitMs), waitMs > PROGRESS_INTERVAL_MS)
      if (waitMs > 0) await clock.sleep(Math.min(waitMs, SLEEP_MAX_MS), stop)
      else if (delivery.inFlight >= window) await delivery.change()
      else break
    }
    delivery.offer(batch.message)
  }
  while (delivery.inFlight > 0 && !stop.aborted) {
    progress.tell(null, 0)
    await delivery.change()
  }
}

interface Batch {
  readonly message: Message
  /** Time of the file from the first row to the last of this batch, steps back left out. */
  readonly elapsedMs: number
  readonly atMs: number
}

function* batches(rows: readonly LoggerRow[], readingsPerMessage: number): Generator<Batch> {
  let elapsedMs = 0
  let beforeMs = rows[0]?.atMs ?? 0
  for (let start = 0; start < rows.length; start += readingsPerMessage) {
    const part = rows.slice(start, start + readingsPerMessage)
    for (const { atMs } of part) {
      elapsedMs += Math.max(0, atMs - beforeMs)
      beforeMs = atMs
    }
    const [first] = part
    const payload = first !== undefined && part.length === 1 ? encodeReading(first) : encodeReadings(part)
    yield { message: { payload, readings: part.length }, elapsedMs, atMs: beforeMs }
  }
}

/** Tells the caller how far it is, not more often than a person can read. */
class Progress {
  readonly #options: ReplayOptions
  readonly #delivery: Delivery
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: ReplayOptions, delivery: Delivery) {
    this.#options = options
    this.#delivery = delivery
  }

  tell(nextAtMs: number | null, nextInMs: number, always = false): void {
    const { onProgress, clock, rows } = this.#options
    const nowMs = clock.monotonicMs()
    if (onProgress === undefined || (!always && nowMs - this.#toldMs < PROGRESS_INTERVAL_MS)) return
    this.#toldMs = nowMs
    const { readings, reconnects, connected, lastLoss } = this.#delivery
    const { sent, acknowledged } = readings
    onProgress({
      total: rows.length,
      sent,
      acknowledged,
      reconnects,
      connected,
      lastLoss,
      nextAtMs,
      nextInMs,
    })
  }
}

function check({ device, speed, window = WINDOW_DEFAULT, readingsPerMessage = 1 }: ReplayOptions): void {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(device)) {
    throw outOfRange(`'${device}' is not a device id.`, 'Use 1 to 64 characters of A-Z a-z 0-9 . _ -.')
  }
  if (speed !== 'max' && !(Number.isFinite(speed) && speed > 0)) {
    throw outOfRange(`The speed ${speed} is not above 0.`, 'Give a number above 0, or max.')
  }
  if (!isCount(window, WINDOW_MAX)) {
    throw outOfRange(`The window ${window} is out of range.`, `Give 1 to ${WINDOW_MAX} messages.`)
  }
  if (!isCount(readingsPerMessage, READINGS_PER_MESSAGE_MAX)) {
    throw outOfRange(
      `${readingsPerMessage} readings in a message are out of range.`,
      `Give 1 to ${READINGS_PER_MESSAGE_MAX}.`,
    )
  }
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}

function outOfRange(what: string, remedy: string): Problem {
  return new Problem('bad-request', { what, remedy })
}

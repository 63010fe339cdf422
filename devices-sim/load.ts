import { type Clock, Problem } from '../domain/index.ts'
import type { Connect } from './delivery.ts'
import { Delivery } from './delivery.ts'
import { encodeWireReadings } from './encoder.ts'
import { Latencies } from './latencies.ts'
import { chance } from './physics/chance.ts'

/** What `runLoad` needs. */
export interface LoadOptions {
  readonly devices: readonly { readonly id: string; readonly secret: string }[]
  readonly connect: Connect
  readonly clock: Clock
  /** Readings a second of all devices together. */
  readonly ratePerSecond: number
  readonly seconds: number
  readonly seed: number
  readonly signal: AbortSignal
  /** Told about once a second. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined
}

/** How far a load is. */
export interface LoadProgress {
  readonly connected: number
  readonly sent: number
  readonly acked: number
}

/** What came of a load. */
export interface LoadResult {
  /** Readings acknowledged, each counted once, and sent. */
  readonly acked: number
  readonly sent: number
  /** From the first reading to the last acknowledgement. */
  readonly seconds: number
  /** `acked` a second. */
  readonly rate: number
  /** From sending to acknowledgement; null when none came. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/** Connections opened a second: as a city's devices do after a power cut. */
const CONNECTS_PER_SECOND = 500
/** All devices must be connected this long after the last one began. */
const CONNECT_MS_MAX = 60_000
/** Messages of a device under way at once; a server that is slower than the rate is not flooded beyond that. */
const WINDOW = 32
const TICK_MS = 5
/** What is still under way at the end is waited for this long. */
const DRAIN_MS_MAX = 30_000
const PROGRESS_INTERVAL_MS = 1_000

interface Sender {
  readonly delivery: Delivery
  seq: number
}

/**
 * Sends readings at a steady rate, one in a message, from many devices by turns, each over a connection of its own.
 * Where the server is slower than the rate it sends as fast as acknowledgements come. Throws
 * `Problem('bad-credentials')` and `Problem('connection-failed')` when not all devices get in.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { devices, clock, connect, signal } = options
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  // numbers begin at the clock, so that a second run of the same devices goes on above the first
  const firstSeq = clock.nowMs()
  const senders = devices.map(({ id, secret }, nth): Sender => {
    const spread = chance(options.seed, nth)
    const delivery = new Delivery({ device: id, secret, connect, clock, stop, program: 'load', spread })
    return { delivery, seq: firstSeq }
  })
  const running: Promise<void>[] = []
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {
    // the race below throws it; a failure after the end changes nothing
  })
  try {
    const working = work(options, senders, stop, (sender) => {
      running.push(sender.delivery.run().catch((thrown: unknown) => failed.reject(thrown)))
    })
    return await Promise.race([working, failed.promise])
  } finally {
    over.abort()
    await Promise.all(running)
  }
}

async function work(
  options: LoadOptions,
  senders: readonly Sender[],
  stop: AbortSignal,
  open: (sender: Sender) => void,
): Promise<LoadResult> {
  const { clock, ratePerSecond, seconds, onProgress = () => {} } = options
  await connectAll(senders, clock, stop, open)
  const latencies = new Latencies()
  let sent = 0
  let acked = 0
  let turn = 0
  const startMs = clock.monotonicMs()
  let lastAckMs = startMs
  let toldMs = startMs
  const offer = (sender: Sender): void => {
    const offeredMs = clock.monotonicMs()
    sender.seq += 1
    const temperature = Math.round(50 + 8 * Math.sin(sender.seq / 40)) / 10
    const payload = encodeWireReadings([{ at: clock.nowMs(), seq: sender.seq, sensor: 'main', temperature }])
    const acknowledged = (): void => {
      acked += 1
      lastAckMs = clock.monotonicMs()
      latencies.add(lastAckMs - offeredMs)
    }
    sender.delivery.offer({ payload, readings: 1, acknowledged })
    sent += 1
  }
  const untilMs = startMs + seconds * 1000
  while (!stop.aborted && clock.monotonicMs() < untilMs) {
    const due = Math.floor(((clock.monotonicMs() - startMs) / 1000) * ratePerSecond)
    for (let tries = senders.length; sent < due && tries > 0; turn += 1) {
      const sender = senders[turn % senders.length]
      if (sender === undefined || sender.delivery.inFlight >= WINDOW) tries -= 1
      else offer(sender)
    }
    if (clock.monotonicMs() - toldMs >= PROGRESS_INTERVAL_MS) {
      toldMs = clock.monotonicMs()
      onProgress({ connected: connectedOf(senders), sent, acked })
    }
    await clock.sleep(TICK_MS, stop)
  }
  const drainedMs = clock.monotonicMs() + DRAIN_MS_MAX
  while (acked < sent && !stop.aborted && clock.monotonicMs() < drainedMs) await clock.sleep(TICK_MS, stop)
  const took = (lastAckMs - startMs) / 1000
  return {
    acked,
    sent,
    seconds: Math.round(took * 1000) / 1000,
    rate: took > 0 ? Math.round(acked / took) : 0,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
  }
}

async function connectAll(
  senders: readonly Sender[],
  clock: Clock,
  stop: AbortSignal,
  open: (sender: Sender) => void,
): Promise<void> {
  const startMs = clock.monotonicMs()
  const untilMs = startMs + (senders.length / CONNECTS_PER_SECOND) * 1000 + CONNECT_MS_MAX
  let opened = 0
  while (!stop.aborted) {
    const due = 1 + Math.floor(((clock.monotonicMs() - startMs) / 1000) * CONNECTS_PER_SECOND)
    for (const sender of senders.slice(opened, due)) open(sender)
    opened = Math.max(opened, Math.min(due, senders.length))
    const connected = connectedOf(senders)
    if (connected === senders.length) return
    if (clock.monotonicMs() > untilMs) {
      throw new Problem('connection-failed', {
        what: `Only ${connected} of ${senders.length} devices are connected after ${CONNECT_MS_MAX / 1000} s.`,
        remedy: 'Use fewer devices, or look at the log of the server and at its limit of open files.',
      })
    }
    await clock.sleep(TICK_MS, stop)
  }
}

function connectedOf(senders: readonly Sender[]): number {
  return senders.reduce((count, { delivery }) => count + (delivery.connected ? 1 : 0), 0)
}

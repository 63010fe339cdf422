import { Latencies } from '../../devices-sim/latencies.ts'
import { processorSeconds, threadSeconds } from '../processes.ts'
import { Device } from './device.ts'
import type { LoadPlan, LoadResult } from './plan.ts'

/** Connections begun at once: fewer than any backlog. */
const SIGN_INS_AT_ONCE = 100
/** What is under way at the end is waited for this long. */
const DRAIN_MS_MAX = 30_000
const TICK_MS = 2

/** What has been counted up to an instant; processor time is since the start of each process. */
type Counts = { readonly acknowledged: number; readonly atMs: number } & Pick<
  LoadResult,
  'serverCpuS' | 'serverMainCpuS' | 'clientCpuS'
>

/** All connections of a run, and what is counted of them. `onFailed` is called when it is worth nothing any more. */
export class Load {
  readonly #plan: LoadPlan
  readonly #onFailed: (why: string) => void
  readonly #latencies = new Latencies()
  #devices: Device[] = []
  #acknowledged = 0
  #maxMs = 0
  #isSending = false
  #isCounting = false
  #ticking: NodeJS.Timeout | undefined

  constructor(plan: LoadPlan, onFailed: (why: string) => void) {
    this.#plan = plan
    this.#onFailed = onFailed
  }

  async signIn(): Promise<void> {
    const { devices, firstSeq, host, port, readings = 1 } = this.#plan
    const first = { atMs: Date.now(), stepMs: 1, seq: firstSeq, readings }
    const events = {
      onAcknowledged: (sentMs: number, nowMs: number) => this.#acknowledge(nowMs - sentMs),
      onTurn: (device: Device, nowMs: number) => this.#refill(device, nowMs),
      onFailed: this.#onFailed,
    }
    for (let at = 0; at < devices.length; at += SIGN_INS_AT_ONCE) {
      const some = devices
        .slice(at, at + SIGN_INS_AT_ONCE)
        .map((each) => new Device(each, { host, port }, first, events))
      this.#devices.push(...some)
      await Promise.all(some.map((each) => each.signedIn))
    }
  }

  begin(): void {
    const { refill, inFlight } = this.#plan
    this.#isSending = true
    if (refill === 'rate') this.#sendByClock()
    else for (const each of this.#devices) each.refill(inFlight, performance.now())
  }

  /** The counts now; from the first call on, latencies are kept. */
  count(): Counts {
    this.#isCounting = !this.#isCounting
    const { serverPid } = this.#plan
    return {
      acknowledged: this.#acknowledged,
      atMs: performance.now(),
      serverCpuS: processorSeconds(serverPid),
      // the main thread has the number of its process
      serverMainCpuS: threadSeconds(serverPid).get(serverPid) ?? Number.NaN,
      clientCpuS: processorSeconds(process.pid),
    }
  }

  /** Sends nothing more, waits for what is under way, and closes. */
  async end(): Promise<void> {
    this.#isSending = false
    clearInterval(this.#ticking)
    const deadlineMs = performance.now() + DRAIN_MS_MAX
    while (this.#devices.some((each) => each.inFlight > 0)) {
      if (performance.now() > deadlineMs)
        return this.#onFailed('messages were not acknowledged within 30 s of the end')
      await pause(5)
    }
    for (const each of this.#devices) each.close()
  }

  quantiles(): Pick<LoadResult, 'p50Ms' | 'p99Ms' | 'maxMs'> {
    const quantile = (part: number): number => this.#latencies.quantile(part) ?? 0
    return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs: Math.ceil(this.#maxMs * 10) / 10 }
  }

  totals(): Pick<LoadResult, 'sent' | 'acknowledged'> {
    return { sent: this.#devices.reduce((sum, each) => sum + each.sent, 0), acknowledged: this.#acknowledged }
  }

  #acknowledge(tookMs: number): void {
    this.#acknowledged += 1
    if (!this.#isCounting) return
    this.#latencies.add(tookMs)
    this.#maxMs = Math.max(this.#maxMs, tookMs)
  }

  #refill(device: Device, nowMs: number): void {
    const { refill, inFlight } = this.#plan
    if (!this.#isSending || refill === 'rate') return
    if (refill === 'each') device.refill(inFlight - device.inFlight, nowMs)
    else if (device.inFlight === 0) device.refill(inFlight, nowMs)
  }

  /** The devices take turns. A server that falls behind is sent less, and its latency shows it. */
  #sendByClock(): void {
    const { ratePerSecond, inFlight } = this.#plan
    const startMs = performance.now()
    let sent = 0
    let turn = 0
    this.#ticking = setInterval(() => {
      const nowMs = performance.now()
      const due = Math.floor(((nowMs - startMs) / 1_000) * ratePerSecond)
      // many at a time when every device is due for several
      const count = Math.max(1, Math.floor((due - sent) / this.#devices.length))
      for (; sent < due; sent += count) {
        const device = this.#devices[turn % this.#devices.length]
        turn += 1
        if (device !== undefined && device.inFlight < inFlight) device.refill(count, nowMs)
      }
    }, TICK_MS)
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

import type { Clock } from '../domain/index.ts'
import type { GatewayLimits } from './limits.ts'

/** Fills up steadily to its size; each connection takes one from it. */
interface Bucket {
  left: number
  filledMs: number
}

type EntranceLimits = Pick<
  GatewayLimits,
  | 'arrivals'
  | 'arrivalsPerSecond'
  | 'addressArrivals'
  | 'addressArrivalsPerSecond'
  | 'addressFailures'
  | 'addressFailuresPerSecond'
  | 'failureDelayMs'
  | 'delayedFailures'
>

/** Addresses remembered; the one that came first is forgotten for a new one, and may begin anew. */
const ADDRESSES_MAX = 20_000

/**
 * How fast connections may come: all of them, and those of one address. Wrong secrets are only answered late and never
 * shut an address out, because a thousand good devices may stand behind it.
 */
export class Entrance {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'sleep'>
  readonly #limits: EntranceLimits
  readonly #all: Bucket
  readonly #arrivals = new Map<string, Bucket>()
  readonly #failures = new Map<string, Bucket>()
  #delayed = 0

  constructor(clock: Pick<Clock, 'monotonicMs' | 'sleep'>, limits: EntranceLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#all = { left: limits.arrivals, filledMs: clock.monotonicMs() }
  }

  /** Takes a connection into account; false when it comes too fast after others and has to be closed. */
  admits(address: string): boolean {
    const { arrivals, arrivalsPerSecond, addressArrivals, addressArrivalsPerSecond } = this.#limits
    const own = this.#bucketOf(this.#arrivals, address, addressArrivals)
    // its own first: what one address does too much must not be taken from the others
    return (
      this.#take(own, addressArrivals, addressArrivalsPerSecond) &&
      this.#take(this.#all, arrivals, arrivalsPerSecond)
    )
  }

  /** Resolves when somebody who failed to sign in may be told so: at once, or later when that happens often. */
  async failed(address: string): Promise<void> {
    const { addressFailures, addressFailuresPerSecond, failureDelayMs, delayedFailures } = this.#limits
    const own = this.#bucketOf(this.#failures, address, addressFailures)
    if (this.#take(own, addressFailures, addressFailuresPerSecond)) return
    // What waits holds a connection: beyond this many it is better to be rid of them.
    if (this.#delayed >= delayedFailures) return
    this.#delayed += 1
    await this.#clock.sleep(failureDelayMs)
    this.#delayed -= 1
  }

  #bucketOf(buckets: Map<string, Bucket>, address: string, size: number): Bucket {
    const key = networkOf(address)
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      const [oldest] = buckets.keys()
      if (buckets.size >= ADDRESSES_MAX && oldest !== undefined) buckets.delete(oldest)
      buckets.set(key, (bucket = { left: size, filledMs: this.#clock.monotonicMs() }))
    }
    return bucket
  }

  #take(bucket: Bucket, size: number, perSecond: number): boolean {
    const nowMs = this.#clock.monotonicMs()
    bucket.left = Math.min(size, bucket.left + ((nowMs - bucket.filledMs) * perSecond) / 1_000)
    bucket.filledMs = nowMs
    if (bucket.left < 1) return false
    bucket.left -= 1
    return true
  }
}

/** What counts as one address: of IPv6 the first half, because a whole network is what one customer is given. */
function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  return v4 ?? (address.includes('::') ? expanded(address) : address).split(':').slice(0, 4).join(':')
}

/** An IPv6 address with the groups that `::` leaves out. */
function expanded(address: string): string {
  const [head = '', tail = ''] = address.split('::')
  const [before, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':')))
  const missing = 8 - (before?.length ?? 0) - (after?.length ?? 0)
  return [...(before ?? []), ...Array.from({ length: missing }, () => '0'), ...(after ?? [])].join(':')
}

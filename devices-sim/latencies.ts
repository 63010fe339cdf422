/** Width of a bucket, ms, and their number: what takes a minute or longer is counted in the last one. */
const BUCKET_MS = 0.1
const BUCKETS = 600_000

/** Counts of durations, in a fixed amount of memory however many there are. */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS + 1)
  #total = 0

  add(ms: number): void {
    const bucket = Math.min(BUCKETS, Math.max(0, Math.floor(ms / BUCKET_MS)))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#total += 1
  }

  /** The duration that this part (0 to 1) of all stay below, ms, rounded up to a tenth; null of none. */
  quantile(part: number): number | null {
    if (this.#total === 0) return null
    const rank = Math.max(1, Math.ceil(part * this.#total))
    let seen = 0
    for (let bucket = 0; bucket <= BUCKETS; bucket += 1) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= rank) return Math.round((bucket + 1) * BUCKET_MS * 10) / 10
    }
    return BUCKETS * BUCKET_MS
  }
}

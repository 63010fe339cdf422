import type { Log } from '../domain/index.ts'

/** What a benchmark is called with. */
export interface BenchOptions {
  readonly seed: number
  /** Only these cases; all when empty. */
  readonly cases: readonly string[]
  /** A form of a few seconds that shows that everything works and measures nothing. */
  readonly quick: boolean
  /** Name of the file system everything is written on. */
  readonly fs: string
  /** One sentence for who waits, on standard error. */
  readonly tell: (sentence: string) => void
}

/** One case, as it is printed. `ratio` above 1 means better than the peer, whichever way `unit` points. */
export interface BenchLine {
  readonly bench: string
  readonly case: string
  readonly value: number
  readonly unit: string
  /** The peer or the physical limit measured in the same call. */
  readonly peer?: string
  readonly peer_value?: number
  readonly ratio?: number
  readonly [more: string]: string | number | boolean | undefined
}

/** A benchmark: yields a line for each case, as soon as it is measured. */
export interface Bench {
  /** What it measures, for `--help`. */
  readonly what: string
  readonly cases: readonly string[]
  run(options: BenchOptions): AsyncIterable<BenchLine>
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/** Rounded to this many digits behind the point. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** A log nobody reads: only the time counts. */
export const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }

function ignore(): void {
  // said to nobody
}

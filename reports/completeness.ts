import type { Named } from './named.ts'

/** Readings of one sensor at a point during [fromMs, toMs), epoch ms, while one expected interval held. */
export interface CompletenessPiece {
  readonly place: Named
  /** Null where no point spoke for the place: all of it is unknown. */
  readonly point: Named | null
  /** Null while no judged sensor was at the point: all of it is unknown. */
  readonly device: string | null
  readonly sensor: string | null
  readonly fromMs: number
  readonly toMs: number
  /** How often the sensor was expected to report; null where nothing was expected. */
  readonly intervalMs: number | null
  /** Whole expected intervals. */
  readonly expected: number
  /** Expected intervals without any temperature: expected = missing + those with one. */
  readonly missing: number
  /** Canonical readings, with whatever values. */
  readonly stored: number
  /** Those of them that were delivered late by store and forward. */
  readonly late: number
  /** How often one of them arrived again. */
  readonly duplicate: number
  /** Time without a value that still spoke, ms. */
  readonly unknownMs: number
}

/** Messages and readings that were held, counted by their arrival in the period. */
export interface HeldTally {
  readonly device: string
  /** Null where what was held does not tell its sensor. */
  readonly sensor: string | null
  readonly reason: string
  readonly count: number
}

/** How complete the record is on which a report rests. */
export interface Completeness {
  readonly pieces: readonly CompletenessPiece[]
  readonly held: readonly HeldTally[]
}

/** Everything counted, added up. */
export interface CompletenessTotals {
  readonly expected: number
  readonly missing: number
  readonly stored: number
  readonly late: number
  readonly duplicate: number
  readonly held: number
  readonly unknownMs: number
}

/** The sums over all pieces and all that was held. */
export function completenessTotals({ pieces, held }: Completeness): CompletenessTotals {
  const sum = (count: (piece: CompletenessPiece) => number): number =>
    pieces.reduce((total, piece) => total + count(piece), 0)
  return {
    expected: sum((piece) => piece.expected),
    missing: sum((piece) => piece.missing),
    stored: sum((piece) => piece.stored),
    late: sum((piece) => piece.late),
    duplicate: sum((piece) => piece.duplicate),
    held: held.reduce((total, { count }) => total + count, 0),
    unknownMs: sum((piece) => piece.unknownMs),
  }
}

/** Counts the expected intervals of a piece that have a reading, reading by reading. */
export interface IntervalCounter {
  /** Whole expected intervals of the piece. */
  readonly expected: number
  /** Takes the next reading; instants must not descend. */
  see(tMs: number): void
  /** Expected intervals without a reading so far; at least 0, at most `expected`. */
  missing(): number
}

/**
 * The law of missing readings. A piece is cut into whole intervals, once from its beginning on and once half an
 * interval later (there its first half and its last make one interval); an interval is there when a reading lies in
 * it, however many do, and the cut with more of them counts. So what comes twice in one hour never makes up for what
 * did not come in another, and a sensor that reports at the edge of an interval, a little early now and a little
 * late then, misses nothing. What is left at the end and is shorter than an interval asks for nothing.
 */
export function intervalCounter(fromMs: number, toMs: number, intervalMs: number): IntervalCounter {
  const expected = Math.floor(Math.max(0, toMs - fromMs) / intervalMs)
  const plain = { last: -1, seen: 0 }
  const shifted = { last: -1, seen: 0 }
  let isFirstHalfSeen = false
  return {
    expected,
    see: (tMs) => {
      const position = (tMs - fromMs) / intervalMs
      if (position < 0 || position >= expected) return
      count(plain, Math.floor(position))
      const half = Math.floor(position + 0.5)
      if (half === 0) isFirstHalfSeen = true
      if (half < expected || !isFirstHalfSeen) count(shifted, half)
    },
    missing: () => expected - Math.max(plain.seen, shifted.seen),
  }
}

function count(cut: { last: number; seen: number }, index: number): void {
  if (index === cut.last) return
  cut.last = index
  cut.seen += 1
}

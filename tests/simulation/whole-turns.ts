import type { Clock } from '../../domain/index.ts'
import type { JournalReader } from '../../journal/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'

/** Each look at the clock takes less than this: a turn of ingest ends after a few records. */
const LOOK_MS_MAX = 16
/** So long at most the others of the core have their turn. */
const OTHERS_MS_MAX = 20
const PIECE_RECORDS_MAX = 20

/**
 * A clock by which a stretch of ingest takes many turns, and time passes between two of them, in which anything can
 * happen. `betweenTurns` is called before it does.
 */
export function withShortTurns(clock: Clock, random: SeededRandom, betweenTurns: () => void): Clock {
  let aheadMs = 0
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => {
      aheadMs += random.below(LOOK_MS_MAX)
      return clock.monotonicMs() + aheadMs
    },
    sleep: async (ms, signal) => {
      if (ms > 0) return clock.sleep(ms, signal)
      betweenTurns()
      return clock.sleep(random.below(OTHERS_MS_MAX), signal)
    },
  }
}

/** The journal in small pieces, behind every other of which nothing seems to wait: there a stretch ends. */
export function inPieces(journal: JournalReader, random: SeededRandom): JournalReader {
  let cutAt: number | undefined
  return {
    get durableEnd() {
      return cutAt ?? journal.durableEnd
    },
    async *follow(from, signal) {
      for await (const batch of journal.follow(from, signal)) {
        for (let at = 0; at < batch.length; ) {
          const piece = batch.slice(at, at + 1 + random.below(PIECE_RECORDS_MAX))
          at += piece.length
          const next = (piece.at(-1)?.index ?? 0) + 1
          cutAt = random.oneIn(2) ? next : undefined
          yield piece
        }
      }
    },
  }
}

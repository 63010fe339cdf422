import type { FactChange, FedRow } from '../../domain/index.ts'
import type { Link, LinkHandlers } from './link.ts'
import type { FactsPiece } from './protocol.ts'

/** About half a megabyte, a few milliseconds of either thread. */
const ROWS_PER_PIECE = 2_000
/** A side that has not taken a piece by then has stopped; it asks for the facts again when it goes on. */
const PIECE_MS_MAX = 30_000

/** What keeps a view of the facts current. */
export interface FedView {
  load(snapshot: FactChange): void
  apply(change: FactChange): void
}

/**
 * Sends all live facts over a link, each piece once the one before was taken: neither side's thread is held by
 * them, and however many they are no message comes near the limit. Rejects with `core-unavailable` when the
 * other side goes away or stops taking them.
 */
export async function sendSnapshot(link: Link, all: FactChange): Promise<void> {
  const send = (piece: FactsPiece): Promise<unknown> =>
    link.call('facts-snapshot', piece, AbortSignal.timeout(PIECE_MS_MAX))
  await send({ part: 'begin', version: all.version })
  for (let start = 0; start < all.rows.length; start += ROWS_PER_PIECE) {
    await send({ part: 'rows', rows: all.rows.slice(start, start + ROWS_PER_PIECE) })
  }
  await send({ part: 'end' })
}

/** What the side that is fed opens its link with: the view is loaded when the last piece is there. */
export function feeding(view: FedView): LinkHandlers {
  let version = 0
  let rows: FedRow[] = []
  const take = (piece: FactsPiece): void => {
    if (piece.part === 'rows') {
      rows.push(...piece.rows)
      return
    }
    if (piece.part === 'end') view.load({ version, rows })
    else version = piece.version
    rows = []
  }
  return {
    calls: {
      'facts-snapshot': (piece) => {
        take(piece as FactsPiece)
        return null
      },
    },
    notices: {
      'facts-change': (change) => {
        view.apply(change as FactChange)
      },
    },
  }
}

import { seriesColumnNames, type SeriesColumns } from './rows.ts'
import type { Piece } from './selecting.ts'
import type { Prepare } from './sqlite.ts'

/** A row of a piece with everything a list tells. */
export interface PieceRow extends SeriesColumns {
  readonly path: string
  readonly sub: number
  readonly at: number | null
  readonly marks: number
  readonly idx: number
  readonly item: number
}

/** Where a page before ended. */
export interface ReadingKey {
  readonly tMs: number
  readonly path: string
  readonly sub: number
}

/** The first rows of several pieces by (t, sensor, sub), at most `limit`, behind `after` when given. */
export type FirstRows = (pieces: readonly Piece[], limit: number, after?: ReadingKey) => readonly PieceRow[]

/**
 * Reads pieces one by one, each in the order of its key and only as far as a row of it can still be among the
 * first: what it takes depends on the limit and the number of pieces, not on how long the period is.
 */
export function firstRowsReader(prepare: Prepare): FirstRows {
  const inOrder = prepare<Omit<PieceRow, 'path'>>(
    `select ${seriesColumnNames}, r.sub, r.at, r.marks, r.idx, r.item from reading r
     where r.series = ? and (r.t, r.sub) >= (?, ?) and r.t < ? order by r.t, r.sub limit ?`,
  )
  return (pieces, limit, after) => {
    let first: readonly PieceRow[] = []
    for (const piece of pieces) {
      const last = first.length === limit ? first.at(-1) : undefined
      const toMs = last === undefined ? piece.toMs : Math.min(piece.toMs, last.t + 1)
      const [t, sub] = startOf(piece, after)
      const rows = t < toMs ? inOrder.all(piece.series, t, sub, toMs, limit) : []
      if (rows.length === 0) continue
      const named = rows.map((row) => ({ ...row, path: piece.path }))
      first = first.length === 0 ? named : [...first, ...named].toSorted(byKey).slice(0, limit)
    }
    return first
  }
}

/** The first (t, sub) of a piece that lies behind a key of (t, sensor, sub). */
function startOf({ fromMs, path }: Piece, after: ReadingKey | undefined): readonly [number, number] {
  if (after === undefined || after.tMs < fromMs) return [fromMs, 0]
  if (path === after.path) return [after.tMs, after.sub + 1]
  return path < after.path ? [after.tMs + 1, 0] : [after.tMs, 0]
}

/** The order of lists. Names are ASCII, so that it is the same here and in the database. */
export function byKey(a: PieceRow, b: PieceRow): number {
  if (a.t !== b.t) return a.t - b.t
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return a.sub - b.sub
}

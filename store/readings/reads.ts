import { beforeReads } from './before.ts'
import { balanceReads } from './balance.ts'
import type { CanonicalReads, PlacedPeriods } from './canonical-port.ts'
import { deviceHealthReads } from './device-health.ts'
import { followingReads } from './following.ts'
import { firstRowsReader } from './merging.ts'
import { numberReads } from './number-reads.ts'
import { heldPages, readingPages } from './pages.ts'
import { openCurrent } from './schema.ts'
import { piecesFinder } from './selecting.ts'
import { seriesReads } from './series-reads.ts'
import { tallyReads } from './tallies.ts'
import { preparing } from './sqlite.ts'

/** Memory for pages of a connection, in KiB, unless more is asked for. */
const CACHE_KIB = 2_048

/**
 * Opens the canonical readings on a connection of its own that can only read. Throws as `openCurrent` does. Without
 * `placed` no sensor is at any point; `cacheKib` is for who goes through rows of many sensors again and again.
 */
export function openCanonicalReads({
  path,
  placed = { at: () => [], of: () => [] },
  cacheKib = CACHE_KIB,
}: {
  readonly path: string
  readonly placed?: PlacedPeriods
  readonly cacheKib?: number
}): CanonicalReads {
  const database = openCurrent(path)
  database.exec(`pragma cache_size = -${cacheKib}`)
  const prepare = preparing(database, path, () => undefined)
  const piecesOf = piecesFinder(prepare, placed)
  const firstRows = firstRowsReader(prepare)
  return {
    ...seriesReads(prepare, piecesOf, firstRows),
    ...readingPages(piecesOf, firstRows),
    ...heldPages(prepare),
    ...numberReads(prepare),
    ...tallyReads(prepare),
    ...beforeReads(prepare),
    ...balanceReads(prepare),
    ...deviceHealthReads(prepare),
    ...followingReads(prepare),
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}

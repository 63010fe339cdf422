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

/**
 * Opens the canonical readings on a connection of its own that can only read. Throws as `openCurrent` does. Without
 * `placed` no sensor is at any point.
 */
export function openCanonicalReads({
  path,
  placed = { at: () => [], of: () => [] },
  cacheKib,
}: {
  readonly path: string
  readonly placed?: PlacedPeriods
  readonly cacheKib?: number
}): CanonicalReads {
  const database = openCurrent(path, cacheKib)
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

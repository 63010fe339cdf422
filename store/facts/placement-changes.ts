import type { PlacementChange } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'

/** Rows a consumer takes at a time: a few milliseconds of its transaction. */
const CHANGES_MAX = 1_000

/** Changes of placements after number `after`, ascending, at most 1,000; see `PlacementChange`. */
export function placementChanges(reader: FactsReader, after: number): Promise<readonly PlacementChange[]> {
  return reader.all(
    reader.db
      .selectFrom('placement_change')
      .select(['seq', 'device', 'sensor', 'fromMs', 'toMs'])
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(CHANGES_MAX),
  )
}

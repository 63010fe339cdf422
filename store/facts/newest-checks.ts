import type { PlaceCheckFact } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'
import { columnsOf } from './schema.ts'

/**
 * The newest check of each place: the last by its instant, of several at one the last that was recorded. A look into
 * the index for each place, however many checks there are.
 */
export async function newestChecks(reader: FactsReader): Promise<readonly PlaceCheckFact[]> {
  const rows = await reader.all(
    reader.db
      .selectFrom('live_place_check as this')
      .select(columnsOf('place_check') as ['this.fact'])
      .where('this.fact', 'in', (eb) =>
        eb
          .selectFrom('live_place as around')
          .select((of) =>
            of
              .selectFrom('live_place_check as each')
              .select('each.fact')
              .whereRef('each.place', '=', 'around.id')
              .orderBy('each.validFrom', 'desc')
              .orderBy('each.fact', 'desc')
              .limit(1)
              .as('newest'),
          )
          .where('around.validTo', 'is', null),
      )
      .orderBy('this.fact'),
  )
  // columnsOf names exactly the columns of the row
  return rows as unknown as readonly PlaceCheckFact[]
}

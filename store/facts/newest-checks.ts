import type { PlaceCheckFact } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'
import { columnsOf } from './schema.ts'

/** The newest check of each place: the last by its instant, of several at one the last that was recorded. */
export async function newestChecks(reader: FactsReader): Promise<readonly PlaceCheckFact[]> {
  const rows = await reader.all(
    reader.db
      .selectFrom('live_place_check as this')
      .select(columnsOf('place_check') as ['this.fact'])
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('place_check as later')
              .select('later.fact')
              .whereRef('later.place', '=', 'this.place')
              .where((of) =>
                of(
                  of.refTuple('later.validFrom', 'later.fact'),
                  '>',
                  of.refTuple('this.validFrom', 'this.fact'),
                ),
              ),
          ),
        ),
      )
      .orderBy('this.fact'),
  )
  // columnsOf names exactly the columns of the row
  return rows as unknown as readonly PlaceCheckFact[]
}

import { type Clock, Problem } from '../domain/index.ts'
import { type CanonicalStore, type Facts, openCanonicalStore, openFacts } from '../store/index.ts'
import { isThere } from './doors/files.ts'
import { namesIn } from './doors/folders.ts'
import { keepFactsOfOlderFormat, refuseNewerFormat, settleFormat } from './format.ts'
import type { DataLayout } from './layout.ts'

/** The stores of a data directory, open for writing and of the format of this release. */
export interface Stores {
  readonly store: CanonicalStore
  readonly facts: Facts
  close(): Promise<void>
}

/**
 * Opens the stores and brings them up to date; the format of the directory is written down last, so what is
 * interrupted is done again by the next opening. Throws what `refuseNewerFormat`, `refuseLostReadings` and the stores
 * refuse. The caller holds the lock `core`.
 */
export async function openStores(layout: DataLayout, clock: Clock): Promise<Stores> {
  await refuseNewerFormat(layout)
  await refuseLostReadings(layout)
  await keepFactsOfOlderFormat(layout, clock)
  const store = openCanonicalStore({ path: layout.readings })
  let facts: Facts | undefined
  try {
    facts = await openFacts({ path: layout.facts, clock })
    await settleFormat(layout)
  } catch (thrown) {
    await facts?.close()
    store.close()
    throw thrown
  }
  const opened = facts
  return {
    store,
    facts: opened,
    close: async () => {
      await opened.close()
      store.close()
    },
  }
}

/**
 * Throws `store-damaged` when there is a journal and no file of readings. Following the journal from its begin, the
 * incident desk would see excursions come and go as if it were now, and tell people that what is open is over.
 */
export async function refuseLostReadings({ readings, journal }: DataLayout): Promise<void> {
  if ((await isThere(readings)) || (await namesIn(journal)).length === 0) return
  throw new Problem('store-damaged', {
    what: `${readings} is missing beside a journal with records. Nothing was changed.`,
    remedy: 'Make it anew with `isotherm rebuild`, which calls nobody, or put the file back.',
  })
}

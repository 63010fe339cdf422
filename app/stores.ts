import type { Clock } from '../domain/index.ts'
import { type CanonicalStore, type Facts, openCanonicalStore, openFacts } from '../store/index.ts'
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
 * interrupted is done again by the next opening. Throws what `refuseNewerFormat` and the stores refuse. The caller
 * holds the lock `core`.
 */
export async function openStores(layout: DataLayout, clock: Clock): Promise<Stores> {
  await refuseNewerFormat(layout)
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

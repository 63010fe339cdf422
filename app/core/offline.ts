import {
  type CommandPort,
  createCommands,
  createFactsView,
  lockDataDirectory,
  openCanonicalStore,
  openFacts,
} from '../../store/index.ts'
import { systemClock } from '../doors/clock.ts'
import { makePrivateDirectory } from '../doors/files.ts'
import { systemRandom } from '../doors/random.ts'
import { processIdentity } from '../doors/terminal.ts'
import type { DataLayout } from '../layout.ts'
import { openQueries, type OpenQueries } from '../queries.ts'
import { startFeed } from './feed.ts'

/** The facts without a running core: for the command line, one call long. */
export interface OfflineCore {
  readonly commands: CommandPort
  readonly queries: OpenQueries
  close(): Promise<void>
}

/**
 * Opens the facts for one call, under the lock of the core, so that nobody else writes meanwhile. Throws
 * `data-directory-locked` when a core holds it but does not answer on its socket.
 */
export async function openOfflineCore(layout: DataLayout): Promise<OfflineCore> {
  await makePrivateDirectory(layout.root)
  const { pid, host } = processIdentity()
  const holder = { pid, host, startedAt: systemClock.nowMs() }
  const lock = lockDataDirectory({ path: layout.root, role: 'core', holder })
  // the store must exist before it can be opened for reading
  openCanonicalStore({ path: layout.readings }).close()
  const facts = await openFacts({ path: layout.facts, clock: systemClock })
  const view = createFactsView()
  await startFeed(facts, {
    snapshot: (all) => {
      view.load(all)
    },
    change: (one) => {
      view.apply(one)
    },
  })
  const queries = openQueries(layout, view)
  return {
    commands: createCommands({ facts, clock: systemClock, random: systemRandom }),
    queries,
    close: async () => {
      queries.close()
      await facts.close()
      lock.release()
    },
  }
}

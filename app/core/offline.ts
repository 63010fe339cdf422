import { Problem } from '../../domain/index.ts'
import {
  type CommandPort,
  createCommands,
  createFactsView,
  isDataDirectoryLocked,
  lockDataDirectory,
} from '../../store/index.ts'
import { systemClock } from '../doors/clock.ts'
import { makePrivateDirectory } from '../doors/files.ts'
import { systemRandom } from '../doors/random.ts'
import { processIdentity } from '../doors/terminal.ts'
import { requireFormat } from '../format.ts'
import type { DataLayout } from '../layout.ts'
import { demonstrationOnly, purposeOf } from '../purpose.ts'
import { openQueries, type OpenQueries } from '../queries.ts'
import { openStores } from '../stores.ts'
import { startFeed } from './feed.ts'

/** The facts without a running core; commands on devices are refused beside a running gateway. For the command line. */
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
  await requireFormat(layout)
  await makePrivateDirectory(layout.root)
  const { pid, host } = processIdentity()
  const holder = { pid, host, startedAt: systemClock.nowMs() }
  const lock = lockDataDirectory({ path: layout.root, role: 'core', holder })
  // once more: only now nobody else can change it any more
  await requireFormat(layout)
  const { store, facts } = await openStores(layout, systemClock)
  // nothing is ingested here: it only had to exist before it can be opened for reading
  store.close()
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
  const created = createCommands({ facts, clock: systemClock, random: systemRandom })
  const commands = (await purposeOf(layout)) === 'demo' ? demonstrationOnly(created) : created
  return {
    commands: {
      command: async (name, actor, input) => {
        if (name.startsWith('device.')) refuseBesideGateway(layout)
        return commands.command(name, actor, input)
      },
    },
    queries,
    close: async () => {
      queries.close()
      await facts.close()
      lock.release()
    },
  }
}

/** A gateway learns of facts from a core only: it would go on admitting a device that was revoked here. */
function refuseBesideGateway({ root }: DataLayout): void {
  if (!isDataDirectoryLocked({ path: root, role: 'gateway' })) return
  throw new Problem('core-unavailable', {
    what: `A gateway runs on ${root} without a core, and would not learn of this change.`,
    remedy: 'Start `isotherm core` on this data directory, then try again; or stop the gateway first.',
  })
}

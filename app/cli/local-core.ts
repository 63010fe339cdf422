import { type Actor, Problem } from '../../domain/index.ts'
import type { CommandName, Commands, HeldPort, Queries, QueryName } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { type OfflineCore, openOfflineCore } from '../core/index.ts'
import { openCoreClient } from '../core-client.ts'
import { systemClock } from '../doors/clock.ts'
import { connectLocal } from '../doors/sockets.ts'
import { processIdentity } from '../doors/terminal.ts'
import { type DataLayout, dataLayout } from '../layout.ts'
import { type Channel, openLink } from '../link/index.ts'
import type { CoreStatus } from '../link/protocol.ts'
import { tellOpenFolder } from './open-folder.ts'

/**
 * The core as the command line of this machine uses it: over its socket when it runs, else opened here for the
 * length of the call. The account that may enter the data directory may do everything; acts carry its name.
 */
export interface LocalCore {
  /** False when the core was opened for this call only. */
  readonly running: boolean
  command<N extends CommandName>(name: N, input: Commands[N]['input']): Promise<Commands[N]['output']>
  /** Who asks, as acts name it. */
  readonly actor: Actor
  /** The answer of a query that is a file. */
  file<N extends QueryName>(name: N, input: Queries[N]): Promise<Uint8Array>
  /** The answer of a query, parsed. */
  query<N extends QueryName>(name: N, input: Queries[N]): Promise<unknown>
  /** Throws `core-unavailable` when the core is not running: records are read and judged where it runs only. */
  held(): HeldPort
  /** Undefined when the core is not running. */
  status(): Promise<CoreStatus | undefined>
}

/** A core that is just coming up, or another short command, is waited for this long. */
const WAIT_MS_MAX = 5_000
const LOOK_INTERVAL_MS = 100
/** The core answers in milliseconds; one that takes this long has stopped. */
const ANSWER_MS_MAX = 5_000

/** Runs `work` with the core and closes it afterwards. */
export async function withCore<T>(
  configuration: Configuration,
  work: (core: LocalCore) => Promise<T>,
): Promise<T> {
  const layout = dataLayout(configuration.data_dir)
  const actor: Actor = { kind: 'local', id: processIdentity().account }
  const reached = await reach(layout)
  if ('commands' in reached) {
    try {
      await tellOpenFolder(layout.root)
      return await work({
        running: false,
        actor,
        command: (name, input) => reached.commands.command(name, actor, input),
        file: (name, input) => reached.queries.answer(name, input),
        query: async (name, input) => parsed(await reached.queries.answer(name, input)),
        held: () => {
          throw notRunning()
        },
        status: () => Promise.resolve(undefined),
      })
    } finally {
      await reached.close()
    }
  }
  return overChannel(reached, actor, work)
}

/** The core that runs, over its socket. */
export interface RunningCore extends LocalCore {
  status(): Promise<CoreStatus>
}

/** Runs `work` with the core that runs; undefined, and nothing was opened, when none does. */
export async function withRunningCore<T>(
  configuration: Configuration,
  work: (core: RunningCore) => Promise<T>,
): Promise<T | undefined> {
  const channel = await connectLocal(dataLayout(configuration.data_dir).socket)
  if (channel === undefined) return undefined
  return overChannel(channel, { kind: 'local', id: processIdentity().account }, work)
}

async function overChannel<T>(
  channel: Channel,
  actor: Actor,
  work: (core: RunningCore) => Promise<T>,
): Promise<T> {
  const link = openLink(channel, {})
  const client = openCoreClient({ load: () => undefined, apply: () => undefined }, link)
  const ask = async <N extends QueryName>(name: N, input: Queries[N]): Promise<Uint8Array> =>
    (await link.call('query', { name, input })) as Uint8Array
  try {
    await link.call('status', {}, AbortSignal.timeout(ANSWER_MS_MAX))
    return await work({
      running: true,
      actor,
      command: (name, input) => client.command(name, actor, input),
      file: ask,
      query: async (name, input) => parsed(await ask(name, input)),
      held: () => client,
      status: () => client.status(),
    })
  } finally {
    link.close()
  }
}

/** The running core, or else the stores; again and again while somebody holds these but does not listen yet. */
async function reach(layout: DataLayout): Promise<Channel | OfflineCore> {
  const untilMs = systemClock.monotonicMs() + WAIT_MS_MAX
  for (;;) {
    const channel = await connectLocal(layout.socket)
    if (channel !== undefined) return channel
    try {
      return await openOfflineCore(layout)
    } catch (thrown) {
      const held = thrown instanceof Problem && thrown.code === 'data-directory-locked'
      if (!held || systemClock.monotonicMs() >= untilMs) throw thrown
    }
    await systemClock.sleep(LOOK_INTERVAL_MS)
  }
}

function notRunning(): Problem {
  return new Problem('core-unavailable', {
    what: 'Nothing runs on this data directory, and held records lie in a journal that only runs with it.',
    remedy: 'Start it (`isotherm start`), then ask again.',
  })
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown
}

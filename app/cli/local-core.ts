import type { Actor } from '../../domain/index.ts'
import type { CommandName, Commands, Queries, QueryName } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { openOfflineCore } from '../core/index.ts'
import { openCoreClient } from '../core-client.ts'
import { connectLocal } from '../doors/sockets.ts'
import { processIdentity } from '../doors/terminal.ts'
import { dataLayout } from '../layout.ts'
import { openLink } from '../link/index.ts'
import type { CoreStatus } from '../link/protocol.ts'

/**
 * The core as the command line of this machine uses it: over its socket when it runs, else opened here for the
 * length of the call. The account that may enter the data directory may do everything; acts carry its name.
 */
export interface LocalCore {
  /** False when the core was opened for this call only. */
  readonly running: boolean
  command<N extends CommandName>(name: N, input: Commands[N]['input']): Promise<Commands[N]['output']>
  /** The answer of a query, parsed. */
  query<N extends QueryName>(name: N, input: Queries[N]): Promise<unknown>
  /** Undefined when the core is not running. */
  status(): Promise<CoreStatus | undefined>
}

/** Runs `work` with the core and closes it afterwards. */
export async function withCore<T>(
  configuration: Configuration,
  work: (core: LocalCore) => Promise<T>,
): Promise<T> {
  const layout = dataLayout(configuration.data_dir)
  const actor: Actor = { kind: 'local', id: processIdentity().account }
  const channel = await connectLocal(layout.socket)
  if (channel === undefined) {
    const offline = await openOfflineCore(layout)
    try {
      return await work({
        running: false,
        command: (name, input) => offline.commands.command(name, actor, input),
        query: async (name, input) => parsed(await offline.queries.answer(name, input)),
        status: () => Promise.resolve(undefined),
      })
    } finally {
      await offline.close()
    }
  }
  const link = openLink(channel, {})
  const client = openCoreClient({ load: () => undefined, apply: () => undefined }, link)
  try {
    return await work({
      running: true,
      command: (name, input) => client.command(name, actor, input),
      query: async (name, input) => parsed((await link.call('query', { name, input })) as Uint8Array),
      status: () => client.status(),
    })
  } finally {
    link.close()
  }
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown
}

/** The items of a list answer. */
export function itemsOf(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (answer as { readonly items: readonly Readonly<Record<string, unknown>>[] }).items
}

import type { Actor, FactChange } from '../domain/index.ts'
import type { CommandName, CommandPort, Commands } from '../store/index.ts'
import { Problem } from '../domain/index.ts'
import type { CoreStatus, DurableNotice } from './link/protocol.ts'
import type { Link, LinkHandlers } from './link/index.ts'

/** What keeps a view of the facts current. */
export interface FedView {
  load(snapshot: FactChange): void
  apply(change: FactChange): void
}

/** The core as the gateway and the api use it, over whatever link is up at the moment. */
export interface CoreClient extends CommandPort {
  /** Handlers to open the link with. */
  readonly handlers: LinkHandlers
  /** Passes every snapshot and change on, in order, after `view` has it. One at a time: the last one asked for. */
  forwardFacts(next: FedView): void
  /** Uses this link from now on and asks for the facts; resolves when the first snapshot is in the view. */
  attach(link: Link): Promise<void>
  readonly connected: boolean
  status(): Promise<CoreStatus>
  /** Tells the core how much of the journal is durable; repeated to each new link. */
  tellDurable(durableEnd: number): void
}

/** Opens a client that feeds `view`; over `first` at once when a link is up already. */
export function openCoreClient(view: FedView, first?: Link): CoreClient {
  let link = first
  let durableEnd: number | undefined
  let forward: FedView | undefined
  const call = async (name: string, input: unknown): Promise<unknown> => {
    if (link === undefined || link.closed) {
      throw new Problem('core-unavailable', {
        what: 'The core is not running.',
        remedy: 'Start `isotherm core` on the same data directory, or wait until it is up.',
      })
    }
    return link.call(name, input)
  }
  return {
    handlers: {
      notices: {
        'facts-snapshot': (body) => {
          view.load(body as FactChange)
          forward?.load(body as FactChange)
        },
        'facts-change': (body) => {
          view.apply(body as FactChange)
          forward?.apply(body as FactChange)
        },
      },
    },
    forwardFacts: (next) => {
      forward = next
    },
    attach: async (given) => {
      link = given
      if (durableEnd !== undefined) given.notify('durable', { durableEnd } satisfies DurableNotice)
      await given.call('feed', {})
    },
    get connected() {
      return link !== undefined && !link.closed
    },
    command: async <N extends CommandName>(name: N, actor: Actor, input: Commands[N]['input']) =>
      (await call('command', { name, actor, input })) as Commands[N]['output'],
    status: async () => (await call('status', {})) as CoreStatus,
    tellDurable: (end) => {
      durableEnd = end
      link?.notify('durable', { durableEnd: end } satisfies DurableNotice)
    },
  }
}

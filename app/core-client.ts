import { type Actor, Problem, type ProblemCode } from '../domain/index.ts'
import type {
  CommandName,
  CommandPort,
  Commands,
  ConflictDecided,
  HeldPort,
  HeldRecord,
  Readmitted,
} from '../store/index.ts'
import type { CoreStatus, JournalCall, LiveCall, LivePiece, ReadmissionCall } from './link/protocol.ts'
import type { Sample } from './metrics/definitions.ts'
import { type FedView, feeding, type Link, type LinkHandlers } from './link/index.ts'

/** The core as the gateway and the api use it, over whatever link is up at the moment. */
export interface CoreClient extends CommandPort, HeldPort {
  /** Handlers to open the link with. */
  readonly handlers: LinkHandlers
  /** Passes every snapshot and change on to `next` too, in order, after `view` has it. */
  forwardFacts(next: FedView): void
  /** Has the core tell what is newest, over this link and each new one; one taker at a time, the last one given. */
  followLive(take: (piece: LivePiece) => void): void
  /** Tells the core whether anybody watches what is newest: where nobody does it tells it seldom. At first nobody. */
  watchLive(isWatched: boolean): void
  /** Uses this link from now on and asks for the facts; resolves when the first snapshot is in the view. */
  attach(link: Link): Promise<void>
  readonly connected: boolean
  status(): Promise<CoreStatus>
  /** What the core counts. */
  numbers(): Promise<readonly Sample[]>
  /**
   * Tells the core which journal this process has opened, now and over each new link. Resolves when the core has found
   * its cursors to belong to it, or when there is no core to ask yet; rejects when they do not. `onRefused` is called
   * with that problem whenever it is found, now or over a later link.
   */
  announceJournal(durableEnd: number, onRefused: (problem: Problem) => void): Promise<void>
  /** True once a core has found its cursors to belong to the announced journal: before that nobody may be admitted. */
  readonly journalAccepted: boolean
  /** What makes readmissions durable, in the part that writes the journal. */
  answerReadmissions(take: (call: ReadmissionCall) => Promise<number>): void
  /** Tells the core how much of the announced journal is durable; of several values only the newest travels. */
  tellDurable(durableEnd: number): void
}

/** Opens a client that feeds `view`; over `first` at once when a link is up already. */
export function openCoreClient(view: FedView, first?: Link): CoreClient {
  let link = first
  const forwards: FedView[] = []
  const takers: Takers = {}
  const call = async (name: string, input: unknown): Promise<unknown> => {
    if (link === undefined || link.closed) {
      throw new Problem('core-unavailable', {
        what: 'The core is not running.',
        remedy: 'Start `isotherm core` on the same data directory, or wait until it is up.',
      })
    }
    return link.call(name, input)
  }
  const journal = new JournalTeller()
  let isWatched = false
  const askForLive = (name: 'live' | 'live-watched'): void => {
    if (takers.live === undefined || link === undefined || link.closed) return
    const asked: LiveCall = { isWatched }
    // Nothing is lost when it fails: the link is gone, and the next one is asked again.
    void link.call(name, asked).catch(() => undefined)
  }
  const fed = feeding({
    load: (all) => {
      for (const each of [view, ...forwards]) each.load(all)
    },
    apply: (change) => {
      for (const each of [view, ...forwards]) each.apply(change)
    },
  })
  return {
    handlers: handlersOf(fed, takers),
    forwardFacts: (next) => {
      forwards.push(next)
    },
    followLive: (take) => {
      takers.live = take
      askForLive('live')
    },
    watchLive: (given) => {
      isWatched = given
      askForLive('live-watched')
    },
    attach: async (given) => {
      link = given
      await journal.over(given)
      await given.call('feed', {})
      askForLive('live')
    },
    get connected() {
      return link !== undefined && !link.closed
    },
    command: async <N extends CommandName>(name: N, actor: Actor, input: Commands[N]['input']) =>
      (await call('command', { name, actor, input })) as Commands[N]['output'],
    status: async () => (await call('status', {})) as CoreStatus,
    numbers: async () => (await call('numbers', {})) as readonly Sample[],
    announceJournal: (durableEnd, onRefused) => journal.announce(durableEnd, onRefused, link),
    get journalAccepted() {
      return journal.accepted
    },
    answerReadmissions: (take) => {
      takers.readmission = take
    },
    ...heldCalls(call),
    tellDurable: (durableEnd) => {
      journal.tell(durableEnd)
    },
  }
}

function heldCalls(call: (name: string, input: unknown) => Promise<unknown>): HeldPort {
  return {
    heldRecord: async (asked) => (await call('held-record', asked)) as HeldRecord,
    readmit: async (actor, asked) => (await call('readmit', { ...asked, actor })) as Readmitted,
    decide: async (actor, asked) => (await call('decide', { ...asked, actor })) as ConflictDecided,
  }
}

/** Who takes what the core sends, once there is somebody. */
interface Takers {
  live?: (piece: LivePiece) => void
  readmission?: (call: ReadmissionCall) => Promise<number>
}

function handlersOf(fed: LinkHandlers, takers: Takers): LinkHandlers {
  return {
    ...fed,
    calls: {
      ...fed.calls,
      'live-piece': (piece) => {
        takers.live?.(piece as LivePiece)
        return null
      },
      readmission: (given) => {
        if (takers.readmission === undefined) throw noJournal()
        return takers.readmission(given as ReadmissionCall)
      },
    },
  }
}

function noJournal(): Problem {
  return new Problem('journal-unavailable', {
    what: 'This part writes no journal.',
    remedy: 'Run all parts in the same version.',
  })
}

/** What a core says of a journal its cursors do not belong to. */
const refusals: ReadonlySet<string> = new Set<ProblemCode>([
  'journal-mismatch',
  'journal-cursor-beyond-end',
  'journal-damaged',
])

function isRefusal(thrown: unknown): thrown is Problem {
  return thrown instanceof Problem && refusals.has(thrown.code)
}

/** Tells the core of the journal: first which one it is, then, one call at a time, how far it is durable. */
class JournalTeller {
  accepted = false
  #durableEnd: number | undefined
  #onRefused: (problem: Problem) => void = () => undefined
  /** The link over which the core has compared. */
  #link: Link | undefined
  #toldEnd = 0
  #telling = false

  async announce(
    durableEnd: number,
    onRefused: (problem: Problem) => void,
    link: Link | undefined,
  ): Promise<void> {
    this.#durableEnd = durableEnd
    this.#onRefused = onRefused
    if (link === undefined || link.closed) return
    try {
      await this.over(link)
    } catch (thrown) {
      // A core that went away before it answered is asked again over the next link.
      if (isRefusal(thrown)) throw thrown
    }
  }

  /** Has the core compare over this link, when there is a journal to compare with. */
  async over(link: Link): Promise<void> {
    const durableEnd = this.#durableEnd
    if (durableEnd === undefined) return
    try {
      await link.call('journal', { durableEnd } satisfies JournalCall)
    } catch (thrown) {
      if (isRefusal(thrown)) this.#onRefused(thrown)
      throw thrown
    }
    this.accepted = true
    this.#link = link
    this.#toldEnd = durableEnd
    this.tell(this.#durableEnd ?? durableEnd)
  }

  tell(durableEnd: number): void {
    this.#durableEnd = durableEnd
    // The next call waits for the answer to the last: a core that is stuck must not find one per commit queued.
    if (!this.#telling) void this.#passOn()
  }

  async #passOn(): Promise<void> {
    this.#telling = true
    for (let link = this.#link; link !== undefined && !link.closed; link = this.#link) {
      const durableEnd = this.#durableEnd ?? 0
      if (durableEnd <= this.#toldEnd) break
      try {
        await link.call('durable', { durableEnd } satisfies JournalCall)
        if (link === this.#link) this.#toldEnd = durableEnd
      } catch {
        // Nothing is lost: the link is gone or its core ends, and the next one is told where the journal ends.
        if (link === this.#link) this.#link = undefined
      }
    }
    this.#telling = false
  }
}

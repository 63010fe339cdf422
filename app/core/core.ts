import type { Clock, FactChange, Log, Random } from '../../domain/index.ts'
import { ACCEPT_BEFORE_REGISTRATION_MS } from '../../domain/index.ts'
import { type DeviceTermsAt, runCensus, runIngest } from '../../ingest/index.ts'
import { openJournalReader } from '../../journal/index.ts'
import {
  type CanonicalReads,
  type CanonicalStore,
  type CommandPort,
  createCommands,
  createFactsView,
  deviceFactsAt,
  type Facts,
  type FactsView,
  openCanonicalReads,
  openCanonicalStore,
  openFacts,
} from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { nodeDisk } from '../doors/disk.ts'
import type { DataLayout } from '../layout.ts'
import { type Channel, type LinkHandlers, openLink } from '../link/index.ts'
import type { CommandCall, CoreStatus, DurableNotice, QueryCall } from '../link/protocol.ts'
import { openQueries, type OpenQueries } from '../queries.ts'
import { startFeed } from './feed.ts'
import { openJudge } from './judge/index.ts'
import { startProjection } from './projection.ts'
import { registerNewSensors } from './sensors.ts'

/** What the core is started with. The caller holds the lock `core` of the data directory. */
export interface CoreOptions {
  readonly configuration: Configuration
  readonly layout: DataLayout
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** The running core: the only writer of the stores. */
export interface Core {
  readonly commands: CommandPort
  /** Answers calls on a channel; see `link/protocol.ts`. `more` adds calls for this channel alone. */
  serve(channel: Channel, more?: LinkHandlers['calls']): void
  /** Rejects when ingest or the census cannot go on; the process must then end. Never resolves. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** A device that is not in the facts cannot have been admitted, but a restored log may still name it. */
const EXPECTED_INTERVAL_UNKNOWN_MS = 300_000

/** Opens the stores and starts ingest, census, sensor registration and, when configured, the InfluxDB projection. */
export async function startCore(options: CoreOptions): Promise<Core> {
  const { layout, clock, log } = options
  const store = openCanonicalStore({ path: layout.readings })
  const facts = await openFacts({ path: layout.facts, clock })
  const view = createFactsView()
  await startFeed(facts, {
    snapshot: (all) => {
      view.load(all)
    },
    change: (one) => {
      view.apply(one)
    },
  })
  const reads = openCanonicalReads({ path: layout.readings })
  const queries = openQueries(layout, view)
  const commands = createCommands({ ...options, facts })
  const judge = await openJudge({ ...options, store, reads, facts, view })
  const following = await startFollowing({ ...options, store, reads, facts, view, onIngest: judge.wake })
  const projection = startProjection({ ...options, store, view })
  log.info({ ingest: reads.cursor('ingest'), facts: view.version }, 'core is up')
  const status = (): CoreStatus => ({
    durableEnd: following.durableEnd(),
    ingest: reads.cursor('ingest'),
    census: reads.cursor('census'),
    influx: projection.status(),
  })
  return {
    commands,
    failed: following.failed,
    serve: (channel, more) => {
      serve(channel, { commands, queries, facts, status, following }, more)
    },
    stop: async () => {
      await following.stop()
      await judge.stop()
      await projection.stop()
      queries.close()
      reads.close()
      await facts.close()
      store.close()
    },
  }
}

/** Terms of a device at an instant, from the facts in memory. */
function termsFrom(view: FactsView): DeviceTermsAt {
  return (device, atMs) =>
    deviceFactsAt(view, device, atMs) ?? {
      acceptFromMs: atMs - ACCEPT_BEFORE_REGISTRATION_MS,
      expectedIntervalMs: EXPECTED_INTERVAL_UNKNOWN_MS,
    }
}

interface Following {
  readonly failed: Promise<never>
  /** Null until the part that writes the journal said how much of it is durable. */
  durableEnd(): number | null
  onDurable(durableEnd: number): void
  stop(): Promise<void>
}

async function startFollowing(
  options: CoreOptions & {
    readonly store: CanonicalStore
    readonly reads: CanonicalReads
    readonly facts: Facts
    readonly view: FactsView
    /** Called after each step of ingest. */
    readonly onIngest: () => void
  },
): Promise<Following> {
  const { layout, clock, log, store, reads, facts, view, onIngest } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const failure = Promise.withResolvers<never>()
  const reader = await openJournalReader({ directory: layout.journal, disk: nodeDisk() })
  let told: number | null = null
  let registering: Promise<void> = Promise.resolve()
  const onProgress = (): void => {
    onIngest()
    registering = registering
      .then(() => registerNewSensors(store, reads, facts))
      .catch((thrown: unknown) => {
        failure.reject(thrown)
      })
  }
  onProgress()
  const followers = Promise.all([
    runIngest({ reader, store, clock, signal, termsAt: termsFrom(view), onProgress }),
    runCensus({ reader, store, clock, signal }),
  ])
  followers.catch((thrown: unknown) => {
    log.error({ ingest: reads.cursor('ingest') }, 'a follower of the journal cannot go on')
    failure.reject(thrown)
  })
  return {
    failed: failure.promise,
    durableEnd: () => told,
    onDurable: (durableEnd) => {
      told = durableEnd
      reader.advance(durableEnd)
    },
    stop: async () => {
      stopping.abort()
      await Promise.allSettled([followers])
      await registering
      reader.close()
    },
  }
}

interface Served {
  readonly commands: CommandPort
  readonly queries: OpenQueries
  readonly facts: Facts
  readonly status: () => CoreStatus
  readonly following: Following
}

function serve(channel: Channel, served: Served, more: LinkHandlers['calls']): void {
  const { commands, queries, facts } = served
  let stopFeed = (): void => undefined
  const link = openLink(channel, {
    calls: {
      command: (input) => {
        const { name, actor, input: given } = input as CommandCall
        return commands.command(name, actor, given)
      },
      query: (input) => {
        const { name, input: given } = input as QueryCall
        return queries.answer(name, given)
      },
      status: () => served.status(),
      feed: async () => {
        stopFeed = await startFeed(facts, {
          snapshot: (all: FactChange) => {
            link.notify('facts-snapshot', all)
          },
          change: (one: FactChange) => {
            link.notify('facts-change', one)
          },
        })
        return null
      },
      ...more,
    },
    notices: {
      durable: (body) => {
        served.following.onDurable((body as DurableNotice).durableEnd)
      },
    },
  })
  link.onClose(() => {
    stopFeed()
  })
}

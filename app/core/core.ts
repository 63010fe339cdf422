import { type Clock, type Random, recordText } from '../../domain/index.ts'
import {
  type CommandPort,
  createCommands,
  createFactsView,
  type Facts,
  openCanonicalReads,
  openFactsReads,
  openFindingReads,
} from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { clockSync } from '../doors/clock-sync.ts'
import { nodeDisk } from '../doors/disk.ts'
import type { Logs } from '../doors/log.ts'
import { readRulePacks } from '../doors/rule-packs.ts'
import type { DataLayout } from '../layout.ts'
import { type Channel, type LinkHandlers, openLink } from '../link/index.ts'
import type {
  CommandCall,
  CoreStatus,
  HeldCall,
  JournalCall,
  LiveCall,
  QueryCall,
  DecideCall,
  ReadmitCall,
} from '../link/protocol.ts'
import { openSystemChannels } from '../notify/channels.ts'
import { demonstrationOnly } from '../purpose.ts'
import { openQueries, type OpenQueries } from '../queries.ts'
import { openStores } from '../stores.ts'
import { startAuditLog } from './audit/index.ts'
import { feedLink, startFeed } from './feed.ts'
import { type Following, openFollowing } from './following.ts'
import { type HeldDesk, openHeldDesk } from './held.ts'
import { openIncidents } from './incidents/index.ts'
import { openJudge } from './judge/index.ts'
import { openNumbers } from './numbers/index.ts'
import { type LiveTelling, openLiveTelling } from './live.ts'
import { type RunningProjection, startProjection } from './projection.ts'
import { startBalanceWatch } from './watch/balance.ts'
import { startClockWatch } from './watch/clock.ts'

/** The judge reads on from where each point stands: a page for each of its sensors, in KiB. */
const JUDGE_CACHE_KIB = 16_384

/** What the core is started with. The caller holds the lock `core` of the data directory. */
export interface CoreOptions {
  readonly configuration: Configuration
  readonly layout: DataLayout
  readonly clock: Clock
  readonly random: Random
  readonly logs: Logs
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

/**
 * Opens the stores and starts, when configured, the InfluxDB projection; ingest and census start once a gateway has
 * said what journal it opened.
 */
export async function startCore(options: CoreOptions): Promise<Core> {
  const { layout, clock, logs } = options
  const { app: log } = logs
  const stores = await openStores(layout, clock)
  const { store, facts } = stores
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
  const created = createCommands({ ...options, facts })
  const commands = options.configuration.demo ? demonstrationOnly(created) : created
  const channels = openSystemChannels(options.configuration)
  const findings = openFindingReads({ path: layout.readings, cacheKib: JUDGE_CACHE_KIB })
  const parts = { ...options, store, reads, facts, view, findings, packs: await readRulePacks() }
  const incidents = openIncidents({ ...parts, log: logs.alerts, channels })
  const onFindings = incidents.wake
  const judge = openJudge({ ...parts, log: logs.alerts, onFindings, isLevel: () => isLevel() })
  const following = await openFollowing({ ...parts, log: logs.ingest, onIngest: judge.wake })
  const waiting = (): number => (following.durableEnd() ?? Number.POSITIVE_INFINITY) - reads.cursor('ingest')
  const isLevel = (): boolean => waiting() <= 0
  const record = (index: number) => following.record(index)
  const held = openHeldDesk({ reads, commands, clock, record })
  const live = openLiveTelling({ reads, findings, clock, log })
  const projection = startProjection({ ...parts, log: logs.store, commands, waiting })
  const audit = startAuditLog({ ...parts, log: logs.journal, disk: nodeDisk() })
  const balance = startBalanceWatch({ path: layout.readings, commands, clock, log })
  const clockWatch = startClockWatch({ ask: clockSync, commands, clock, log })
  log.info({ record: recordText(reads.cursor('ingest')), facts: view.version }, 'core is up')
  const status = (): CoreStatus => ({
    durableEnd: following.durableEnd(),
    ingest: reads.cursor('ingest'),
    census: reads.cursor('census'),
    influx: projection.status(),
    audit: audit.status(),
    balance: balance.status(),
    clock: clockWatch.status(),
  })
  const factReads = openFactsReads({ path: layout.facts })
  const numbers = openNumbers({ ...parts, facts: factReads, judge, status, record })
  return {
    commands,
    failed: following.failed,
    serve: (channel, more) => {
      serve(channel, { commands, queries, facts, status, numbers, projection, following, held, live }, more)
    },
    stop: async () => {
      for (const part of [clockWatch, balance, live, following, judge, incidents]) await part.stop()
      factReads.close()
      findings.close()
      await projection.stop()
      await audit.stop()
      queries.close()
      reads.close()
      await stores.close()
    },
  }
}

interface Served {
  readonly commands: CommandPort
  readonly queries: OpenQueries
  readonly facts: Facts
  readonly status: () => CoreStatus
  readonly numbers: ReturnType<typeof openNumbers>
  readonly projection: RunningProjection
  readonly following: Following
  readonly held: HeldDesk
  readonly live: LiveTelling
}

function serve(channel: Channel, served: Served, more: LinkHandlers['calls']): void {
  const { commands, queries, facts } = served
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
      numbers: () => served.numbers(),
      'influx-again': async () => {
        await served.projection.again()
        return null
      },
      journal: async (input) => {
        await served.following.compare((input as JournalCall).durableEnd)
        served.held.gateway(link)
        return null
      },
      durable: (input) => {
        served.following.advance((input as JournalCall).durableEnd)
        return null
      },
      'held-record': (input) => served.held.heldRecord(input as HeldCall),
      readmit: (input) => {
        const { actor, ...asked } = input as ReadmitCall
        return served.held.readmit(actor, asked)
      },
      decide: (input) => {
        const { actor, ...asked } = input as DecideCall
        return served.held.decide(actor, asked)
      },
      feed: async () => {
        await feedLink(facts, link)
        return null
      },
      live: (input) => {
        served.live.tell(link, (input as LiveCall).isWatched)
        return null
      },
      'live-watched': (input) => {
        served.live.watched(link, (input as LiveCall).isWatched)
        return null
      },
      ...more,
    },
  })
}

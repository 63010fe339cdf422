import type { Clock, Log, Problem, Random } from '../../domain/index.ts'
import { decodeRecord } from '../../domain/index.ts'
import { createGateway, type DevicePolicies, type Gateway } from '../../gateway/index.ts'
import { type Journal, openJournal } from '../../journal/index.ts'
import { devicePolicies, type FactsView } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import type { CoreClient } from '../core-client.ts'
import { nodeDisk } from '../doors/disk.ts'
import { listenTcp } from '../doors/network.ts'
import type { DataLayout } from '../layout.ts'
import { openRefusalTally } from './refusals.ts'

const MIB = 1024 * 1024

/** The running gateway with its journal. */
export interface GatewayPart {
  readonly gateway: Gateway
  readonly journal: Journal
  readonly mqttPort: number
}

/**
 * Opens journal and broker and listens for MQTT. The caller holds the lock of the data directory. Nobody is admitted
 * before a core has found its cursors to belong to this journal. Each piece is handed to `onStop` as soon as it runs,
 * so that a start that fails half way leaves nothing running.
 */
export async function startGatewayPart(options: {
  readonly configuration: Configuration
  readonly layout: DataLayout
  readonly client: CoreClient
  readonly view: FactsView
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly onStop: (name: string, stop: () => Promise<void> | void) => void
  /** Called when going on would be wrong: the core knows another journal. */
  readonly fail: (problem: Problem) => void
}): Promise<GatewayPart> {
  const { configuration, client, clock, random, log, onStop, fail } = options
  const journal = await openJournal({
    directory: options.layout.journal,
    log,
    disk: nodeDisk(),
    clock,
    random,
    ...(configuration.journal_free_mib === undefined
      ? {}
      : { spaceReserve: { share: 1, bytes: configuration.journal_free_mib * MIB } }),
  })
  onStop('the journal', () => journal.close())
  await client.announceJournal(journal.durableEnd, fail)
  onStop(
    'telling the core',
    journal.onDurable((end) => {
      client.tellDurable(end)
    }),
  )
  const last = await journal.last()
  const refusals = openRefusalTally(clock)
  const gateway = createGateway({
    append: (bytes) => journal.append(bytes),
    lastReceivedAtMs: last === undefined ? 0 : decodeRecord(last).receivedAtMs,
    policies: comparedPolicies(options),
    countRefusal: refusals.count,
    clock,
    log,
  })
  const stopping = new AbortController()
  const handingOver = refusals.run(client, log, stopping.signal)
  onStop('the tally of refusals', () => {
    stopping.abort()
    return handingOver
  })
  onStop('the gateway', () => gateway.stop())
  const listener = await listenTcp({
    host: configuration.mqtt_host,
    port: configuration.mqtt_port,
    onSocket: (socket) => {
      gateway.handle(socket)
    },
  })
  onStop('the MQTT port', () => listener.stopAccepting())
  return { gateway, journal, mqttPort: listener.port }
}

/** Admission by the facts, but of nobody before the journal was compared. */
function comparedPolicies({
  client,
  view,
}: {
  readonly client: CoreClient
  readonly view: FactsView
}): DevicePolicies {
  const policies = devicePolicies(view)
  return {
    get ready() {
      return policies.ready && client.journalAccepted
    },
    find: (deviceId) => policies.find(deviceId),
    onChange: (listener) => policies.onChange(listener),
  }
}

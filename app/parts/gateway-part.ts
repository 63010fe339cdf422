import type { Clock, Log, Random } from '../../domain/index.ts'
import { decodeRecord } from '../../domain/index.ts'
import { createGateway, type Gateway } from '../../gateway/index.ts'
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
  stop(): Promise<void>
}

/** Opens journal and broker and listens for MQTT. The caller holds the lock of the data directory. */
export async function startGatewayPart(options: {
  readonly configuration: Configuration
  readonly layout: DataLayout
  readonly client: CoreClient
  readonly view: FactsView
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}): Promise<GatewayPart> {
  const { configuration, client, clock, random, log, view } = options
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
  client.tellDurable(journal.durableEnd)
  const stopTelling = journal.onDurable((end) => {
    client.tellDurable(end)
  })
  const last = await journal.last()
  const refusals = openRefusalTally(clock)
  const gateway = createGateway({
    append: (bytes) => journal.append(bytes),
    lastReceivedAtMs: last === undefined ? 0 : decodeRecord(last).receivedAtMs,
    policies: devicePolicies(view),
    countRefusal: refusals.count,
    clock,
    log,
  })
  const stopping = new AbortController()
  const handingOver = refusals.run(client, log, stopping.signal)
  const listener = await listenTcp({
    host: configuration.mqtt_host,
    port: configuration.mqtt_port,
    onSocket: (socket) => {
      gateway.handle(socket)
    },
  })
  return {
    gateway,
    journal,
    mqttPort: listener.port,
    stop: async () => {
      await listener.stopAccepting()
      await gateway.stop()
      stopping.abort()
      await handingOver
      stopTelling()
      await journal.close()
    },
  }
}

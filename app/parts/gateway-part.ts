import { type Clock, decodeRecord, type Problem, type Random } from '../../domain/index.ts'
import { createGateway, type DevicePolicies, type Gateway } from '../../gateway/index.ts'
import { type Disk, type Journal, openJournal } from '../../journal/index.ts'
import { devicePolicies, type FactsView } from '../../store/index.ts'
import type { Certificates } from '../certificates/index.ts'
import type { Configuration } from '../config/index.ts'
import type { CoreClient } from '../core-client.ts'
import type { Logs } from '../doors/log.ts'
import { journalReserve } from '../journal-reserve.ts'
import type { DataLayout } from '../layout.ts'
import type { Metrics } from '../metrics/registry.ts'
import { type MqttPorts, openMqttPorts } from './mqtt-ports.ts'
import { openRefusalTally } from './refusals.ts'

/** The running gateway with its journal. */
export interface GatewayPart {
  readonly gateway: Gateway
  readonly journal: Journal
  readonly mqtt: MqttPorts
}

/**
 * Opens journal and broker and listens for MQTT. The caller holds the lock of the data directory. Nobody is admitted
 * before a core has found its cursors to belong to this journal. Each piece is handed to `onStop` as soon as it runs,
 * so that a start that fails half way leaves nothing running.
 */
export async function startGatewayPart(options: {
  readonly configuration: Configuration
  readonly disk: Disk
  readonly layout: DataLayout
  readonly client: CoreClient
  readonly view: FactsView
  readonly certificates: Certificates | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logs: Pick<Logs, 'gateway' | 'journal'>
  readonly metrics: Pick<Metrics, 'observeSync'>
  readonly onStop: (name: string, stop: () => Promise<void> | void) => void
  /** Called when going on would be wrong or useless: the core knows another journal, or a write or sync failed. */
  readonly fail: (problem: Problem) => void
}): Promise<GatewayPart> {
  const { configuration, client, clock, random, logs, onStop, fail } = options
  const journal = await openJournal({
    directory: options.layout.journal,
    log: logs.journal,
    disk: options.disk,
    clock,
    random,
    ...journalReserve(configuration),
    onSync: options.metrics.observeSync,
    // until a restart has recovered it the journal takes nothing: the process ends for its supervisor to start it again
    onFailed: fail,
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
    append: (bytes, waiter) => {
      journal.appendFor(bytes, waiter)
    },
    lastReceivedAtMs: last === undefined ? 0 : decodeRecord(last).receivedAtMs,
    policies: comparedPolicies(options),
    countRefusal: refusals.count,
    clock,
    log: logs.gateway,
  })
  client.answerReadmissions((call) => gateway.readmit(call))
  const stopping = new AbortController()
  const handingOver = refusals.run(client, logs.gateway, stopping.signal)
  onStop('the tally of refusals', () => {
    stopping.abort()
    return handingOver
  })
  onStop('the gateway', () => gateway.stop())
  const mqtt = await openMqttPorts({ ...options, gateway })
  return { gateway, journal, mqtt }
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

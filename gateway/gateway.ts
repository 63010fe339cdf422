import type { Duplex } from 'node:stream'
import type { Aedes } from 'aedes'
import type { Clock, Log, RefusalReason } from '../domain/index.ts'
import type { Append } from './admit.ts'
import { Admission, isOver, type Load } from './admit.ts'
import { type Arrival, arrivalRefusal, mayCome, plainArrival } from './arrival.ts'
import { createBroker, heard } from './broker.ts'
import { Connections } from './connections.ts'
import { Entrance } from './entrance.ts'
import { Identities } from './identities.ts'
import type { ReadingsAnswer, ReadingsRequest } from './intake.ts'
import { takeReadings } from './intake.ts'
import type { GatewayLimits } from './limits.ts'
import { defaultLimits } from './limits.ts'
import { type GuardOptions, PacketGuard } from './packet-guard.ts'
import type { GatewayParts } from './parts.ts'
import type { CountRefusal, DevicePolicies } from './ports.ts'
import { takePublish } from './publish.ts'
import { type ReadmissionRecord, readmit } from './readmit.ts'
import { createRefusals } from './refusals.ts'
import { TurnEnd } from './turn-end.ts'

/** What a gateway is built from. */
export interface GatewayOptions {
  /** The `readings` log's `append`: resolves only after the record is synced, in the order of the calls. */
  readonly append: Append
  /** `receivedAtMs` of that log's last record; 0 when it is empty. */
  readonly lastReceivedAtMs: number
  readonly policies: DevicePolicies
  readonly countRefusal: CountRefusal
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<GatewayLimits>
}

/** Counters since the start, and what is under way now. */
export interface GatewayStats {
  readonly connections: number
  /** Messages handed to the journal and not yet confirmed, and their payload bytes. */
  readonly inFlightMessages: number
  readonly inFlightBytes: number
  /** Messages made durable. */
  readonly journalled: number
  /** Of those, the ones answered with PUBACK, PUBREC or 202; QoS 0, wills and closed connections have no answer. */
  readonly acknowledged: number
  readonly refusals: Partial<Record<RefusalReason, number>>
  /** How far the newest receivedAt lies ahead of the clock; see `CLOCK_AHEAD_MS_MAX`. */
  readonly clockAheadMs: number
}

/** Where devices come in. What it acknowledges is durable (promise 1). */
export interface Gateway {
  /** Whether a connection from an address may be taken at all; asked once for each, before anything is spent on it. */
  admits(address: string): boolean
  /** Takes over one accepted connection that speaks MQTT 3.1.1; `arrival` says how it came, plain TCP if left out. */
  handle(socket: Duplex, arrival?: Arrival): void
  /** The same over HTTP: `POST ingest/readings`. Does not reject. */
  takeReadings(request: ReadingsRequest): Promise<ReadingsAnswer>
  /**
   * Makes a record that has another one judged again durable, and answers its index. Rejects with a `Problem` when it
   * was not taken.
   */
  readmit(record: ReadmissionRecord): Promise<number>
  stats(): GatewayStats
  /** Takes nothing new, waits (bounded) until what is under way is acknowledged, closes all. Idempotent. */
  stop(): Promise<void>
}

/** Time for the last acknowledgements to reach the sockets, once the journal has confirmed everything. */
const LAST_ACKNOWLEDGEMENTS_MS = 20

/** Builds a gateway. It opens no port: whoever listens hands each socket to `handle`. */
export function createGateway(options: GatewayOptions): Gateway {
  const { policies, clock, log } = options
  let stopped: Promise<void> | undefined
  let acknowledged = 0
  const stopping = (): boolean => stopped !== undefined
  const onAcknowledged = (): void => void (acknowledged += 1)
  const parts = makeParts(options, { stopping, onAcknowledged })
  const { admission, connections, refusals, limits } = parts
  const load: Load = { messages: 0, bytes: 0 }
  const turnEnd = new TurnEnd()
  // What HTTP has under way counts too; it is in no guard.
  const pressed = (): boolean =>
    isOver(load, limits.totalMessages / 2, limits.totalBytes / 2) ||
    isOver(admission.load, limits.totalMessages / 2, limits.totalBytes / 2)
  const broker = createBroker(parts)
  // With persistence in memory there is nothing to wait for before the first socket, and nothing that can fail.
  const listening = broker.listen()
  const forgetPolicies = policies.onChange((deviceId) => connections.policyChanged(deviceId))

  async function shutDown(): Promise<void> {
    await listening
    connections.hold()
    const enough = new AbortController()
    await Promise.race([admission.settled(), clock.sleep(limits.stopTimeoutMs, enough.signal)])
    enough.abort()
    if (admission.load.messages > 0) {
      log.warn({ count: admission.load.messages }, 'stopped before the journal confirmed everything')
    }
    await clock.sleep(LAST_ACKNOWLEDGEMENTS_MS)
    forgetPolicies()
    await new Promise<void>((resolve) => broker.close(resolve))
    connections.closeAll()
  }

  return {
    admits: (address) => !stopping() && mayCome(parts, address),
    handle(socket, arrival = plainArrival) {
      const reason = arrivalRefusal(parts, arrival)
      if (stopping() || reason !== undefined) {
        if (reason !== undefined) refusals.count(undefined, reason)
        socket.destroy()
        return
      }
      admitSocket({ socket, arrival }, parts, broker, { load, turnEnd, pressed, clock })
    },
    async takeReadings(request) {
      const answer = await takeReadings(parts, request)
      if ('index' in answer) onAcknowledged()
      return answer
    },
    readmit: (record) => readmit(parts, record),
    stats: () => ({
      connections: connections.size,
      inFlightMessages: admission.load.messages,
      inFlightBytes: admission.load.bytes,
      journalled: admission.journalled,
      acknowledged,
      refusals: refusals.byReason(),
      clockAheadMs: admission.clockAheadMs,
    }),
    stop: () => (stopped ??= shutDown()),
  }
}

/** Puts a guard in front of a socket, and the broker's client behind it. */
function admitSocket(
  { socket, arrival }: { readonly socket: Duplex; readonly arrival: Arrival },
  parts: GatewayParts,
  broker: Aedes,
  {
    load,
    turnEnd,
    pressed,
    clock,
  }: Pick<GuardOptions, 'load' | 'turnEnd' | 'pressed'> & { readonly clock: Clock },
): void {
  const { connections, limits } = parts
  const guard = new PacketGuard(socket, {
    limits,
    load,
    turnEnd,
    pressed,
    onRefused: (reason) => connections.refuse(connection, reason),
    takePublish: (packet, layout) => takePublish(parts, connection, packet, layout),
    onHeard: (isLast) => heard(connection, client, clock.monotonicMs(), isLast),
    patience: (signal) => clock.sleep(limits.drainTimeoutMs, signal),
  })
  const client = broker.handle(guard)
  const connection = connections.add(guard, client, arrival)
}

/** What both roads stand on. */
function makeParts(
  options: GatewayOptions,
  told: Pick<GatewayParts, 'stopping' | 'onAcknowledged'>,
): GatewayParts {
  const { policies, clock, log } = options
  const limits = { ...defaultLimits, ...options.limits }
  const refusals = createRefusals(options.countRefusal)
  const identities = new Identities({ clock, log, refusals })
  return {
    ...told,
    policies,
    admission: new Admission({ ...options, limits }),
    connections: new Connections({ policies, refusals, identities, limits, log }),
    refusals,
    entrance: new Entrance(clock, limits),
    limits,
    log,
  }
}

import assert from 'node:assert'
import type { Client } from 'aedes'
import type { Log, RefusalReason } from '../domain/index.ts'
import type { Source } from './admit.ts'
import type { Arrival } from './arrival.ts'
import type { GatewayLimits } from './limits.ts'
import type { Identities } from './identities.ts'
import type { PacketGuard } from './packet-guard.ts'
import type { DevicePolicies, DevicePolicy } from './ports.ts'
import type { Refusals } from './refusals.ts'

/** One socket and what is known of who is behind it. */
export interface Connection {
  readonly guard: PacketGuard
  readonly arrival: Arrival
  /** Its number since the start, from 1. */
  readonly nth: number
  /** The id the broker keeps it under; a later connection with the same one ends it. */
  clientId: string | undefined
  /** The registered device that was named; proven only once `policy` is set. */
  deviceId: string | undefined
  /** What the device proved itself against. */
  policy: DevicePolicy | undefined
  /** The topic it published on last, and what messages on it have in common. */
  topic: { readonly bytes: Uint8Array; readonly source: Source } | undefined
  /** True while it is the one its device published on last. */
  speaks: boolean
  /** As the device asked for it in its CONNECT. */
  keepaliveMs: number
  /** When its keepalive timer is to be set anew, by the monotonic clock. */
  refreshDueMs: number
  /** Its last will as the broker holds it, to tell it from what the device publishes. */
  will: object | undefined
  /** Why it is being closed by us; set once. */
  refusal: RefusalReason | undefined
  /** What the broker said when it died; the first of possibly many. */
  failure: string | undefined
}

/** The parts `Connections` needs. */
export interface ConnectionsParts {
  readonly policies: DevicePolicies
  readonly refusals: Refusals
  readonly identities: Identities
  readonly limits: Pick<GatewayLimits, 'connectionsPerDevice'>
  readonly log: Log
}

/** All connections, by broker client and by device. Closing one, and counting why, happens here only. */
export class Connections {
  readonly #parts: ConnectionsParts
  readonly #byClient = new WeakMap<Client, Connection>()
  readonly #all = new Set<Connection>()
  /** Signed-in connections of each device, oldest first. */
  readonly #byDevice = new Map<string, Set<Connection>>()

  #count = 0

  constructor(parts: ConnectionsParts) {
    this.#parts = parts
  }

  /** How many there are, signed in or not. */
  get size(): number {
    return this.#all.size
  }

  /** Takes in a new socket's guard and the broker's client on it, until it closes. */
  add(guard: PacketGuard, client: Client, arrival: Arrival): Connection {
    this.#count += 1
    const connection: Connection = {
      guard,
      arrival,
      nth: this.#count,
      clientId: undefined,
      deviceId: undefined,
      policy: undefined,
      topic: undefined,
      speaks: false,
      keepaliveMs: 0,
      refreshDueMs: 0,
      will: undefined,
      refusal: undefined,
      failure: undefined,
    }
    this.#all.add(connection)
    this.#byClient.set(client, connection)
    guard.once('close', () => this.#remove(connection))
    return connection
  }

  /** The connection a broker's client stands for. */
  of(client: Client): Connection {
    const connection = this.#byClient.get(client)
    assert(connection !== undefined, 'every client of the broker was added')
    return connection
  }

  /** A device has proven who it is: its connection with the same client id, if there is one, is ended by the broker. */
  proven(connection: Connection): void {
    const { deviceId, clientId } = connection
    if (deviceId === undefined) return
    const open = [...(this.#byDevice.get(deviceId) ?? [])].filter(({ guard }) => !guard.destroyed)
    if (open.some((each) => each.clientId === clientId)) this.#parts.identities.displaced(deviceId)
  }

  /** A device publishes. */
  spoke(connection: Connection): void {
    const { deviceId } = connection
    if (deviceId !== undefined) this.#parts.identities.spoke(deviceId, connection)
  }

  /** A device has signed in: counts it among its connections, and lets it publish. */
  signedIn(connection: Connection): void {
    const { deviceId } = connection
    if (deviceId === undefined) return
    const own = this.#byDevice.get(deviceId) ?? new Set()
    this.#byDevice.set(deviceId, own.add(connection))
    const open = [...own].filter((each) => !each.guard.destroyed)
    for (const oldest of open.slice(0, -this.#parts.limits.connectionsPerDevice)) {
      this.closeNow(oldest, 'too-many-connections')
      this.#parts.identities.displaced(deviceId)
    }
    this.#checkPolicy(connection)
    connection.guard.open()
  }

  /** True when a device has a connection besides the one of this client, signed in and open. */
  hasOther(deviceId: string, client: Client | null): boolean {
    const own = client === null ? undefined : this.#byClient.get(client)
    const open = [...(this.#byDevice.get(deviceId) ?? [])].filter(({ guard }) => !guard.destroyed)
    return open.some((each) => each !== own)
  }

  /** Counts why a connection is refused, once; the caller sees to it that it closes. */
  refuse(connection: Connection, reason: RefusalReason): void {
    if (connection.refusal !== undefined) return
    connection.refusal = reason
    this.#parts.refusals.count(connection.deviceId, reason)
  }

  /** Refuses, and closes once what it sent before has been acknowledged. */
  closeAfterwards(connection: Connection, reason: RefusalReason): void {
    this.refuse(connection, reason)
    connection.guard.closeWhenSettled()
  }

  /** Refuses, and closes at once. */
  closeNow(connection: Connection, reason: RefusalReason): void {
    this.refuse(connection, reason)
    connection.guard.destroy()
  }

  /** Closes a device's connections at once when the device was revoked or its secret replaced. */
  policyChanged(deviceId: string): void {
    for (const connection of this.#byDevice.get(deviceId) ?? []) this.#checkPolicy(connection)
  }

  /** Lets no further packet in, but leaves the sockets open for acknowledgements. */
  hold(): void {
    for (const { guard } of this.#all) guard.hold()
  }

  /** Closes every socket at once. */
  closeAll(): void {
    for (const { guard } of this.#all) guard.destroy()
  }

  #checkPolicy(connection: Connection): void {
    const now = connection.deviceId === undefined ? undefined : this.#parts.policies.find(connection.deviceId)
    const same = now?.state === 'active' && now.secretSha256 === connection.policy?.secretSha256
    if (!same) this.closeNow(connection, 'device-revoked')
  }

  #remove(connection: Connection): void {
    this.#all.delete(connection)
    const { deviceId, refusal, failure } = connection
    const own = this.#byDevice.get(deviceId ?? '')
    own?.delete(connection)
    if (deviceId !== undefined) this.#parts.identities.ended(deviceId, connection)
    if (own?.size === 0) this.#byDevice.delete(deviceId ?? '')
    // One line for each connection that ends, however many packets were pending; refusals are counted besides.
    const message = refusal === undefined ? 'connection closed' : 'connection refused'
    this.#parts.log.debug({ device: deviceId, refusal, reason: failure }, message)
  }
}

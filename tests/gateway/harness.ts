import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { systemClock } from '../../app/doors/clock.ts'
import { listenTcp } from '../../app/doors/network.ts'
import type { Clock, Log, LogFields, MessageRecord, Waiter } from '../../domain/index.ts'
import { decodeRecord, Problem } from '../../domain/index.ts'
import type { DevicePolicy, GatewayLimits } from '../../gateway/index.ts'
import { createGateway } from '../../gateway/index.ts'
import { connectPacket, connectRaw, type RawClient, undoLater } from './raw-client.ts'

/** Every device of these tests has the secret `secret of <id>`. */
export function secretOf(deviceId: string): string {
  return `secret of ${deviceId}`
}

/** SHA-256 in hex, as the facts keep it. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Device policies a test can change, in place of the facts' view. */
export function createPolicies(...deviceIds: string[]) {
  const devices = new Map<string, DevicePolicy>()
  const listeners = new Set<(deviceId: string) => void>()
  const set = (policy: DevicePolicy): void => {
    devices.set(policy.id, policy)
    for (const listener of listeners) listener(policy.id)
  }
  for (const id of deviceIds) set({ id, state: 'active', secretSha256: sha256(secretOf(id)) })
  return {
    ready: true,
    find: (id: string) => devices.get(id),
    onChange: (listener: (deviceId: string) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set,
    listeners,
  }
}

/** A journal in memory whose moment of durability the test decides. Confirms in order, as the port demands. */
export function createMemoryLog() {
  const records: MessageRecord[] = []
  const held: { confirm: () => void; fail: () => void }[] = []
  const log = {
    /** `at-once`: durable in the next turn; `held`: after `release()`; `failing`: never. */
    mode: 'at-once' as 'at-once' | 'held' | 'failing',
    /** What was appended, in order, whether durable yet or not. */
    records,
    held,
    append(bytes: Uint8Array, waiter: Waiter): void {
      const index = records.push(decodeRecord(bytes)) - 1
      const confirm = (): void => waiter.durable(index)
      const fail = (): void => waiter.failed(diskGone())
      if (log.mode === 'held') held.push({ confirm, fail })
      else queueMicrotask(log.mode === 'failing' ? fail : confirm)
    },
    /** Makes the oldest `count` held records durable. */
    release(count = held.length): void {
      for (const { confirm } of held.splice(0, count)) confirm()
    },
    /** Rejects everything held. */
    fail(): void {
      for (const { fail } of held.splice(0)) fail()
    },
  }
  return log
}

/** What the journal rejects with when its disk has gone. */
export function diskGone(): Problem {
  return new Problem('journal-unavailable', { what: 'The disk does not answer.', remedy: 'Check the disk.' })
}

/** A gateway that listens on a free port, with everything around it in the test's hands. */
export async function startGateway(
  options: { limits?: Partial<GatewayLimits>; devices?: string[]; clock?: Clock } = {},
) {
  const log = createMemoryLog()
  const policies = createPolicies(...(options.devices ?? ['good', 'bad']))
  const refusals: [deviceId: string | undefined, reason: string][] = []
  const lines: [fields: LogFields, message: string][] = []
  const gateway = createGateway({
    append: (bytes, waiter) => {
      log.append(bytes, waiter)
    },
    lastReceivedAtMs: 0,
    policies,
    countRefusal: (deviceId, reason) => refusals.push([deviceId, reason]),
    clock: options.clock ?? systemClock,
    log: collectingLog(lines),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  const sockets: Socket[] = []
  const listener = await listenTcp({
    host: '127.0.0.1',
    port: 0,
    onSocket: (socket) => {
      sockets.push(socket)
      const address = socket.remoteAddress ?? ''
      if (gateway.admits(address)) gateway.handle(socket, { channel: 'mqtt', address })
      else socket.destroy()
    },
  })
  undoLater(() => gateway.stop())
  undoLater(() => listener.stopAccepting())
  undoLater(() => log.release())
  return { gateway, log, policies, refusals, lines, sockets, listener, port: listener.port }
}

/** A bare client signed in as a device. */
export async function signIn(port: number, deviceId: string, more: object = {}): Promise<RawClient> {
  const client = await connectRaw(port)
  client.send(connectPacket(deviceId, secretOf(deviceId), more))
  await client.next('connack')
  return client
}

/** The topic a device publishes readings on. */
export function readingsOf(deviceId: string): string {
  return `isotherm/v1/${deviceId}/readings`
}

/** A log that keeps its lines. */
export function collectingLog(lines: [LogFields, string][]): Log {
  const collect = (fields: LogFields, message: string): void => {
    lines.push([fields, message])
  }
  return { debug: collect, info: collect, warn: collect, error: collect }
}

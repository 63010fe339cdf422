import { generate } from 'mqtt-packet'
import { systemClock } from '../../app/doors/clock.ts'
import type { PublishLayout } from '../../gateway/frame-scanner.ts'
import { type GuardOptions, PacketGuard } from '../../gateway/packet-guard.ts'
import { TurnEnd } from '../../gateway/turn-end.ts'
import { FakeSocket } from './fake-socket.ts'
import { connectPacket, publishPacket } from './raw-client.ts'

/** The bytes of a CONNECT. */
export const CONNECT = Buffer.from(generate(connectPacket('a', 'secret')))
/** The bytes of a PUBLISH. */
export const publish = (payload: string | Buffer, id = 1, qos: 0 | 1 | 2 = 1): Buffer =>
  Buffer.from(generate(publishPacket('t', payload, qos, id)))

/** A guard over such a socket, read eagerly, as the broker does; what is cut out is taken. */
export function guarded(options: Partial<GuardOptions> = {}) {
  const socket = new FakeSocket({ writableHighWaterMark: 64 })
  const refused: string[] = []
  const load = { messages: 0, bytes: 0 }
  const guard = new PacketGuard(socket, {
    limits: { connectionMessages: 4, connectionBytes: 1_000 },
    load,
    turnEnd: new TurnEnd(),
    pressed: () => false,
    onRefused: (reason) => refused.push(reason),
    takePublish: (bytes, layout) => {
      const { packetAt, payloadEnd } = layout
      cut.push(Buffer.from(bytes.subarray(packetAt, payloadEnd)))
      layouts.push(layout)
      return true
    },
    onHeard: () => undefined,
    patience: (signal) => systemClock.sleep(60_000, signal),
    ...options,
  })
  const cut: Buffer[] = []
  const layouts: PublishLayout[] = []
  const toBroker: Buffer[] = []
  guard.on('readable', () => {
    const bytes = guard.read() as Buffer | null
    if (bytes !== null) toBroker.push(bytes)
  })
  return {
    socket,
    guard,
    refused,
    load,
    cut,
    layouts,
    toBroker: () => Buffer.concat(toBroker),
    /** What the broker was handed, then what was cut out. */
    passed: () => Buffer.concat([...toBroker, ...cut]),
  }
}

import * as fc from 'fast-check'
import type { Packet } from 'mqtt-packet'
import { generate } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { FrameScanner, isPublish } from '../../gateway/frame-scanner.ts'
import { connectPacket, publishPacket } from './raw-client.ts'

const CONNECT = Buffer.from(generate(connectPacket('a', 'secret')))
const FORTY_CHARS = 'isotherm/v1/device-number-1/readings-xyz'

/** Feeds a whole stream, cut at the given places; tells every packet seen and where and why it stopped. */
function scan(stream: Uint8Array, cuts: readonly number[] = []) {
  const scanner = new FrameScanner()
  const packets: { firstByte: number; payloadBytes: number; end: number }[] = []
  const edges = [...new Set(cuts.map((cut) => cut % stream.length))].toSorted((a, b) => a - b)
  let base = 0
  for (const edge of [...edges, stream.length]) {
    const chunk = stream.subarray(base, edge)
    for (let at = 0; at < chunk.length; ) {
      at = scanner.read(chunk, at)
      if (scanner.refusal !== undefined) return { packets, refusal: scanner.refusal, at: base + at }
      if (scanner.between) {
        packets.push({
          firstByte: scanner.firstByte,
          payloadBytes: scanner.payloadBytes,
          end: base + at,
        })
      }
    }
    base = edge
  }
  return { packets, refusal: undefined, at: stream.length }
}

const anyPacket: fc.Arbitrary<Packet> = fc.oneof(
  fc
    .record({
      payload: fc.uint8Array({ maxLength: 400 }),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      messageId: fc.integer({ min: 1, max: 65_535 }),
      topic: fc.string({ minLength: 1, maxLength: 80, unit: fc.constantFrom('a', 'z', '/', '1') }),
    })
    .map(({ topic, payload, qos, messageId }) => publishPacket(topic, Buffer.from(payload), qos, messageId)),
  fc.constant<Packet>({ cmd: 'pingreq' }),
  fc.constant<Packet>({ cmd: 'disconnect' }),
  fc.constantFrom<Packet[]>(
    { cmd: 'puback', messageId: 7 },
    { cmd: 'pubrec', messageId: 7 },
    { cmd: 'pubrel', messageId: 7 },
    { cmd: 'pubcomp', messageId: 7 },
  ),
  fc.constant<Packet>({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'a/b', qos: 1 }] }),
  fc.constant<Packet>({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a/b'] }),
)

/** Any bytes after a CONNECT, biased towards what looks like packets. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 20 }),
      anyPacket.map((packet) => new Uint8Array(generate(packet))),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => Buffer.concat([CONNECT, ...parts]))

describe('packets are followed', () => {
  test('however many, of every kind, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyPacket, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (packets, cuts) => {
          const encoded = packets.map((packet) => Buffer.from(generate(packet)))
          const found = scan(Buffer.concat([CONNECT, ...encoded]), cuts)
          expect(found.refusal).toBeUndefined()
          let end = CONNECT.length
          expect(found.packets.slice(1)).toEqual(
            encoded.map((bytes, nth) => ({
              firstByte: bytes[0],
              payloadBytes: packets[nth]?.cmd === 'publish' ? packets[nth].payload.length : 0,
              end: (end += bytes.length),
            })),
          )
        },
      ),
    )
  })

  test('what is refused, and after which byte, does not depend on the chunks', () => {
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat(), { maxLength: 60 }), (stream, cuts) => {
        expect(scan(stream, cuts)).toEqual(scan(stream))
      }),
    )
  })

  test('byte by byte, too', () => {
    fc.assert(
      fc.property(anyBytes, (stream) => {
        expect(
          scan(
            stream,
            Array.from(stream, (_, at) => at),
          ),
        ).toEqual(scan(stream))
      }),
    )
  })
})

describe('a PUBLISH is weighed by its payload', () => {
  const topicLengths = [1, 40, 86]
  test.each(topicLengths.flatMap((length) => [0, 1, 2].map((qos) => [length, qos] as const)))(
    'topic of %i bytes at QoS %i: 61,440 passes, 61,441 is refused before its first payload byte',
    (length, qos) => {
      const topic = FORTY_CHARS.repeat(3).slice(0, length)
      const id = qos as 0 | 1 | 2
      const allowed = Buffer.from(generate(publishPacket(topic, Buffer.alloc(61_440), id)))
      expect(scan(Buffer.concat([CONNECT, allowed])).packets[1]?.payloadBytes).toBe(61_440)
      const tooLarge = Buffer.from(generate(publishPacket(topic, Buffer.alloc(61_441), id)))
      const found = scan(Buffer.concat([CONNECT, tooLarge]))
      expect(found.refusal).toBe('packet-too-large')
      // Fixed header of 4 bytes; with the longest topic at QoS 1 or 2 that alone says it, else 2 more bytes do.
      expect(found.at - CONNECT.length).toBe(length === 86 && qos > 0 ? 4 : 6)
    },
  )

  test('a topic of 87 bytes is refused from its length: no device has one', () => {
    const bytes = Buffer.from(generate(publishPacket('x'.repeat(87), '')))
    expect(scan(Buffer.concat([CONNECT, bytes]))).toMatchObject({
      refusal: 'foreign-topic',
      at: CONNECT.length + 4,
    })
  })

  test.each([
    ['a topic longer than the packet', [0x30, 4, 0, 9, 1, 1]],
    ['no room for the packet id', [0x32, 3, 0, 1, 0x61]],
    ['no topic length', [0x30, 1, 0]],
    ['QoS 3', [0x36, 5, 0, 1, 0x61, 0, 1]],
  ])('%s is malformed', (_name, bytes) => {
    expect(scan(Buffer.concat([CONNECT, Uint8Array.from(bytes)])).refusal).toBe('malformed-packet')
  })
})

describe('other packets', () => {
  test.each([
    ['CONNACK', [0x20, 2, 0, 0]],
    ['SUBACK', [0x90, 3, 0, 1, 0]],
    ['PINGRESP', [0xd0, 0]],
    ['AUTH of MQTT 5', [0xf0, 0]],
    ['type 0', [0, 0]],
    ['PUBREL without its flag', [0x60, 2, 0, 1]],
    ['SUBSCRIBE without its flag', [0x80, 6, 0, 1, 0, 1, 0x61, 0]],
    ['PUBACK of 3 bytes', [0x40, 3, 0, 1, 0]],
    ['PINGREQ with a body', [0xc0, 1, 0]],
    ['a second CONNECT', [...CONNECT]],
    ['a remaining length of 5 bytes', [0x30, 0x80, 0x80, 0x80, 0x80, 1]],
  ])('%s from a client is malformed', (_name, bytes) => {
    expect(scan(Buffer.concat([CONNECT, Uint8Array.from(bytes)])).refusal).toBe('malformed-packet')
  })

  test('CONNECT up to 4,096 bytes, SUBSCRIBE and UNSUBSCRIBE up to 1,024', () => {
    expect(scan(Uint8Array.of(0x10, 0x80, 32)).refusal).toBeUndefined()
    expect(scan(Uint8Array.of(0x10, 0x81, 32)).refusal).toBe('packet-too-large')
    for (const firstByte of [0x82, 0xa2]) {
      const most = Buffer.concat([CONNECT, Uint8Array.of(firstByte, 0x80, 8)])
      expect(scan(most).refusal).toBeUndefined()
      const more = Buffer.concat([CONNECT, Uint8Array.of(firstByte, 0x81, 8)])
      expect(scan(more).refusal).toBe('packet-too-large')
    }
  })

  test('anything but a CONNECT first is malformed, from its first byte', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const found = scan(Uint8Array.of(byte, 0))
      expect(found.refusal).toBe('malformed-packet')
      expect(found.at).toBe(byte === 0x10 ? 2 : 1)
    }
  })

  test('a PUBLISH is known by its first byte', () => {
    const publishes = Array.from({ length: 256 }, (_, byte) => byte).filter(isPublish)
    expect(publishes).toEqual(Array.from({ length: 16 }, (_, flags) => 0x30 + flags))
  })
})

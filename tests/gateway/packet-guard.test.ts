import { once } from 'node:events'
import * as fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { CONNECT, guarded, publish } from './guarded.ts'
import { pause, until } from './raw-client.ts'

describe('the guard passes', () => {
  test('any chunking of a valid stream, unchanged', async () => {
    const chunks = fc.array(fc.nat({ max: 300 }), { maxLength: 20 })
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(payloads, chunks, async (parts, sizes) => {
        const { socket, guard, passed, toBroker, cut, layouts, refused } = guarded({
          limits: { connectionMessages: 100, connectionBytes: 100_000 },
        })
        const packets = parts.map((part, nth) => publish(Buffer.from(part), nth + 1, (nth % 3) as 0 | 1 | 2))
        const stream = Buffer.concat([CONNECT, ...packets])
        let at = 0
        for (const size of [...sizes, stream.length]) {
          if (at < stream.length && size > 0) socket.arrive(stream.subarray(at, at + size))
          at += size
          if (at >= CONNECT.length) guard.open()
          await Promise.resolve()
        }
        await until(() => guard.open() === undefined && passed().length === stream.length)
        // QoS 2 is the broker's
        const isCut = (_: unknown, nth: number): boolean => nth % 3 < 2
        expect(toBroker()).toEqual(Buffer.concat([CONNECT, ...packets.filter((_, nth) => nth % 3 === 2)]))
        expect(cut).toEqual(packets.filter(isCut))
        expect(
          layouts.map(({ packetAt, payloadAt }, nth) =>
            Uint8Array.from(cut[nth]?.subarray(payloadAt - packetAt) ?? []),
          ),
        ).toEqual(parts.filter(isCut))
        expect(refused).toEqual([])
        guard.destroy()
      }),
      { numRuns: 50 },
    )
  })

  test('only the CONNECT until it is opened, then what came behind it', async () => {
    const { socket, guard, passed } = guarded()
    socket.arrive(Buffer.concat([CONNECT, publish('x')]))
    await pause(5)
    expect(passed()).toEqual(CONNECT)
    guard.open()
    await pause(5)
    expect(passed()).toEqual(Buffer.concat([CONNECT, publish('x')]))
  })

  test('what came before the end of the stream, then the end', async () => {
    const { socket, guard, passed } = guarded()
    socket.arrive(Buffer.concat([CONNECT, publish('x')]))
    socket.push(null)
    await pause(5)
    expect(guard.readableEnded).toBe(false)
    guard.open()
    await once(guard, 'end')
    expect(passed()).toEqual(Buffer.concat([CONNECT, publish('x')]))
  })

  test('writes on, also when the peer reads slowly', async () => {
    const { socket, guard } = guarded()
    socket.stuck = true
    guard.write(Buffer.alloc(100, 1))
    guard.write(Buffer.alloc(100, 2))
    await pause(5)
    expect(Buffer.concat(socket.written)).toEqual(Buffer.alloc(100, 1))
    socket.peerReads()
    await pause(5)
    expect(Buffer.concat(socket.written)).toEqual(Buffer.concat([Buffer.alloc(100, 1), Buffer.alloc(100, 2)]))
  })
})

describe('the guard holds back', () => {
  test('what exceeds the messages under way, one at a time as they settle', async () => {
    const { socket, guard, passed } = guarded()
    const messages = [1, 2, 3, 4, 5, 6].map((id) => publish('x', id))
    const upTo = (count: number): Buffer => Buffer.concat([CONNECT, ...messages.slice(0, count)])
    socket.arrive(CONNECT)
    await pause(5)
    guard.open()
    for (const message of messages) socket.arrive(message)
    await pause(5)
    expect(passed()).toEqual(upTo(4))
    guard.settled(1)
    await pause(5)
    expect(passed()).toEqual(upTo(5))
    guard.settled(1)
    await pause(5)
    expect(passed()).toEqual(upTo(6))
  })

  test('what exceeds the bytes under way', async () => {
    const { socket, guard, passed } = guarded()
    socket.arrive(Buffer.concat([CONNECT, ...[1, 2, 3].map((id) => publish(Buffer.alloc(600), id))]))
    await pause(5)
    guard.open()
    await pause(5)
    // 600 is below 1,000, so a second one may begin; with 1,200 under way a third may not.
    expect(passed().length).toBe(CONNECT.length + 2 * publish(Buffer.alloc(600)).length)
    guard.settled(600)
    await pause(5)
    expect(passed().length).toBe(CONNECT.length + 3 * publish(Buffer.alloc(600)).length)
  })

  test('all but one message while the gateway is pressed; never the first', async () => {
    const { socket, guard, passed } = guarded({ pressed: () => true })
    socket.arrive(Buffer.concat([CONNECT, publish('x', 1), publish('x', 2)]))
    await pause(5)
    guard.open()
    await pause(5)
    expect(passed()).toEqual(Buffer.concat([CONNECT, publish('x', 1)]))
    guard.settled(1)
    await pause(5)
    expect(passed()).toEqual(Buffer.concat([CONNECT, publish('x', 1), publish('x', 2)]))
  })

  test('nothing but PUBLISH: a PINGREQ passes while messages are under way', async () => {
    const { socket, guard, toBroker } = guarded({ pressed: () => true })
    socket.arrive(Buffer.concat([CONNECT, publish('x', 1)]))
    await pause(5)
    guard.open()
    socket.arrive(Buffer.from(generate({ cmd: 'pingreq' })))
    await pause(5)
    expect(toBroker().subarray(-2)).toEqual(Buffer.of(0xc0, 0))
  })

  test('everything while the peer does not take what we write', async () => {
    const { socket, guard, passed } = guarded()
    socket.arrive(CONNECT)
    await pause(5)
    guard.open()
    socket.stuck = true
    guard.write(Buffer.alloc(100))
    await pause(5)
    socket.arrive(Buffer.from(generate({ cmd: 'pingreq' })))
    await pause(5)
    expect(passed()).toEqual(CONNECT)
    socket.peerReads()
    await pause(5)
    expect(passed()).toEqual(Buffer.concat([CONNECT, Buffer.of(0xc0, 0)]))
  })

  test('at most one chunk of its own: the socket is paused meanwhile', async () => {
    const { socket, passed } = guarded()
    socket.arrive(CONNECT)
    await pause(5)
    for (let nth = 0; nth < 100; nth += 1) socket.arrive(publish(Buffer.alloc(1_000)))
    await pause(5)
    expect(passed()).toEqual(CONNECT)
    expect(socket.isPaused()).toBe(true)
    expect(socket.readableLength).toBe(99 * publish(Buffer.alloc(1_000)).length)
  })
})

describe('the guard closes', () => {
  test('after a refused packet, once what came before has settled', async () => {
    const { socket, guard, refused, passed } = guarded()
    socket.arrive(Buffer.concat([CONNECT, publish('x', 1)]))
    await pause(5)
    guard.open()
    await pause(5)
    socket.arrive(Buffer.of(0xff))
    await pause(5)
    expect(refused).toEqual(['malformed-packet'])
    expect(guard.destroyed).toBe(false)
    socket.arrive(publish('y', 2))
    guard.settled(1)
    await pause(5)
    expect(guard.destroyed).toBe(true)
    expect(socket.destroyed).toBe(true)
    expect(passed()).toEqual(Buffer.concat([CONNECT, publish('x', 1)]))
  })

  test('and takes what it had under way out of the common count, whatever is settled later', async () => {
    const { socket, guard, load } = guarded()
    socket.arrive(Buffer.concat([CONNECT, publish('abc', 1), publish('abc', 2)]))
    await pause(5)
    guard.open()
    await pause(5)
    expect(load).toEqual({ messages: 2, bytes: 6 })
    guard.settled(3)
    expect(load).toEqual({ messages: 1, bytes: 3 })
    guard.destroy()
    guard.settled(3)
    expect(load).toEqual({ messages: 0, bytes: 0 })
  })

  test('with the socket, and takes it along when it is destroyed itself', async () => {
    const first = guarded()
    first.socket.destroy()
    await once(first.guard, 'close')
    const second = guarded()
    second.guard.destroy()
    await once(second.socket, 'close')
    expect([first.guard.destroyed, second.socket.destroyed]).toEqual([true, true])
  })
})

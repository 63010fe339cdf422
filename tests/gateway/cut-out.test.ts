import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { CONNECT, guarded, publish } from './guarded.ts'
import { pause } from './raw-client.ts'

describe('the guard cuts out', () => {
  test('QoS 0 and 1, and says where their parts lie', async () => {
    const { socket, guard, cut, layouts } = guarded()
    socket.arrive(CONNECT)
    await pause(5)
    guard.open()
    socket.arrive(Buffer.concat([publish('one', 7, 0), publish('two', 258, 1)]))
    expect(cut).toEqual([publish('one', 7, 0), publish('two', 258, 1)])
    expect(layouts).toEqual([
      { qos: 0, packetAt: 0, topicAt: 4, topicEnd: 5, payloadAt: 5, payloadEnd: 8 },
      { qos: 1, packetAt: 8, topicAt: 12, topicEnd: 13, payloadAt: 15, payloadEnd: 18 },
    ])
    expect(cut[1]?.readUInt16BE(5)).toBe(258)
  })

  test('one that came byte by byte, once it is whole', async () => {
    const { socket, guard, cut, toBroker } = guarded()
    socket.arrive(CONNECT)
    await pause(5)
    guard.open()
    const packet = publish('in pieces')
    for (const byte of packet.subarray(0, -1)) socket.arrive(Buffer.of(byte))
    expect(cut).toEqual([])
    socket.arrive(packet.subarray(-1))
    expect(cut).toEqual([packet])
    expect(toBroker()).toEqual(CONNECT)
  })

  test('not what is for the broker to answer: QoS 2, a repeated QoS 0, and what nobody takes', async () => {
    const first = guarded()
    first.socket.arrive(CONNECT)
    await pause(5)
    first.guard.open()
    const repeated = Buffer.from(publish('x', 1, 0))
    repeated[0] = 0x38
    first.socket.arrive(Buffer.concat([publish('x', 1, 2), repeated]))
    await pause(5)
    expect(first.cut).toEqual([])
    expect(first.toBroker()).toEqual(Buffer.concat([CONNECT, publish('x', 1, 2), repeated]))

    const second = guarded({ takePublish: () => false })
    second.socket.arrive(CONNECT)
    await pause(5)
    second.guard.open()
    const packet = publish('not ours')
    second.socket.arrive(packet.subarray(0, 4))
    second.socket.arrive(packet.subarray(4))
    await pause(5)
    expect(second.toBroker()).toEqual(Buffer.concat([CONNECT, packet]))
  })

  test('and acknowledges those of one turn in one write, in their order', async () => {
    const { socket, guard } = guarded()
    for (const id of [1, 2, 65_535]) guard.acknowledge(id)
    expect(socket.written).toEqual([])
    await pause(5)
    expect(socket.written).toEqual([Buffer.of(0x40, 2, 0, 1, 0x40, 2, 0, 2, 0x40, 2, 0xff, 0xff)])
  })

  test('and keeps acknowledgements while the peer takes nothing, behind what the broker wrote', async () => {
    const { socket, guard } = guarded()
    socket.stuck = true
    guard.write(Buffer.alloc(100, 1))
    await pause(5)
    guard.write(Buffer.alloc(4, 2))
    guard.acknowledge(9)
    await pause(5)
    expect(socket.written).toHaveLength(1)
    socket.peerReads()
    await pause(5)
    expect(Buffer.concat(socket.written).subarray(100)).toEqual(Buffer.of(2, 2, 2, 2, 0x40, 2, 0, 9))
  })

  test('and closes when its acknowledgements are not taken for too long', async () => {
    const { socket, guard } = guarded({ patience: (signal) => systemClock.sleep(20, signal) })
    const died = once(guard, 'error')
    socket.stuck = true
    for (let id = 1; id <= 20; id += 1) guard.acknowledge(id)
    expect(await died).toMatchObject([{ message: 'drain timeout' }])
    expect(socket.destroyed).toBe(true)
  })
})

import type { Client } from 'aedes'
import { describe, expect, test } from 'vitest'
import { heard } from '../../gateway/broker.ts'
import type { Connection } from '../../gateway/connections.ts'
import { CONNECT, guarded, publish } from './guarded.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A client of the broker whose keepalive timer counts how often it is set anew. */
function timed(keepaliveMs: number) {
  const timer = { count: 0, refresh: () => (timer.count += 1) }
  const client = { _keepaliveTimer: timer } as unknown as Client
  const connection = { keepaliveMs, refreshDueMs: 0 } as Connection
  return { timer, hear: (nowMs: number, isLast = false) => heard(connection, client, nowMs, isLast) }
}

describe('the keepalive timer of a device that publishes', () => {
  test('is set anew with its first message and then 32 times in a keepalive, however much it sends', () => {
    const { timer, hear } = timed(3_200)
    const times: number[] = []
    for (let nowMs = 1_000; nowMs < 4_200; nowMs += 1) {
      const before = timer.count
      hear(nowMs)
      if (timer.count > before) times.push(nowMs)
    }
    expect(times).toEqual(Array.from({ length: 32 }, (_, nth) => 1_000 + nth * 100))
  })

  test('is set anew whenever the device is not read on: it has all of its time from then', () => {
    const { timer, hear } = timed(3_200)
    hear(1_000)
    hear(1_050)
    expect(timer.count).toBe(1)
    hear(1_060, true)
    expect(timer.count).toBe(2)
    hear(1_150)
    expect(timer.count).toBe(2)
    hear(1_160)
    expect(timer.count).toBe(3)
  })
})

describe('a guard tells', () => {
  test('that it has taken messages, and when it does not read on', async () => {
    let told: boolean[] = []
    const { socket, guard } = guarded({ onHeard: (isLast) => told.push(isLast) })
    const arrived = async (...ids: number[]): Promise<boolean[]> => {
      told = []
      socket.arrive(Buffer.concat(ids.map((id) => publish('x', id))))
      await turn()
      return told
    }
    socket.arrive(CONNECT)
    await turn()
    guard.open()
    expect(await arrived(1)).toEqual([false])
    expect(await arrived(2, 3, 4)).toEqual([false])
    // four are under way, which is the limit
    expect(await arrived(5)).toEqual([true])
    told = []
    guard.settled(1)
    expect(told).toEqual([false])
    guard.settled(1)
    expect(await arrived(6, 7)).toEqual([true, true])
  })
})

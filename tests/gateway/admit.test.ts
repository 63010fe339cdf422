import { describe, expect, test } from 'vitest'
import { decodeRecord, type MessageRecord } from '../../domain/index.ts'
import { Admission, type Admitted } from '../../gateway/admit.ts'
import { diskGone } from './harness.ts'

const limits = { deviceMessages: 3, deviceBytes: 1_000, totalMessages: 4, totalBytes: 2_000 }

/** An admission over an append whose confirmation the test decides; `times` are what the clock says, in turn. */
function admission(times: number[] = [], lastReceivedAtMs = 0) {
  const records: MessageRecord[] = []
  const settle: { confirm: () => void; fail: () => void }[] = []
  const warnings: unknown[] = []
  const admit = new Admission({
    append: (bytes, waiter) => {
      const index = records.push(decodeRecord(bytes)) - 1
      settle.push({ confirm: () => waiter.durable(index), fail: () => waiter.failed(diskGone()) })
    },
    lastReceivedAtMs,
    clock: { nowMs: () => times.shift() ?? 5 },
    log: { warn: (fields) => warnings.push(fields) },
    limits,
  })
  return { admit, records, settle, warnings }
}

const message = (deviceId: string, bytes = 1) => ({
  deviceId,
  channel: 'mqtt' as const,
  topic: `isotherm/v1/${deviceId}/readings`,
  qos: 1 as const,
  payload: new Uint8Array(bytes),
})

function indexOf(admitted: Admitted): Promise<number> {
  return 'index' in admitted ? admitted.index : Promise.reject(new Error(admitted.refused))
}

describe('admission', () => {
  test('stamps with the clock, but never below the record before or the last of the log', () => {
    const { admit, records } = admission([50, 120, 110, 130], 100)
    for (const device of ['a', 'b', 'c', 'd']) admit.admit(message(device))
    expect(records.map(({ receivedAtMs }) => receivedAtMs)).toEqual([100, 120, 120, 130])
  })

  test('warns once for each time the clock falls more than a minute behind the last record', () => {
    const warningsOf = (times: number[]): unknown[] => {
      const { admit, warnings } = admission(times)
      for (const device of ['a', 'a', 'b', 'b']) admit.admit(message(device))
      return warnings
    }
    expect(warningsOf([100_000, 40_000, 39_999, 20_000])).toEqual([{ aheadMs: 60_001 }])
    expect(warningsOf([100_000, 30_000, 100_000, 30_000])).toEqual([{ aheadMs: 70_000 }, { aheadMs: 70_000 }])
  })

  test('tells how far the last record lies ahead of the clock', () => {
    expect(admission([40], 100).admit.clockAheadMs).toBe(60)
    expect(admission([140], 100).admit.clockAheadMs).toBe(0)
  })

  test('appends before it returns, so that the order of calls is the order of records', async () => {
    const { admit, records, settle } = admission()
    const admitted = ['a', 'b', 'a'].map((device) => admit.admit(message(device)))
    expect(records.map(({ deviceId }) => deviceId)).toEqual(['a', 'b', 'a'])
    for (const { confirm } of settle) confirm()
    expect(await Promise.all(admitted.map(indexOf))).toEqual([0, 1, 2])
    expect(admit.journalled).toBe(3)
  })

  test('refuses what is too much of one device, by count and by bytes; another device goes on', () => {
    const { admit } = admission()
    for (let nth = 0; nth < 3; nth += 1) admit.admit(message('a'))
    expect(admit.admit(message('a'))).toEqual({ refused: 'too-many-in-flight' })
    expect(admit.admit(message('b', 1_000))).toHaveProperty('index')
    expect(admit.admit(message('b'))).toEqual({ refused: 'too-many-in-flight' })
  })

  test('is full at the whole', () => {
    const { admit } = admission()
    const states = ['a', 'b', 'c', 'd', 'e'].map((device) => {
      const taken = 'index' in admit.admit(message(device))
      return [taken, admit.full]
    })
    expect(states).toEqual([
      [true, false],
      [true, false],
      [true, false],
      [true, true],
      [false, true],
    ])
  })

  test('gives room back when the journal confirms and when it fails', async () => {
    const { admit, settle } = admission()
    const first = indexOf(admit.admit(message('a', 600)))
    const second = indexOf(admit.admit(message('a', 400)))
    expect([admit.load.messages, admit.load.bytes]).toEqual([2, 1_000])
    settle[0]?.confirm()
    await first
    expect([admit.load.messages, admit.load.bytes]).toEqual([1, 400])
    settle[1]?.fail()
    await expect(second).rejects.toMatchObject({ code: 'journal-unavailable' })
    expect([admit.load.messages, admit.load.bytes, admit.journalled]).toEqual([0, 0, 1])
    expect(admit.admit(message('a'))).toHaveProperty('index')
  })

  test('settles when nothing is under way', async () => {
    const { admit, settle } = admission()
    await admit.settled()
    const pending = indexOf(admit.admit(message('a')))
    let settled = false
    const waiting = admit.settled().then(() => {
      settled = true
      return settled
    })
    await Promise.resolve()
    expect(settled).toBe(false)
    settle[0]?.confirm()
    expect(await pending).toBe(0)
    expect(await waiting).toBe(true)
  })
})

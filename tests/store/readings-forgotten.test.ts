import { afterEach, beforeEach, expect, test } from 'vitest'
import { openReadings, type Readings, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

test('what a job that failed has said of a device and its sensor is forgotten', () => {
  const { store } = readings
  const state = { previousReceivedAtMs: T0, lastSeq: 7, boot: 2 }
  const [series] = store.transact((tx) => {
    tx.putDeviceState('d1', state)
    tx.putSeqUse('d1', 2, 7, T0)
    const made = tx.series('d1', 'main', T0, 64) ?? -1
    tx.putContact(made, T0)
    return [made, tx.seqUse('d1', 2, 7), tx.contact(made)]
  }) as [number, number, number]
  const fail = (): unknown =>
    store.transact((tx) => {
      tx.putDeviceState('d1', { previousReceivedAtMs: T0 + 9, lastSeq: 8, boot: 3 })
      tx.putSeqUse('d1', 3, 8, T0 + 9)
      tx.putContact(series, T0 + 9)
      expect(tx.deviceState('d1')).toMatchObject({ boot: 3 })
      expect([tx.seqUse('d1', 3, 8), tx.contact(series)]).toEqual([T0 + 9, T0 + 9])
      throw new RangeError('no')
    })
  expect(fail).toThrow('no')
  store.transact((tx) => {
    expect(tx.deviceState('d1')).toEqual(state)
    expect([tx.seqUse('d1', 3, 8), tx.seqUse('d1', 2, 7), tx.contact(series)]).toEqual([undefined, T0, T0])
    // the first use stands, also for what is remembered of it
    tx.putSeqUse('d1', 2, 7, T0 + 5)
    expect(tx.seqUse('d1', 2, 7)).toBe(T0)
  })
})

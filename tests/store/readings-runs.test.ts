import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packInstants } from '../../store/readings/instants.ts'
import { openReadings, type Readings, T0 } from './readings-fixture.ts'

const MINUTE_MS = 60_000
let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

const atMs = (seq: number) => T0 + seq * MINUTE_MS + (seq % 7)
const range = (from: number, end: number) => Array.from({ length: end - from }, (_, nth) => from + nth)

function use(numbers: readonly number[], device = 'd1', boot = 0): void {
  readings.store.transact((tx) => {
    for (const seq of numbers) tx.putSeqUse(device, boot, seq, atMs(seq))
  })
}

/** First and last number of each row. */
function rows(): readonly (readonly unknown[])[] {
  const database = new DatabaseSync(readings.path, { readOnly: true })
  const found = database
    .prepare('select seq, coalesce(last_seq, seq) as last from seq_use order by device, boot, seq')
    .all()
  database.close()
  return found.map(({ seq, last }) => [seq, last])
}

/** Those of some numbers that a store says were used when they were. */
function found(numbers: readonly number[], device = 'd1'): readonly number[] {
  return readings.store.transact((tx) => numbers.filter((seq) => tx.seqUse(device, 0, seq) === atMs(seq)))
}

test('an instant at the interval of those before takes a byte', () => {
  const regular = range(1, 101).map((nth) => T0 + nth * 10 * MINUTE_MS)
  expect(packInstants(T0, regular)).toHaveLength(3 + 99)
  expect(() => packInstants(T0, [T0 + 0.5])).toThrow('instants are integers')
})

describe('numbers used in a transaction', () => {
  test('are a row for each run of them, in whatever order they came, and no row is about others', () => {
    use([9, 7, 8, 3, 20, 21])
    use([4, 19, 6])
    expect(rows()).toEqual([
      [3, 3],
      [4, 4],
      [6, 6],
      [7, 9],
      [19, 19],
      [20, 21],
    ])
    expect(found(range(0, 30))).toEqual([3, 4, 6, 7, 8, 9, 19, 20, 21])
  })

  test('are bounded rows, also of several devices in turn', () => {
    readings.store.transact((tx) => {
      for (const seq of range(0, 2_500))
        for (const device of ['d1', 'd2'].slice(0, seq < 2_400 ? 1 : 2))
          tx.putSeqUse(device, 0, seq, atMs(seq))
    })
    const [first, second, third] = rows()
    expect([first, second, third]).toEqual([
      [0, 1_023],
      [1_024, 2_047],
      [2_048, 2_400],
    ])
    expect(found(range(0, 3_000))).toEqual(range(0, 2_500))
    expect(found(range(0, 3_000), 'd2')).toEqual(range(2_400, 2_500))
  })

  test('are known while it goes on, the first use of each', () => {
    use(range(0, 10))
    readings.store.transact((tx) => {
      for (const seq of [12, 13, 11]) tx.putSeqUse('d1', 0, seq, atMs(seq))
      for (const seq of [5, 11, 12, 13]) tx.putSeqUse('d1', 0, seq, 1)
      expect([5, 10, 11, 12, 13, 14].map((seq) => tx.seqUse('d1', 0, seq))).toEqual([
        atMs(5),
        undefined,
        atMs(11),
        atMs(12),
        atMs(13),
        undefined,
      ])
      tx.putSeqUse('d2', 0, 11, 1)
      expect(tx.seqUse('d1', 0, 11)).toBe(atMs(11))
    })
    expect(found(range(0, 15))).toEqual([...range(0, 10), 11, 12, 13])
  })

  test('are not written where it is undone, nor known any more, also one at length', async () => {
    use(range(0, 3))
    const { store } = readings
    await expect(
      store.transactAtLength(async (tx) => {
        for (const seq of range(3, 6)) tx.putSeqUse('d1', 0, seq, atMs(seq))
        await Promise.resolve()
        throw new RangeError('no')
      }),
    ).rejects.toThrow('no')
    expect(found(range(0, 9))).toEqual([0, 1, 2])
    use([7])
    expect(rows()).toEqual([
      [0, 2],
      [7, 7],
    ])
    await store.transactAtLength(async (tx) => {
      for (const seq of range(3, 6)) tx.putSeqUse('d1', 0, seq, atMs(seq))
      await Promise.resolve()
    })
    expect(rows()).toEqual([
      [0, 2],
      [3, 5],
      [7, 7],
    ])
  })
})

test('missing numbers are listed from a number on that lies within a run', () => {
  use([0, 1, 2, 5, 6, 9])
  const { reads } = readings
  const all = reads.seqGaps('d1', 10).items
  expect(all.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
    [3, 4],
    [7, 8],
  ])
  // as a page may end that was listed before a rebuild cut runs elsewhere
  expect(reads.seqGaps('d1', 10, '0.1').items).toEqual(all)
  expect(reads.seqGaps('d1', 10, '0.6').items).toEqual(all.slice(1))
  expect(reads.seqGaps('d1', 10, '0.7').items).toEqual([])
  expect(reads.seqGaps('d1', 10, '1.0').items).toEqual([])
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HeldItem, HeldRow } from '../../store/index.ts'
import type { Readings } from './readings-fixture.ts'
import { openReadings, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

/** Index and item of what a page lists. */
function keys({ items }: { readonly items: readonly Pick<HeldItem, 'position'>[] }): unknown[] {
  return items.map(({ position }) => [position.index, position.item])
}

describe('held messages and readings', () => {
  const row: HeldRow = {
    index: 4,
    item: null,
    device: 'd1',
    receivedAtMs: T0,
    reason: 'malformed-json',
    detail: 'at 3',
    excerpt: '{"a"\u0000\ud83d',
  }

  test('are listed newest first, page by page, by device and reason', () => {
    const { store, reads } = readings
    store.transact((tx) => {
      tx.hold(row)
      tx.hold({ ...row, index: 5, item: 0, reason: 'conflict' })
      tx.hold({ ...row, index: 5, item: 1, reason: 'conflict' })
      tx.hold({ ...row, index: 6, item: 0, device: 'd2', reason: 'conflict' })
    })
    expect(keys(reads.heldPage({}, 10))).toEqual([
      [6, 0],
      [5, 1],
      [5, 0],
      [4, null],
    ])
    expect(keys(reads.heldPage({ devices: ['d1'] }, 10))).toEqual([
      [5, 1],
      [5, 0],
      [4, null],
    ])
    expect(keys(reads.heldPage({ devices: [] }, 10))).toEqual([])
    expect(keys(reads.heldPage({ reason: 'conflict', devices: ['d1', 'd2'] }, 10))).toEqual([
      [6, 0],
      [5, 1],
      [5, 0],
    ])
    const first = reads.heldPage({}, 3)
    expect(keys(first)).toEqual([
      [6, 0],
      [5, 1],
      [5, 0],
    ])
    const second = reads.heldPage({}, 3, first.next ?? '')
    expect(second).toEqual({
      items: [
        {
          position: { log: 'readings', index: 4, item: null },
          device: 'd1',
          receivedAtMs: T0,
          reason: 'malformed-json',
          detail: 'at 3',
          excerpt: '{"a"\u0000\ufffd', // half a surrogate pair has no UTF-8 form
          decidedBy: null,
        },
      ],
      next: null,
    })
  })

  test('are held once: the same position again is a mistake', () => {
    const { store, reads } = readings
    store.transact((tx) => tx.hold(row))
    expect(() => store.transact((tx) => tx.hold({ ...row, reason: 'not-utf8' }))).toThrow(
      expect.objectContaining({ code: 'internal' }),
    )
    expect(reads.heldPage({}, 10).items).toHaveLength(1)
  })

  test('wait no more when it is decided that they are not true; what was decided first stays', () => {
    const { store, reads } = readings
    store.transact((tx) => {
      tx.hold({ ...row, index: 5, item: 0, reason: 'conflict' })
      tx.hold({ ...row, index: 5, item: 1, reason: 'conflict' })
      tx.hold({ ...row, index: 6, item: 0, reason: 'conflict', decidedBy: 7 })
      tx.putDecided({ index: 5, item: 1 }, 8)
      tx.putDecided({ index: 5, item: 1 }, 9)
    })
    const decidedBy = (): unknown[] => reads.heldPage({}, 10).items.map((item) => item.decidedBy?.index)
    expect(decidedBy()).toEqual([7, 8, undefined])
    expect(keys(reads.heldPage({ waiting: true }, 10))).toEqual([[5, 0]])
    expect(reads.heldSlice('conflict')).toEqual({ count: 1, next: null })
    store.transact((tx) => {
      expect(tx.heldFor({ index: 5, item: 1 })).toBe('conflict')
      expect(tx.release(5)).toEqual([0])
      tx.releaseOne({ index: 6, item: 0 })
      expect(tx.heldFor({ index: 6, item: 0 })).toBeUndefined()
    })
    expect(decidedBy()).toEqual([8])
  })

  test('are counted slice by slice, also where a slice ends within a message', () => {
    const { store, reads } = readings
    store.transact((tx) => {
      for (let item = 0; item < 10_001; item += 1) tx.hold({ ...row, index: 4, item, reason: 'conflict' })
      tx.hold({ ...row, index: 0, reason: 'not-utf8' })
      for (let index = 0; index < 10_000; index += 1) tx.hold({ ...row, index: 10 + index })
    })
    const first = reads.heldSlice('conflict')
    expect(first).toEqual({ count: 10_000, next: { index: 4, item: 9_999 } })
    expect(reads.heldSlice('conflict', first.next ?? undefined)).toEqual({ count: 1, next: null })
    expect(reads.heldSlice('not-utf8')).toEqual({ count: 1, next: null })
    const whole = reads.heldSlice('malformed-json')
    expect(whole).toEqual({ count: 10_000, next: { index: 10_009, item: null } })
    expect(reads.heldSlice('malformed-json', whole.next ?? undefined)).toEqual({ count: 0, next: null })
    expect(reads.heldSlice('no-time')).toEqual({ count: 0, next: null })
  })
})

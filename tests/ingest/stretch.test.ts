import { describe, expect, test } from 'vitest'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import type { JournalEntry } from '../../journal/index.ts'
import { Stretch } from '../../ingest/stretch.ts'

const entry = (index: number, payload = 1, deviceId = 'd'): JournalEntry => {
  const bytes = encodeRecord({
    receivedAtMs: 1_000,
    deviceId,
    channel: 'mqtt',
    topic: publishTopic(deviceId, 'readings'),
    qos: 1,
    payload: new Uint8Array(payload),
  })
  return { index, bytes }
}
const entries = (from: number, count: number) => Array.from({ length: count }, (_, nth) => entry(from + nth))

describe('a stretch', () => {
  test('is due as soon as nothing more waits', () => {
    const stretch = new Stretch(7)
    stretch.add([entry(7)])
    expect(stretch.isDue(9)).toBe(false)
    stretch.add([entry(8)])
    expect(stretch.isDue(9)).toBe(true)
    expect(stretch.next).toBe(9)
    expect(stretch.last?.index).toBe(8)
  })

  test('is a quarter of what waits', () => {
    const stretch = new Stretch(100)
    stretch.add(entries(100, 4_999))
    expect(stretch.isDue(100 + 20_000)).toBe(false)
    stretch.add(entries(5_099, 1))
    expect(stretch.isDue(100 + 20_000)).toBe(true)
  })

  test('is no less than 4,096 records where more wait', () => {
    const stretch = new Stretch(0)
    stretch.add(entries(0, 4_095))
    expect(stretch.isDue(5_000)).toBe(false)
    stretch.add(entries(4_095, 1))
    expect(stretch.isDue(5_000)).toBe(true)
  })

  test('is bounded in records and in bytes', () => {
    const many = new Stretch(0)
    many.add(entries(0, 131_072))
    expect(many.isDue(100_000_000)).toBe(true)
    const large = new Stretch(0)
    large.add(Array.from({ length: 560 }, (_, index) => entry(index, 60_000)))
    expect(large.isDue(100_000_000)).toBe(true)
  })

  test('of many devices is as wide as a fiftieth of the free disk', async () => {
    const stretch = new Stretch(0)
    const free = (bytes: number) => () => Promise.resolve(bytes)
    stretch.add(Array.from({ length: 511 }, (_, nth) => entry(nth, 1, `d-${nth}`)))
    expect(await stretch.isTooWide(free(0))).toBe(false)
    stretch.add([entry(511, 1, 'd-511')])
    expect(await stretch.isTooWide(free(0))).toBe(true)
    expect(await stretch.isTooWide(free(512 * 12_288 * 50))).toBe(true)
    expect(await stretch.isTooWide(free(512 * 12_288 * 50 + 50))).toBe(false)
  })

  test('gives the records of each device in log order, devices by their names', () => {
    const stretch = Stretch.of(['b', 'a', 'b', 'c', 'a'].map((device, nth) => entry(nth + 3, 1, device)))
    const seen = [...stretch.byDevice()].map(([device, own]) => [device, [...own].map(({ index }) => index)])
    expect(seen).toEqual([
      ['a', [4, 7]],
      ['b', [3, 5]],
      ['c', [6]],
    ])
  })

  test('falls into halves that have its records byte by byte', () => {
    const all = entries(20, 5)
    const [first, second] = Stretch.of(all).halves()
    const kept = [first, second].flatMap((half) => [...half.byDevice()].flatMap(([, own]) => [...own]))
    expect(kept).toEqual(all)
    expect([first.size, second.size, second.firstIndex]).toEqual([3, 2, 23])
  })

  test('keeps what lies before a record that is no envelope', () => {
    const stretch = new Stretch(0)
    const damaged = { index: 1, bytes: new Uint8Array(3) }
    expect(() => stretch.add([entry(0), damaged, entry(2)])).toThrow(/does not decode/)
    expect(stretch.next).toBe(1)
  })
})

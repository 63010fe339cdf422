import { describe, expect, test } from 'vitest'
import { Stretch } from '../../ingest/stretch.ts'

const entry = (index: number, bytes = 100) => ({ index, bytes: new Uint8Array(bytes) })
const entries = (from: number, count: number) => Array.from({ length: count }, (_, nth) => entry(from + nth))

describe('a stretch', () => {
  test('is due as soon as nothing more waits', () => {
    const stretch = new Stretch(7)
    stretch.add([entry(7)])
    expect(stretch.isDue(9)).toBe(false)
    stretch.add([entry(8)])
    expect(stretch.isDue(9)).toBe(true)
    expect(stretch.next).toBe(9)
    expect(stretch.entries.map(({ index }) => index)).toEqual([7, 8])
  })

  test('is an eighth of what waits', () => {
    const stretch = new Stretch(100)
    stretch.add(entries(100, 999))
    expect(stretch.isDue(100 + 8_000)).toBe(false)
    stretch.add(entries(1_099, 1))
    expect(stretch.isDue(100 + 8_000)).toBe(true)
  })

  test('is no less than 512 records where more wait', () => {
    const stretch = new Stretch(0)
    stretch.add(entries(0, 511))
    expect(stretch.isDue(1_000)).toBe(false)
    stretch.add(entries(511, 1))
    expect(stretch.isDue(1_000)).toBe(true)
  })

  test('is bounded in records and in bytes', () => {
    const many = new Stretch(0)
    many.add(entries(0, 131_072))
    expect(many.isDue(100_000_000)).toBe(true)
    const large = new Stretch(0)
    large.add([entry(0, 32 * 1024 * 1024)])
    expect(large.isDue(100_000_000)).toBe(true)
  })
})

import { expect, test } from 'vitest'
import { localDaysOf } from '../../alerts/engine/windows.ts'

const at = (text: string): number => Date.parse(text)

test.each([
  ['Asia/Shanghai', '2026-11-23T15:59:59.999Z', '2026-11-22T16:00:00Z', '2026-11-23T16:00:00Z'],
  ['Asia/Shanghai', '2026-11-23T16:00:00.000Z', '2026-11-23T16:00:00Z', '2026-11-24T16:00:00Z'],
  ['UTC', '2026-11-23T00:00:00.000Z', '2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z'],
  ['Europe/Berlin, 25 hours', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
  ['Europe/Berlin, 23 hours', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
  ['Asia/Kathmandu', '2026-11-23T12:00:00Z', '2026-11-22T18:15:00Z', '2026-11-23T18:15:00Z'],
  ['Asia/Shanghai', '1969-12-31T23:00:00Z', '1969-12-31T16:00:00Z', '1970-01-01T16:00:00Z'],
])('a day in %s: %s', (where, instant, from, to) => {
  const days = localDaysOf(where.replace(/,.*/, ''))
  expect(days.dayAt(at(instant))).toEqual({ fromMs: at(from), toMs: at(to) })
})

test('a zone that is not there is refused', () => {
  expect(() => localDaysOf('Nowhere/Land')).toThrow(RangeError)
})

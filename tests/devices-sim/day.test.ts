import { expect, test } from 'vitest'
import { hoursFrom, LocalTime, minuteWithin } from '../../devices-sim/physics/day.ts'

test('hours of a day, also over midnight', () => {
  expect(hoursFrom('08:00-11:30')).toEqual({ fromMinute: 480, untilMinute: 690 })
  expect(hoursFrom('22:00-06:00')).toEqual({ fromMinute: 1320, untilMinute: 1800 })
  expect(hoursFrom('00:00-24:00')).toEqual({ fromMinute: 0, untilMinute: 1440 })
  for (const text of ['8-11', '08:00', '25:00-26:00', '08:60-09:00', '']) {
    expect(() => hoursFrom(text)).toThrow(`The busy hours '${text}' of a place`)
  }
})

test('a minute is within hours, or in their lead, on either side of midnight', () => {
  const night = hoursFrom('22:00-06:00')
  const day = 10 * 1440
  expect(minuteWithin(day + 1319, night)).toBeUndefined()
  expect(minuteWithin(day + 1320, night)).toBe(0)
  expect(minuteWithin(day + 1440 + 359, night)).toBe(479)
  expect(minuteWithin(day + 360, night)).toBeUndefined()
  const early = hoursFrom('00:10-01:00')
  expect(minuteWithin(day + 1430, early, 30)).toBe(-20)
  expect(minuteWithin(day + 1419, early, 30)).toBeUndefined()
})

test('local minutes follow the zone', () => {
  const atMs = Date.UTC(2026, 10, 20)
  expect(new LocalTime('Asia/Shanghai').minuteOf(atMs) - new LocalTime('UTC').minuteOf(atMs)).toBe(480)
  expect(() => new LocalTime('Asia/Nowhere')).toThrow("There is no time zone 'Asia/Nowhere'")
})

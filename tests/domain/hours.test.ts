import { describe, expect, test } from 'vitest'
import { type Hours, hoursOf, hoursText, isHours, isWithinHours, type Weekday } from '../../domain/index.ts'

const workdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri']
const clinic: Hours = { days: workdays, from: '08:00', to: '17:00' }
const night: Hours = { days: workdays, from: '17:00', to: '08:00' }

/** An instant by the wall clock of Shanghai, 8 hours ahead of UTC; 2026-11-23 is a Monday. */
function shanghai(day: number, time: string): number {
  return Date.parse(`2026-11-${day}T${time}:00+08:00`)
}

describe('hours', () => {
  test.each([
    ['Monday at the start', 23, '08:00', true],
    ['Monday before', 23, '07:59', false],
    ['Friday at the end', 27, '17:00', false],
    ['Friday a minute before', 27, '16:59', true],
    ['Saturday', 28, '10:00', false],
  ] as const)('of a clinic: %s', (_what, day, time, expected) => {
    expect(isWithinHours([clinic], 'Asia/Shanghai', shanghai(day, time))).toBe(expected)
  })

  test.each([
    ['Monday evening', 23, '17:00', true],
    ['Tuesday before eight, since Monday', 24, '07:59', true],
    ['Tuesday at eight', 24, '08:00', false],
    ['Monday before eight, since Sunday, which is no day of it', 23, '03:00', false],
    ['Saturday before eight, since Friday', 28, '03:00', true],
  ] as const)('beyond midnight: %s', (_what, day, time, expected) => {
    expect(isWithinHours([night], 'Asia/Shanghai', shanghai(day, time))).toBe(expected)
  })

  test('are those of the zone, and without any it is always', () => {
    const nine = shanghai(23, '09:00')
    expect(isWithinHours([clinic], 'Europe/London', nine)).toBe(false)
    expect(isWithinHours([], 'Europe/London', nine)).toBe(true)
    expect(isWithinHours([clinic, { ...clinic, from: '00:00', to: '02:00' }], 'Europe/London', nine)).toBe(
      true,
    )
  })

  test('are kept as one text, whatever order the days came in', () => {
    const mixed = { ...clinic, days: workdays.toReversed() }
    expect(hoursText([mixed])).toBe(hoursText([clinic]))
    expect(hoursOf(hoursText([mixed]))).toEqual([clinic])
    expect([hoursText([]), hoursOf('')]).toEqual(['', []])
  })

  test('name a day and two times that differ', () => {
    expect(isHours(night)).toBe(true)
    const wrong = [{ days: [] }, { from: '24:00' }, { to: '8:00' }, { to: clinic.from }]
    expect(wrong.map((each) => isHours({ ...clinic, ...each }))).toEqual([false, false, false, false])
  })
})

import { describe, expect, it } from 'vitest'
import { guessTimeFormat, parseTime, wallClock } from '../../devices-sim/times.ts'

const utc = (text: string): number => Date.parse(text)

describe('parseTime', () => {
  it.each([
    ['2026-11-23T02:40:00Z', '2026-11-23T02:40:00.000Z'],
    ['2026-11-23t02:40:00.1239z', '2026-11-23T02:40:00.123Z'],
    ['2026-11-23T02:40:00+08:00', '2026-11-22T18:40:00.000Z'],
    ['2026-11-23 02:40:00,5 -0330', '2026-11-23T06:10:00.500Z'],
    ['2026-11-23 02:40 UTC', '2026-11-23T02:40:00.000Z'],
  ])('reads the instant %s', (text, expected) => {
    expect(parseTime(text, 'iso')).toEqual({ instantMs: utc(expected) })
  })

  it.each([
    ['iso', '2013-12-02 21:15:00', '2013-12-02T21:15:00Z'],
    ['iso', '2026/1/3 9:05', '2026-01-03T09:05:00Z'],
    ['dmy', '03/04/2024 14:00', '2024-04-03T14:00:00Z'],
    ['mdy', '03/04/2024 14:00', '2024-03-04T14:00:00Z'],
    ['dmy', '29.02.2024, 23:59:59', '2024-02-29T23:59:59Z'],
    ['mdy', '12/31/2024 12:00:01 AM', '2024-12-31T00:00:01Z'],
    ['mdy', '1/2/2024 12:30 pm', '2024-01-02T12:30:00Z'],
    ['mdy', '1/2/2024 11:30PM', '2024-01-02T23:30:00Z'],
  ] as const)('reads the %s wall-clock time %s', (format, text, expected) => {
    expect(parseTime(text, format)).toEqual({ wallMs: utc(expected) })
  })

  it.each([
    ['epoch-s', '1455113416', 1_455_113_416_000],
    ['epoch-s', '1455113416.25', 1_455_113_416_250],
    ['epoch-ms', '1455113416007', 1_455_113_416_007],
  ] as const)('reads %s %s', (format, text, instantMs) => {
    expect(parseTime(text, format)).toEqual({ instantMs })
  })

  it.each([
    ['iso', '2023-02-29 10:00'],
    ['iso', '2023-13-01 10:00'],
    ['iso', '2023-12-01 24:00'],
    ['iso', '2023-12-01 10:60'],
    ['iso', '2023-12-01 10:00:60'],
    ['iso', '2023-12-01'],
    ['iso', '2023-12/01 10:00'],
    ['iso', '0050-12-01 10:00'],
    ['iso', '2023-12-01 10:00 +24:00'],
    ['mdy', '13/01/2023 10:00'],
    ['mdy', '1/2/2024 13:30 PM'],
    ['dmy', '01/02/23 10:00'],
    ['epoch-s', '42410.59'],
    ['epoch-ms', '1455113416'],
  ] as const)('does not read %s %s', (format, text) => {
    expect(parseTime(text, format)).toBeUndefined()
  })
})

describe('guessTimeFormat', () => {
  it('needs one cell that only fits one way', () => {
    expect(guessTimeFormat(['01/02/2024 10:00', '13/02/2024 10:00'])).toBe('dmy')
    expect(guessTimeFormat(['01/02/2024 10:00', '02/13/2024 10:00'])).toBe('mdy')
  })

  it('does not choose when nothing tells day from month, or cells contradict each other', () => {
    expect(guessTimeFormat(['01/02/2024 10:00', '03/04/2024 10:00'])).toBe('day-or-month')
    expect(guessTimeFormat(['13/02/2024 10:00', '02/13/2024 10:00'])).toBe('day-or-month')
  })

  it('takes what at least half the cells with something in them are', () => {
    expect(guessTimeFormat(['', '1455113416', 'Total'])).toBe('epoch-s')
    expect(guessTimeFormat(['1455113416', 'Total', 'Mean'])).toBeUndefined()
    expect(guessTimeFormat(['', ''])).toBeUndefined()
  })
})

describe('wallClock', () => {
  it('knows a zone with summer time in both halves of the year', () => {
    const london = wallClock('Europe/London')
    expect(london?.(utc('2024-01-15T12:00:00Z'))).toEqual({
      atMs: utc('2024-01-15T12:00:00Z'),
      ambiguous: false,
    })
    expect(london?.(utc('2024-07-15T12:00:00Z'))).toEqual({
      atMs: utc('2024-07-15T11:00:00Z'),
      ambiguous: false,
    })
  })

  it('refuses a time the clock skipped, and reads both sides of it', () => {
    const london = wallClock('Europe/London')
    expect(london?.(utc('2024-03-31T00:59:59.999Z'))?.atMs).toBe(utc('2024-03-31T00:59:59.999Z'))
    expect(london?.(utc('2024-03-31T01:00:00Z'))).toBeUndefined()
    expect(london?.(utc('2024-03-31T01:59:59.999Z'))).toBeUndefined()
    expect(london?.(utc('2024-03-31T02:00:00Z'))?.atMs).toBe(utc('2024-03-31T01:00:00Z'))
  })

  it('takes the earlier instant of a time the clock showed twice, and says so', () => {
    const newYork = wallClock('America/New_York')
    expect(newYork?.(utc('2024-11-03T01:30:00Z'))).toEqual({
      atMs: utc('2024-11-03T05:30:00Z'),
      ambiguous: true,
    })
    expect(newYork?.(utc('2024-11-03T02:00:00Z'))).toEqual({
      atMs: utc('2024-11-03T07:00:00Z'),
      ambiguous: false,
    })
  })

  it('takes fixed offsets, and no zone that the machine would have to fill in', () => {
    expect(wallClock('+08:00')?.(utc('2024-01-01T08:00:00Z'))?.atMs).toBe(utc('2024-01-01T00:00:00Z'))
    for (const name of ['local', 'system', 'UTC+8', 'Zone A', '', 'x'.repeat(100)]) {
      expect(wallClock(name)).toBeUndefined()
    }
  })
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findings, timeInBand } from '../../alerts/index.ts'
import { milliFromDecimal } from '../../domain/index.ts'
import { minute, MINUTE_MS, pointOf } from './series.ts'

const folder = new URL('../../../shared/data/fridge-tag/', import.meta.url)
const present = existsSync(folder)
if (!present) console.warn('SKIPPED: the files of real loggers are not at ../shared/data/fridge-tag')
const names = present ? readdirSync(folder).filter((name) => name.startsWith('FridgeTag')) : []

/** A logger's day: its extremes, and the minutes it counted beyond its limits (-0.5 and +8.0). */
interface LoggerDay {
  readonly low: number
  readonly high: number
  readonly coldMinutes: number
  readonly warmMinutes: number
  /** Whether its alarm for heat, ten hours on end, was on that day. */
  readonly isHeatAlarm: boolean
}

function daysOf(name: string): LoggerDay[] {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const days = text.split(/^ \d+:\s*$/m).slice(1)
  const numbers = (day: string, pattern: RegExp) =>
    [...day.matchAll(pattern)].map(([, value]) => Number(value))
  return days.flatMap((day) => {
    const [low] = numbers(day, /Min T: ([+-][\d.]+)/g)
    const [high] = numbers(day, /Max T: ([+-][\d.]+)/g)
    const [coldMinutes, warmMinutes] = numbers(day, /t Acc: (\d+)/g)
    if (low === undefined || high === undefined || coldMinutes === undefined) return []
    // the second limit of a day is heat; an alarm that is on has its time there
    const isHeatAlarm = /^ {3}1:\s+t Acc: \d+, TS A:/m.test(day)
    return [{ low, high, coldMinutes, warmMinutes: warmMinutes ?? 0, isHeatAlarm }]
  })
}

const DAY_MINUTES = 1440

/** A reading a minute. */
function stretch(from: number, to: number, celsius: number) {
  return Array.from({ length: to - from }, (_, nth) => ({
    tMs: minute(from + nth),
    value: milliFromDecimal(celsius),
  }))
}

describe.skipIf(!present)('the days of real loggers', () => {
  const days = names.flatMap(daysOf)

  test('are there, and some have alarms', () => {
    expect(days.length).toBeGreaterThan(30)
    expect(new Set(days.map(({ isHeatAlarm }) => isHeatAlarm))).toEqual(new Set([true, false]))
  })

  test('have time beyond a limit when, and only when, the engine finds their extremes beyond it', () => {
    const disagreeing = days.filter(({ low, high, coldMinutes, warmMinutes }) => {
      const extremes = (value: number, minMilliC: number | null, maxMilliC: number | null) =>
        timeInBand(
          {
            ...pointOf('> 8', '0 5'),
            readings: [{ tMs: minute(0), value: milliFromDecimal(value) }],
          },
          { band: { minMilliC, maxMilliC }, fromMs: minute(0), toMs: minute(1), asOfMs: minute(1) },
        )
      // The loggers' freeze limit is inclusive, so the band ends a milli-degree above it.
      const isCold = extremes(low, -499, null).coldMs > 0
      const isWarm = extremes(high, null, 8000).warmMs > 0
      return isCold !== coldMinutes > 0 || isWarm !== warmMinutes > 0
    })
    expect(disagreeing).toEqual([])
  })

  test('the engine adds up the minutes of each day as the logger did, to the minute', () => {
    for (const { low, high, coldMinutes, warmMinutes } of days) {
      const sums = (rule: string, value: number, minutes: number) => {
        const series = [...stretch(0, minutes, value), ...stretch(minutes, DAY_MINUTES, 5)]
        const point = { ...pointOf(rule, '', 'every 1'), readings: series }
        return findings({ points: [point] }, minute(DAY_MINUTES)).map(
          ({ observedMs }) => observedMs / MINUTE_MS,
        )
      }
      for (const [limit, value, minutes] of [
        ['> 8', high, warmMinutes],
        ['<= -0.5', low, coldMinutes],
      ] as const) {
        const reached = minutes === 0 ? [] : sums(`${limit} for ${minutes} a day`, value, minutes)
        expect(reached).toEqual(minutes === 0 ? [] : [minutes])
        expect(sums(`${limit} for ${minutes + 1} a day`, value, minutes)).toEqual([])
      }
    }
  })

  test.each(names)('%s: heat for ten hours on end is found on the days of its alarms', (name) => {
    // the newest day comes first in the file
    const inOrder = daysOf(name).toReversed()
    const readings = inOrder.flatMap(({ high, warmMinutes }, day) => {
      const isAtEnd = (inOrder[day + 1]?.warmMinutes ?? 0) > 0
      const inRange = DAY_MINUTES - warmMinutes
      const parts = isAtEnd
        ? [...stretch(0, inRange, 5), ...stretch(inRange, DAY_MINUTES, high)]
        : [...stretch(0, warmMinutes, high), ...stretch(warmMinutes, DAY_MINUTES, 5)]
      return parts.map(({ tMs, value }) => ({ tMs: tMs + day * DAY_MINUTES * MINUTE_MS, value }))
    })
    const point = { ...pointOf('> 8 for 600', '', 'every 1'), readings }
    const found = findings({ points: [point] }, minute(inOrder.length * DAY_MINUTES))
    const alarms = inOrder.map((_, day) =>
      found.some(({ alarmMs, endMs }) => {
        const isBefore = alarmMs !== null && alarmMs < minute((day + 1) * DAY_MINUTES)
        return isBefore && (endMs ?? Number.POSITIVE_INFINITY) > minute(day * DAY_MINUTES)
      }),
    )
    expect(alarms).toEqual(inOrder.map(({ isHeatAlarm }) => isHeatAlarm))
  })

  test('a maximum of exactly +8.0 is no minute above +8.0', () => {
    expect(days.filter(({ high }) => high === 8).map(({ warmMinutes }) => warmMinutes)).toContain(0)
  })
})

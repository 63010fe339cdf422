import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { timeInBand } from '../../alerts/index.ts'
import { milliFromDecimal } from '../../domain/index.ts'
import { minute, pointOf } from './series.ts'

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
    return [{ low, high, coldMinutes, warmMinutes: warmMinutes ?? 0 }]
  })
}

describe.skipIf(!present)('the days of real loggers', () => {
  const days = names.flatMap(daysOf)

  test('are there', () => expect(days.length).toBeGreaterThan(30))

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

  test('a maximum of exactly +8.0 is no minute above +8.0', () => {
    expect(days.filter(({ high }) => high === 8).map(({ warmMinutes }) => warmMinutes)).toContain(0)
  })
})

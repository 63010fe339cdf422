import { IANAZone } from 'luxon'

/**
 * How a file writes its times. `iso`: year first (`2026-11-23T02:40:00Z`, `2026/11/23 2:40`); `dmy` and `mdy`:
 * day or month first, four-digit year; each with hours and minutes, optional seconds, fraction (cut to ms), AM/PM
 * and offset. `epoch-s`, `epoch-ms`: Unix time.
 */
export const timeFormats = ['iso', 'dmy', 'mdy', 'epoch-s', 'epoch-ms'] as const
/** One way to write times; see `timeFormats`. */
export type TimeFormat = (typeof timeFormats)[number]

/** What a time cell states: an instant, or a wall-clock time (as if it were UTC) that still needs a zone. */
export type StatedTime = { readonly instantMs: number } | { readonly wallMs: number }

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const TIME_OF_DAY =
  '(?:T|,? {1,2})(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?(?: ?([AP]M))?(?: ?(Z|UTC|GMT|[+-]\\d{2}:?\\d{2}))?$'
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${TIME_OF_DAY}`, 'i')
const YEAR_LAST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${TIME_OF_DAY}`, 'i')
/** At least nine digits (after 1973), so that row counters and spreadsheet day numbers are not taken for times. */
const EPOCH_S = /^(\d{9,11})(?:\.(\d{1,9}))?$/
const EPOCH_MS = /^\d{12,14}$/

/** Reads one time cell; undefined when it is not a valid time of that format. Leap seconds are not accepted. */
export function parseTime(text: string, format: TimeFormat): StatedTime | undefined {
  if (format === 'epoch-ms') return EPOCH_MS.test(text) ? { instantMs: Number(text) } : undefined
  if (format === 'epoch-s') {
    const [, seconds, fraction] = EPOCH_S.exec(text) ?? []
    return seconds === undefined ? undefined : { instantMs: Number(seconds) * 1000 + milliseconds(fraction) }
  }
  const match = (format === 'iso' ? YEAR_FIRST : YEAR_LAST).exec(text)
  if (match === null) return undefined
  const [, first = '', , second = '', third = ''] = match
  const [year, month, day] =
    format === 'iso'
      ? [first, second, third]
      : format === 'dmy'
        ? [third, second, first]
        : [third, first, second]
  return withTimeOfDay(dateMs(Number(year), Number(month), Number(day)), match.slice(5))
}

function dateMs(year: number, month: number, day: number): number | undefined {
  const ms = Date.UTC(year, month - 1, day)
  const date = new Date(ms)
  // Date.UTC rolls 31 February over into March: only what comes back unchanged was a date
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return real ? ms : undefined
}

function withTimeOfDay(
  dayMs: number | undefined,
  parts: readonly (string | undefined)[],
): StatedTime | undefined {
  const [hourText, minute, second = '0', fraction, half, offset] = parts
  let hour = Number(hourText)
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined
    hour = (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0)
  }
  if (dayMs === undefined || hour > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const wallMs = dayMs + ((hour * 60 + Number(minute)) * 60 + Number(second)) * 1000 + milliseconds(fraction)
  if (offset === undefined) return { wallMs }
  const offsetMs = offsetToMs(offset)
  return offsetMs === undefined ? undefined : { instantMs: wallMs - offsetMs }
}

function milliseconds(fraction = ''): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'))
}

function offsetToMs(text: string): number | undefined {
  if (/^[A-Z]/i.test(text)) return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))]
  if (hours > 23 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS
}

/**
 * The format most cells are in, looking at every cell: undefined when fewer than half can be read,
 * `day-or-month` when nothing tells 3 April from March 4 (or cells contradict each other).
 */
export function guessTimeFormat(cells: readonly string[]): TimeFormat | 'day-or-month' | undefined {
  const stated = cells.filter((cell) => cell !== '')
  const counts = new Map(timeFormats.map((format) => [format, 0]))
  let onlyDayFirst = 0
  let onlyMonthFirst = 0
  for (const cell of stated) {
    const readable = timeFormats.filter((format) => parseTime(cell, format) !== undefined)
    for (const format of readable) counts.set(format, (counts.get(format) ?? 0) + 1)
    if (readable.length !== 1) continue
    if (readable[0] === 'dmy') onlyDayFirst += 1
    if (readable[0] === 'mdy') onlyMonthFirst += 1
  }
  const [best, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))
  if (count === 0 || count * 2 < stated.length) return undefined
  if (best !== 'dmy' && best !== 'mdy') return best
  if (onlyDayFirst > 0 === onlyMonthFirst > 0) return 'day-or-month'
  return best
}

/** The instant of a wall-clock time; `ambiguous` when the clock showed it twice (the earlier instant is taken). */
export interface ZonedInstant {
  readonly atMs: number
  readonly ambiguous: boolean
}

/**
 * Turns wall-clock times of one zone into instants. Returns undefined for a time that the clock skipped when it
 * was put forward: a logger that shows one does not keep that zone's summer time.
 */
export type WallClock = (wallMs: number) => ZonedInstant | undefined

/** The wall clock of an IANA zone or fixed offset (`+08:00`); undefined when there is no such zone. */
export function wallClock(name: string): WallClock | undefined {
  if (name.length > ZONE_CHARACTERS_MAX || !IANAZone.isValidZone(name)) return undefined
  const zone = IANAZone.create(name)
  const offsetMs = (instantMs: number): number => Math.round(zone.offset(instantMs) * MINUTE_MS)
  // asking Intl costs microseconds, a file has 100,000 rows but few days
  const byDay = new Map<number, readonly [number, number]>()
  return (wallMs) => {
    const day = Math.floor(wallMs / DAY_MS)
    let offsets = byDay.get(day)
    if (offsets === undefined) {
      // an offset is never as much as a day, so these two instants lie before and after every instant of the day
      offsets = [offsetMs((day - 1) * DAY_MS), offsetMs((day + 2) * DAY_MS)]
      byDay.set(day, offsets)
    }
    const [before, after] = offsets
    if (before === after) return { atMs: wallMs - before, ambiguous: false }
    const instants = [wallMs - before, wallMs - after].filter((ms) => ms + offsetMs(ms) === wallMs)
    return instants.length === 0
      ? undefined
      : { atMs: Math.min(...instants), ambiguous: instants.length === 2 }
  }
}

/** Longer than any IANA name (`America/Argentina/ComodRivadavia` has 32). */
const ZONE_CHARACTERS_MAX = 64

/** Days of the week as hours name them. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
/** One day; see `weekdays`. */
export type Weekday = (typeof weekdays)[number]

/** Some hours of some days, local to a site: `HH:MM` to `HH:MM`, beyond midnight when the end is not later. */
export interface Hours {
  readonly days: readonly Weekday[]
  readonly from: string
  readonly to: string
}

/** More than this is a calendar, not hours. */
export const HOURS_MAX = 20
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/

/** The one text of hours that facts keep; empty for none, which means always. */
export function hoursText(hours: readonly Hours[]): string {
  if (hours.length === 0) return ''
  return JSON.stringify(hours.map(({ days, from, to }) => ({ days: inWeekOrder(days), from, to })))
}

/** The hours of a text made by `hoursText`. */
export function hoursOf(text: string): readonly Hours[] {
  return text === '' ? [] : (JSON.parse(text) as readonly Hours[])
}

/** True when hours name at least one known day and two times of day that differ. */
export function isHours({ days, from, to }: Hours): boolean {
  return (
    days.length > 0 && days.every((day) => weekdays.includes(day)) && [from, to].every(isTime) && from !== to
  )
}

/** True when the instant (epoch ms) lies within the hours in this IANA zone; without hours it always does. */
export function isWithinHours(hours: readonly Hours[], zone: string, atMs: number): boolean {
  if (hours.length === 0) return true
  const { day, time } = localTime(zone, atMs)
  const before = weekdays[(weekdays.indexOf(day) + 6) % 7]
  return hours.some(({ days, from, to }) => {
    if (from < to) return days.includes(day) && from <= time && time < to
    const sinceYesterday = before !== undefined && days.includes(before) && time < to
    return sinceYesterday || (days.includes(day) && from <= time)
  })
}

function localTime(zone: string, atMs: number): { readonly day: Weekday; readonly time: string } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const day = weekdays.find((each) => each === parts.get('weekday')?.toLowerCase()) ?? 'mon'
  return { day, time: `${parts.get('hour') ?? '00'}:${parts.get('minute') ?? '00'}` }
}

function inWeekOrder(days: readonly Weekday[]): readonly Weekday[] {
  return weekdays.filter((day) => days.includes(day))
}

function isTime(text: string): boolean {
  return TIME.test(text)
}

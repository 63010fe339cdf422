import type { Language } from './words.ts'

/** Within this distance of a limit a second decimal is shown, so that no value looks as if it were in range. */
const NEAR_LIMIT_C = 0.05

/** A temperature with its unit: one decimal, two within 0.05 of one of the limits. Half away from zero. */
export function printedTemperature(celsius: number, limits: readonly number[], language: Language): string {
  return `${printedNumber(celsius, limits)} ${language === 'zh' ? '℃' : '°C'}`
}

/** The number alone. */
export function printedNumber(celsius: number, limits: readonly number[]): string {
  const milli = Math.round(Math.abs(celsius) * 1_000)
  const isNear = limits.some((limit) => {
    const distance = Math.abs(celsius - limit)
    return distance > 0.000_5 && distance <= NEAR_LIMIT_C + 0.000_5
  })
  const decimals = isNear ? 2 : 1
  const step = 10 ** (3 - decimals)
  const size = (Math.floor((milli + step / 2) / step) * step) / 1_000
  return `${celsius < 0 && size !== 0 ? '-' : ''}${size.toFixed(decimals)}`
}

/** Day and minute at a site: `11-24 03:05`. */
export function printedTime(at: string | number, zone: string): string {
  const part = partsOf(typeof at === 'string' ? Date.parse(at) : at, zone)
  return `${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`
}

/** Minute of the day: `03:05`. */
export function printedClock(at: string | number, zone?: string): string {
  const part = partsOf(typeof at === 'string' ? Date.parse(at) : at, zone)
  return `${part('hour')}:${part('minute')}`
}

/** The day, as date inputs take it: `2026-11-24`. */
export function printedDay(atMs: number, zone: string): string {
  const part = partsOf(atMs, zone)
  return `${part('year')}-${part('month')}-${part('day')}`
}

const formats = new Map<string | undefined, Intl.DateTimeFormat>()

function partsOf(atMs: number, zone?: string): (type: Intl.DateTimeFormatPartTypes) => string {
  const format = formats.get(zone) ?? newFormat(zone)
  formats.set(zone, format)
  const parts = format.formatToParts(atMs)
  return (type) => {
    const { value = '' } = parts.find((each) => each.type === type) ?? {}
    // midnight is 24 in Chromium 80, which does not know hourCycle together with a language
    return type === 'hour' && value === '24' ? '00' : value
  }
}

function newFormat(zone?: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  })
}

/** The instant a day (`2026-11-24`) begins at a site, epoch ms; right across changes of summer time. */
export function startOfDay(day: string, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`)
  // twice: the offset at the first guess may not be the one at midnight
  const once = utc - offsetMs(utc, zone)
  return utc - offsetMs(once, zone)
}

function offsetMs(atMs: number, zone: string): number {
  const part = partsOf(atMs, zone)
  const here = Date.UTC(
    Number(part('year')),
    Number(part('month')) - 1,
    Number(part('day')),
    Number(part('hour')),
    Number(part('minute')),
    Number(part('second')),
  )
  return here - Math.floor(atMs / 1_000) * 1_000
}

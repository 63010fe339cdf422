import type { Language } from './words.ts'

/** Within this distance of a limit a second decimal is shown, so that no value looks as if it were in range. */
const NEAR_LIMIT_MILLI_C = 50
const DECIMALS_MAX = 3

/**
 * A temperature with its unit: one decimal, two within 0.05 of one of the limits, and more where the number would
 * otherwise read like a limit, or like zero, without being it. Half away from zero; as messages print it.
 */
export function printedTemperature(celsius: number, limits: readonly number[], language: Language): string {
  return `${printedNumber(celsius, limits)} ${language === 'zh' ? '℃' : '°C'}`
}

/** The number alone. */
export function printedNumber(celsius: number, limits: readonly number[]): string {
  const milli = milliOf(celsius)
  const others = limits.map(milliOf).filter((limit) => limit !== milli)
  let decimals = others.some((limit) => Math.abs(milli - limit) <= NEAR_LIMIT_MILLI_C) ? 2 : 1
  const readsLikeAnother = (): boolean =>
    [...others, 0].some((other) => other !== milli && rounded(other, decimals) === rounded(milli, decimals))
  while (decimals < DECIMALS_MAX && readsLikeAnother()) decimals += 1
  return (rounded(milli, decimals) / 10 ** decimals).toFixed(decimals)
}

function milliOf(celsius: number): number {
  return Math.sign(celsius) * Math.round(Math.abs(celsius) * 1_000) + 0
}

/** In units of the last decimal; never minus zero. */
function rounded(milli: number, decimals: number): number {
  const step = 10 ** (DECIMALS_MAX - decimals)
  return Math.sign(milli) * Math.floor((Math.abs(milli) + step / 2) / step) + 0
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

/** Second of the day at a site: `03:05:09`. */
export function printedSecond(at: string | number, zone: string): string {
  const part = partsOf(typeof at === 'string' ? Date.parse(at) : at, zone)
  return `${part('hour')}:${part('minute')}:${part('second')}`
}

/** Day and second at a site: `11-24 03:05:09`. */
export function printedInstant(at: string, zone: string): string {
  const part = partsOf(Date.parse(at), zone)
  return `${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`
}

/** The minute where it was today at the site, otherwise the day as well. */
export function printedRecently(at: string | number, zone: string, nowMs: number): string {
  const atMs = typeof at === 'string' ? Date.parse(at) : at
  return printedDay(atMs, zone) === printedDay(nowMs, zone)
    ? printedClock(atMs, zone)
    : printedTime(atMs, zone)
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

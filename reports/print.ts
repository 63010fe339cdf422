import type { ReportSite } from './report.ts'

/** What comes within this of a limit is printed with two decimals at least (milli-degrees). */
const NEAR_LIMIT_MILLI_C = 50

/**
 * Decimals of a temperature: one; two within 0.05 of a limit; three where two would show the limit itself, so that
 * nothing is printed as "8.0, above 8.0". Milli-degrees Celsius.
 */
export function decimalsOf(milliC: number, limitMilliC: number | null): 1 | 2 | 3 {
  if (limitMilliC === null || Math.abs(milliC - limitMilliC) > NEAR_LIMIT_MILLI_C) return 1
  return milliC !== limitMilliC && decimal(milliC, 2) === decimal(limitMilliC, 2) ? 3 : 2
}

/** Decimals a limit needs to be printed as it is: at least one. */
export function decimalsOfLimit(milliC: number): 1 | 2 | 3 {
  if (milliC % 100 === 0) return 1
  return milliC % 10 === 0 ? 2 : 3
}

/** Thousandths as a decimal number, rounded half away from zero, with the minus sign `-`. */
export function decimal(thousandths: number, decimals: number): string {
  const scaled = Math.round(Math.abs(thousandths) / 10 ** (3 - decimals))
  const text = (scaled / 10 ** decimals).toFixed(decimals)
  return thousandths < 0 && scaled > 0 ? `-${text}` : text
}

/** A length of time as h:mm:ss; what is less than a second is left out. */
export function hoursMinutesSeconds(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** An instant as the clocks of a zone show it, with the distance from UTC: `2026-11-23 10:40:00 +08:00`. */
export function localTime(epochMs: number, { zone }: Pick<ReportSite, 'zone'>): string {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    })
    formats.set(zone, format)
  }
  const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, value]))
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? ''
  const offset = part('timeZoneName').replace('GMT', '')
  const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
  const time = `${part('hour')}:${part('minute')}:${part('second')}`
  return `${date} ${time} ${offset === '' ? '+00:00' : offset}`
}

import { Problem } from '../domain/index.ts'

/** RFC 3339 section 5.6 date-time. */
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/
const EPOCH_MS = /^-?\d{1,15}$/
const DURATION = /^(\d{1,9})(ms|s|m|h|d)?$/
const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Where RFC 3339 ends: the year 9999. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
/** And where it begins: the year 0. */
const EARLIEST_MS = Date.parse('0000-01-01T00:00:00Z')

/** An instant given as RFC 3339 text (to the millisecond) or epoch ms, as epoch ms. Throws `bad-request`. */
export function parseTime(field: string, value: string | number): number {
  const timeMs = typeof value === 'number' ? value : EPOCH_MS.test(value) ? Number(value) : rfc3339Ms(value)
  if (timeMs !== undefined && Number.isInteger(timeMs) && timeMs >= EARLIEST_MS && timeMs <= LATEST_MS) {
    return timeMs
  }
  throw new Problem('bad-request', {
    what: `${field} is not a time.`,
    remedy:
      'Give RFC 3339 with its zone, such as 2026-11-23T02:40:00Z (a + is %2B in a URL), or epoch milliseconds.',
  })
}

/**
 * Optional instants of a body as the commands take them: `from` as `fromMs`, and so on; those left out are left out,
 * null stays null. Throws `bad-request`.
 */
export function timeFields<Given extends TimesGiven>(given: Given): TimesTaken<Given> {
  const parsed = Object.entries(given).flatMap(([field, value]) =>
    value === undefined ? [] : [[`${field}Ms`, value === null ? null : parseTime(field, value)] as const],
  )
  // the entries are those of Given, under their new names
  return Object.fromEntries(parsed) as TimesTaken<Given>
}

type TimesGiven = Readonly<Record<string, string | number | null | undefined>>
type TimesTaken<Given extends TimesGiven> = {
  readonly [F in keyof Given & string as `${F}Ms`]?: null extends Given[F] ? number | null : number
}

/** A length of time such as `60s`, `5m`, `1h`, `1d`, or a plain number of milliseconds, in ms. Throws `bad-request`. */
export function parseDuration(field: string, value: string | number): number {
  const [, digits, unit] = DURATION.exec(String(value)) ?? []
  if (digits !== undefined) {
    const durationMs = Number(digits) * unitMs[(unit as keyof typeof unitMs | undefined) ?? 'ms']
    if (durationMs > 0) return durationMs
  }
  throw new Problem('bad-request', {
    what: `${field} is not a length of time.`,
    remedy: 'Give a whole number above 0 with ms, s, m, h or d, such as 5m, or milliseconds.',
  })
}

/** An instant as answers show it: RFC 3339, UTC, with milliseconds. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

function rfc3339Ms(text: string): number | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const milli = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const [zoneHour, zoneMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  // a leap second is the second after it, as everywhere in POSIX time
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  // a day that rolls over into another month was not one: 30 February
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const zoneMs = (match[8] === '-' ? -1 : 1) * (zoneHour * unitMs.h + zoneMinute * unitMs.m)
  return date.getTime() + hour * unitMs.h + minute * unitMs.m + second * unitMs.s + milli - zoneMs
}

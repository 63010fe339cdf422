import { instantFrom, Problem } from '../domain/index.ts'
import type { Period } from '../store/index.ts'

const EPOCH_MS = /^-?\d{1,15}$/
const DURATION = /^(\d{1,9})(ms|s|m|h|d)?$/
const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Where RFC 3339 ends: the year 9999. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
/** And where it begins: the year 0. */
const EARLIEST_MS = Date.parse('0000-01-01T00:00:00Z')

/** An instant given as RFC 3339 text (to the millisecond) or epoch ms, as epoch ms. Throws `bad-request`. */
export function parseTime(field: string, value: string | number): number {
  const timeMs = instantFrom(EPOCH_MS.test(String(value)) ? Number(value) : value)
  if (timeMs !== undefined && timeMs >= EARLIEST_MS && timeMs <= LATEST_MS) return timeMs
  throw new Problem('bad-request', {
    what: `${field} is not a time.`,
    remedy:
      'Give RFC 3339 with its zone, such as 2026-11-23T02:40:00Z (a + is %2B in a URL), or epoch milliseconds.',
  })
}

/**
 * The period [from, to) of a query: to is now when left out, from so much before it. Throws `bad-request`, also for a
 * period that is empty.
 */
export function parsePeriod(
  { from, to }: { readonly from?: string | number | undefined; readonly to?: string | number | undefined },
  nowMs: number,
  defaultMs: number,
): Period {
  const toMs = to === undefined ? nowMs : parseTime('to', to)
  const fromMs = from === undefined ? toMs - defaultMs : parseTime('from', from)
  if (fromMs < toMs) return { fromMs, toMs }
  throw emptyPeriod()
}

/** A period whose begin does not lie before its end. */
export function emptyPeriod(): Problem {
  return new Problem('bad-request', {
    what: 'The period is empty: from does not lie before to.',
    remedy: 'Give from and to in order; to defaults to now.',
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

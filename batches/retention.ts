import { HOUR_MS } from './lot-hours.ts'

/** How long a record is kept at least, and longer for lots: so many years after the last of them expired. */
export const RETENTION_YEARS = 5
/** A reading may be about a time this much later than its record was received (design section 5, distrusted time). */
const AHEAD_MS_MAX = 5 * 60_000
/** The last place on earth where a day is over is 12 hours behind UTC. */
const DAY_ENDS_LAST_MS = (24 + 12) * HOUR_MS
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** A lot that lay somewhere: since when first (epoch ms), and its last day of use; null where nobody knows it. */
export interface LotArrival {
  readonly lot: string
  readonly fromMs: number
  /** `YYYY-MM-DD`. */
  readonly expiresOn: string | null
}

/** Until when records are kept. */
export interface Kept {
  /** They may go after this instant, epoch ms; `Infinity`: never. */
  readonly untilMs: number
  /** The lot for which they are kept longer than the years; null when it is the years alone. */
  readonly lot: string | null
}

/**
 * The same day and time so many calendar years later, in UTC. Of any time of 29 February, in a year without one: the
 * begin of 1 March, so that what is later never comes out sooner.
 */
export function yearsAfter(atMs: number, years: number): number {
  const date = new Date(atMs)
  const day = date.getUTCDate()
  date.setUTCFullYear(date.getUTCFullYear() + years)
  // it rolled over into March
  if (date.getUTCDate() !== day) date.setUTCHours(0, 0, 0, 0)
  return date.getTime()
}

/** When a lot's last day of use is over everywhere on earth, epoch ms; `Infinity` for what is no day. */
export function expiryEnd(expiresOn: string | null): number {
  const [, year, month, day] = (DATE.exec(expiresOn ?? '') ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return Number.POSITIVE_INFINITY
  const midnight = new Date(Date.UTC(year, month - 1, day))
  // a day that rolls over into another month was not one
  const isDay = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day
  return isDay ? midnight.getTime() + DAY_ENDS_LAST_MS : Number.POSITIVE_INFINITY
}

/**
 * Answers, of records received until an instant, until when they are kept: five years from there, and five years after
 * the last lot expired that lay anywhere by then. Which place a sensor spoke for is not asked, nor whether the lot had
 * left before: a record may carry readings of any time before it, and where sensors and lots were may be corrected. So
 * more is kept than must be, never less; and what came later is never kept shorter. What no day is known of is kept for
 * ever.
 */
export function retentionOf(arrivals: readonly LotArrival[]): (receivedUntilMs: number) => Kept {
  const steps: { readonly fromMs: number; readonly kept: Kept }[] = []
  let longest: Kept = { untilMs: Number.NEGATIVE_INFINITY, lot: null }
  for (const { lot, fromMs, expiresOn } of arrivals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const endMs = expiryEnd(expiresOn)
    const untilMs = Number.isFinite(endMs) ? yearsAfter(endMs, RETENTION_YEARS) : endMs
    if (untilMs <= longest.untilMs) continue
    longest = { untilMs, lot }
    steps.push({ fromMs, kept: longest })
  }
  return (receivedUntilMs) => {
    const least: Kept = { untilMs: yearsAfter(receivedUntilMs, RETENTION_YEARS), lot: null }
    const inReach = steps.findLast(({ fromMs }) => fromMs <= receivedUntilMs + AHEAD_MS_MAX)?.kept
    return inReach !== undefined && inReach.untilMs > least.untilMs ? inReach : least
  }
}

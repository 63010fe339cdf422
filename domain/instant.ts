/**
 * RFC 3339 section 5.6 date-time. The zone is required, because a local time without one is not an instant. A
 * leap second (:60) is refused: epoch milliseconds have no name for it.
 */
const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/

const MINUTE_MS = 60_000

/** The farthest instant an ECMAScript Date can tell; beyond it nothing can be printed. */
const DATE_MS_MAX = 8.64e15

/**
 * Epoch ms of an instant as a device, a person or a program sends it: an integer of epoch milliseconds, or RFC
 * 3339 with a zone (fractions are cut to ms). Undefined when it is neither, or names a day or hour that does not
 * exist.
 */
export function instantFrom(at: unknown): number | undefined {
  if (typeof at === 'number') {
    return Number.isInteger(at) && Math.abs(at) <= DATE_MS_MAX ? at : undefined
  }
  const parts = typeof at === 'string' ? RFC3339.exec(at) : null
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number)
  const local = new Date(0)
  // not Date.UTC, which takes the years 0 to 99 for those of the twentieth century
  local.setUTCFullYear(year, month - 1, day)
  // a day that rolls over into another month was not one: 30 February
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined
  local.setUTCHours(hour, minute, second, Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3)))
  const zoneMs = (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0)) * MINUTE_MS
  return parts[8] === '-' ? local.getTime() + zoneMs : local.getTime() - zoneMs
}

/** An instant as answers and messages show it: RFC 3339, UTC, with ms; the bare number where that cannot say it. */
export function instantText(epochMs: number): string {
  return Math.abs(epochMs) <= DATE_MS_MAX ? new Date(epochMs).toISOString() : String(epochMs)
}

/** The same of an instant that may not have come yet. */
export function instantTextOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : instantText(epochMs)
}

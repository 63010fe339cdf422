/** RFC 3339 section 5.6 date-time; the zone is required, because a local time without one is not an instant. */
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

/** The farthest instant an ECMAScript Date can tell; beyond it nothing can be printed. */
const DATE_MS_MAX = 8.64e15

/**
 * Epoch ms of an event time as a device sends it: an integer of epoch milliseconds, or RFC 3339 with a zone
 * (fractions are cut to ms). Undefined when it is neither, or names a day or hour that does not exist.
 */
export function instantFrom(at: unknown): number | undefined {
  if (typeof at === 'number') {
    return Number.isInteger(at) && Math.abs(at) <= DATE_MS_MAX ? at : undefined
  }
  if (typeof at !== 'string') return undefined
  const parts = RFC3339.exec(at)
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number)
  if (
    year === undefined ||
    month === undefined ||
    day === undefined ||
    hour === undefined ||
    minute === undefined ||
    second === undefined
  ) {
    return undefined
  }
  const local = Date.UTC(year, month - 1, day, hour, minute, second)
  const exists =
    new Date(local).toISOString().slice(0, 19) ===
    `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}`
  const offset = offsetMs(parts[8] ?? 'Z')
  if (!exists || offset === undefined) return undefined
  const fractionMs = Math.floor(Number(`0${parts[7] ?? ''}`) * 1000)
  return local + fractionMs - offset
}

function offsetMs(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours > 23 || minutes > 59) return undefined
  const size = (hours * 60 + minutes) * 60_000
  return zone.startsWith('-') ? -size : size
}

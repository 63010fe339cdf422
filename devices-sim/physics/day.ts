import { IANAZone } from 'luxon'
import { Problem } from '../../domain/index.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MINUTES = 1440

/** Some hours of a local day, in minutes from its midnight; `untilMinute` may lie beyond 1440, on the next day. */
export interface Hours {
  readonly fromMinute: number
  readonly untilMinute: number
}

/** Reads `HH:MM-HH:MM`; an end before the start is on the next day. Throws `Problem('bad-request')`. */
export function hoursFrom(text: string): Hours {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text)
  if (match === null) {
    throw new Problem('bad-request', {
      what: `The busy hours '${text}' of a place are not hours of a day.`,
      remedy: 'Write them like 08:00-11:30.',
    })
  }
  const [fromHour = 0, fromPart = 0, untilHour = 0, untilPart = 0] = match.slice(1).map(Number)
  const fromMinute = fromHour * 60 + fromPart
  const untilMinute = untilHour * 60 + untilPart
  return { fromMinute, untilMinute: untilMinute > fromMinute ? untilMinute : untilMinute + DAY_MINUTES }
}

/** Local time of one zone. */
export class LocalTime {
  readonly #zone: IANAZone
  #hour = Number.NaN
  #offsetMinutes = 0

  /** Throws `Problem('bad-request')` when there is no such zone. */
  constructor(zone: string) {
    if (!IANAZone.isValidZone(zone)) {
      throw new Problem('bad-request', {
        what: `There is no time zone '${zone}'.`,
        remedy: 'Name one like Asia/Shanghai.',
      })
    }
    this.#zone = IANAZone.create(zone)
  }

  /** Minutes of the wall clock since 1970-01-01 00:00 on it, whole. */
  minuteOf(atMs: number): number {
    const hour = Math.floor(atMs / HOUR_MS)
    if (hour !== this.#hour) {
      this.#hour = hour
      this.#offsetMinutes = Math.round(this.#zone.offset(hour * HOUR_MS))
    }
    return Math.floor(atMs / MINUTE_MS) + this.#offsetMinutes
  }
}

/** How far into these hours a local minute is, with `earlier` minutes before them; undefined outside. */
export function minuteWithin(localMinute: number, hours: Hours, earlier = 0): number | undefined {
  const minuteOfDay = ((localMinute % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
  for (const minute of [minuteOfDay, minuteOfDay + DAY_MINUTES]) {
    const within = minute - hours.fromMinute
    if (within >= -earlier && minute < hours.untilMinute) return within
  }
  // the lead of hours that begin soon after midnight lies on the day before
  const before = minuteOfDay - DAY_MINUTES - hours.fromMinute
  return before >= -earlier ? before : undefined
}

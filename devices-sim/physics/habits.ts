import type { PlannedPlace } from '../plan.ts'
import { bell, chance, seedFor } from './chance.ts'
import { type Hours, hoursFrom, LocalTime, minuteWithin } from './day.ts'
import { NOMINAL_AMBIENT_C, type Thermal } from './thermal.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440
/** A vehicle is switched on this long before its trip, a box is packed then. */
export const PRE_COOL_MINUTES = 45
/** On a trip a stop comes every so often; the first part of each slot is driven. */
const SLOT_MINUTES = 30
const DRIVEN_MINUTES = 20
/** Loading a cold room: how often on a busy day, and how long. */
const LOADING_CHANCE = 0.6
const LOADING_MINUTES_MIN = 20
const LOADING_MINUTES_MORE = 20

/** What one minute brings to a unit. */
export interface Habit {
  readonly ambientC: number
  /** False: a vehicle that is parked and switched off. */
  readonly isOn: boolean
  /** True: a box in use, away from the refrigerator it is kept in. */
  readonly isPacked: boolean
  readonly isDefrosting: boolean
  /** Goods pass through the door. */
  readonly isLoading: boolean
  /** The door is open between these instants; equal when it stays shut. */
  readonly doorFromMs: number
  readonly doorToMs: number
  /** How far along its route a vehicle is, in waypoints; 0 at home. */
  readonly progress: number
}

/** What happens around a unit, minute by minute: a function of the minute and the seed alone. */
export class Habits {
  readonly #place: PlannedPlace
  readonly #thermal: Thermal
  readonly #time: LocalTime
  readonly #hours: readonly Hours[]
  readonly #seed: number
  readonly #defrostPhase: number

  constructor(place: PlannedPlace, thermal: Thermal, zone: string, seed: number) {
    this.#place = place
    this.#thermal = thermal
    this.#time = new LocalTime(zone)
    this.#hours = place.busyHours.map(hoursFrom)
    this.#seed = seedFor(seed, 'habits')
    this.#defrostPhase = Math.floor(chance(this.#seed, 1) * DAY_MINUTES)
  }

  /** The minute that begins at `minuteMs`. */
  at(minuteMs: number): Habit {
    const minute = this.#time.minuteOf(minuteMs)
    const trip = this.#tripOf(minute)
    const isBusy = this.#within(minute) !== undefined
    const isVehicle = this.#place.kind === 'vehicle'
    const isLoading = isVehicle ? trip.isStop : this.#isLoading(minute)
    const [doorFromMs, doorToMs] = this.#doorIn(minute, minuteMs, isBusy, isVehicle && trip.isStop)
    return {
      ambientC: this.#ambientC(minute),
      isOn: !isVehicle || trip.isOn,
      isPacked: this.#place.kind === 'box' && trip.isOn,
      isDefrosting: this.#isDefrosting(minute),
      isLoading,
      doorFromMs,
      doorToMs,
      progress: isVehicle ? trip.progress : 0,
    }
  }

  #within(minute: number, earlier = 0): { readonly hours: Hours; readonly minutes: number } | undefined {
    for (const hours of this.#hours) {
      const minutes = minuteWithin(minute, hours, earlier)
      if (minutes !== undefined) return { hours, minutes }
    }
    return undefined
  }

  #ambientC(minute: number): number {
    const isOutdoors = this.#place.kind === 'vehicle' || this.#place.kind === 'box'
    const day = Math.floor(minute / DAY_MINUTES)
    // warmest at 15:00, coldest at 03:00
    const swing = Math.sin(((minute % DAY_MINUTES) / DAY_MINUTES - 0.375) * 2 * Math.PI)
    const ofDay = bell(this.#seed ^ 0x5151, day)
    return isOutdoors ? 17 + 5 * swing + 1.5 * ofDay : NOMINAL_AMBIENT_C + 1.5 * swing + 0.5 * ofDay
  }

  #isDefrosting(minute: number): boolean {
    const { defrost } = this.#thermal
    if (defrost === undefined) return false
    return (minute + this.#defrostPhase) % Math.round(DAY_MINUTES / defrost.perDay) < defrost.minutes
  }

  /** Cold rooms are loaded once on most days, some time after work begins. */
  #isLoading(minute: number): boolean {
    if (this.#thermal.door.draughtC === 0) return false
    const busy = this.#within(minute)
    if (busy === undefined) return false
    const start = minute - busy.minutes
    if (chance(this.#seed ^ 0x10ad, start) >= LOADING_CHANCE) return false
    const length = LOADING_MINUTES_MIN + chance(this.#seed ^ 0x10ae, start) * LOADING_MINUTES_MORE
    const span = busy.hours.untilMinute - busy.hours.fromMinute
    const from = Math.max(0, span - length) * chance(this.#seed ^ 0x10af, start)
    return busy.minutes >= from && busy.minutes < from + length
  }

  #doorIn(minute: number, minuteMs: number, isBusy: boolean, isStop: boolean): readonly [number, number] {
    if (isStop) return [minuteMs, minuteMs + MINUTE_MS]
    const { openingsPerHour, seconds } = this.#thermal.door
    const isOpened = isBusy && chance(this.#seed ^ 0xd00d, minute) < openingsPerHour / 60
    if (!isOpened) return [minuteMs, minuteMs]
    const fromMs = minuteMs + Math.floor(chance(this.#seed ^ 0xd00e, minute) * (60 - seconds)) * 1000
    // people differ: from half to one and a half times the usual
    const lengthMs = seconds * (0.5 + chance(this.#seed ^ 0xd00f, minute)) * 1000
    return [fromMs, Math.min(minuteMs + MINUTE_MS, fromMs + lengthMs)]
  }

  #tripOf(minute: number): { readonly isOn: boolean; readonly isStop: boolean; readonly progress: number } {
    const busy = this.#within(minute, PRE_COOL_MINUTES)
    if (busy === undefined) return { isOn: false, isStop: false, progress: 0 }
    if (busy.minutes < 0) return { isOn: true, isStop: false, progress: 0 }
    const slot = Math.floor(busy.minutes / SLOT_MINUTES)
    const inSlot = busy.minutes % SLOT_MINUTES
    const stopMinutes = 5 + chance(this.#seed ^ 0x5709, minute - busy.minutes + slot) * 4
    const isStop = inSlot >= DRIVEN_MINUTES && inSlot < DRIVEN_MINUTES + stopMinutes
    return { isOn: true, isStop, progress: slot + Math.min(1, inSlot / DRIVEN_MINUTES) }
  }
}

import type { PlannedPlace, PlannedSensor } from '../plan.ts'
import type { Effects } from '../scenarios.ts'
import { seedFor } from './chance.ts'
import { LocalTime } from './day.ts'
import { type Habit, Habits } from './habits.ts'
import { type Position, Route } from './route.ts'
import { NOMINAL_AMBIENT_C, type Thermal, thermalOf } from './thermal.ts'

/** What is the case in a unit at one instant. */
export interface UnitMoment {
  readonly airC: number
  readonly contentsC: number
  readonly ambientC: number
  /** What the probe of each sensor has, without the error of its electronics; in the order of the sensors, degC. */
  readonly probesC: readonly number[]
  readonly doorOpen: boolean
  /** Undefined for what has no mains. */
  readonly mainsPower: boolean | undefined
  /** Of a vehicle. */
  readonly position: Position | undefined
}

/** What a unit is made from. `effectsAt` tells what scenarios do to it; it must not change for instants told. */
export interface UnitOptions {
  readonly place: PlannedPlace
  readonly sensors: readonly PlannedSensor[]
  readonly zone: string
  readonly seed: number
  readonly effectsAt: (atMs: number) => Effects
}

const STEP_MS = 5_000
const STEP_HOURS = STEP_MS / 3_600_000
const MINUTE_MS = 60_000
const DAY_MINUTES = 1440
/** Each local day is worked out on its own, from this hour on, after a day of warming up: any instant is cheap. */
const DAY_START_MINUTE = 180
const WARM_UP_MS = DAY_MINUTES * MINUTE_MS
/** How far things go in one step: the heat of a defrost, air at a door, layers without fans, a drifting thermostat. */
const FROST_SHARE = shareOfStep(4)
const DRAUGHT_SHARE = shareOfStep(3)
const LAYER_SHARE = shareOfStep(80 / 60)
const THERMOSTAT_SHARE = shareOfStep(43)
/** Without fans the air under the ceiling of a room gets this much warmer, with the heaters on. */
const LAYER_C = 9
/** A hot defrost, as a multiple of the usual one. */
const HOT_DEFROST = 2
/** A door left ajar lets through this part of what an open one does. */
const AJAR = 0.4
/** A door draught reaches the other points of the unit by this part. */
const DRAUGHT_ELSEWHERE = 0.04
/** A box that is not in use lies in a refrigerator and follows it with this rate, per hour. */
const KEPT_PER_HOUR = 4

const noEffects: Effects = {}

/**
 * The model of a unit and its probes: stepped every 5 s from a fixed origin, so that an instant has the same values
 * whoever asks, how often and in which order.
 */
export class Unit {
  readonly #options: UnitOptions
  readonly #thermal: Thermal
  readonly #habits: Habits
  readonly #time: LocalTime
  readonly #route: Route
  readonly #reaches: readonly Reach[]
  #originMs = Number.NaN
  /** Everything below holds at this instant. */
  #atMs = Number.NaN
  #airC = 0
  #contentsC = 0
  #frost = 0
  #draught = 0
  #layerC = 0
  #thermostatC = 0
  #isCooling = false
  #isDoorOpen = false
  #habit: Habit | undefined
  #effects = noEffects
  readonly #probesC: number[]

  constructor(options: UnitOptions) {
    const { place, sensors, zone } = options
    const seed = seedFor(options.seed, place.id)
    this.#options = options
    this.#thermal = thermalOf(place)
    this.#habits = new Habits(place, this.#thermal, zone, seed)
    this.#time = new LocalTime(zone)
    this.#route = new Route(seed)
    this.#reaches = sensors.map((sensor) => reachOf(sensor, this.#thermal))
    this.#probesC = sensors.map(() => 0)
  }

  /** The instant, to the step of 5 s it lies in. */
  at(atMs: number): UnitMoment {
    const originMs = this.#originOf(atMs)
    if (originMs !== this.#originMs || atMs < this.#atMs) this.#begin(originMs)
    while (this.#atMs + STEP_MS <= atMs) this.#step()
    const habit = this.#habit ?? this.#habits.at(this.#atMs)
    const kind = this.#options.place.kind
    return {
      airC: this.#airC,
      contentsC: this.#contentsC,
      ambientC: habit.ambientC,
      probesC: [...this.#probesC],
      doorOpen: this.#isDoorOpen,
      mainsPower: kind === 'vehicle' || kind === 'box' ? undefined : this.#effects.noPower !== true,
      position: kind === 'vehicle' ? this.#route.at(habit.progress) : undefined,
    }
  }

  /** Forgets what was worked out: to be called when effects were added or ended. */
  forget(): void {
    this.#originMs = Number.NaN
  }

  #originOf(atMs: number): number {
    const minute = this.#time.minuteOf(atMs)
    const intoDay = (((minute - DAY_START_MINUTE) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
    return (Math.floor(atMs / MINUTE_MS) - intoDay) * MINUTE_MS
  }

  #begin(originMs: number): void {
    const { setpointC } = this.#options.place
    this.#originMs = originMs
    this.#atMs = originMs - WARM_UP_MS
    this.#airC = setpointC
    this.#contentsC = setpointC
    this.#frost = 0
    this.#draught = 0
    this.#layerC = 0
    this.#thermostatC = 0
    this.#isCooling = false
    this.#habit = undefined
    this.#probesC.fill(setpointC)
  }

  #step(): void {
    if (this.#habit === undefined || this.#atMs % MINUTE_MS === 0) this.#habit = this.#habits.at(this.#atMs)
    const habit = this.#habit
    this.#effects = this.#options.effectsAt(this.#atMs)
    const { doorOpen = false, defrosting = false, fansStopped = false, thermostatC = 0 } = this.#effects
    const isOpened = this.#atMs >= habit.doorFromMs && this.#atMs < habit.doorToMs
    this.#isDoorOpen = isOpened || doorOpen
    const heat = defrosting ? HOT_DEFROST : habit.isDefrosting ? 1 : 0
    this.#frost = towards(this.#frost, heat, FROST_SHARE)
    this.#draught = towards(this.#draught, habit.isLoading || doorOpen ? 1 : 0, DRAUGHT_SHARE)
    this.#layerC = towards(this.#layerC, fansStopped ? LAYER_C : 0, LAYER_SHARE)
    this.#thermostatC = towards(this.#thermostatC, thermostatC, THERMOSTAT_SHARE)
    this.#switch(habit)
    this.#flow(habit, isOpened ? 1 : doorOpen ? AJAR : 0)
    this.#follow(habit)
    this.#atMs += STEP_MS
  }

  /** The thermostat, by the air it feels. */
  #switch(habit: Habit): void {
    const setC = this.#options.place.setpointC + this.#thermostatC
    if (this.#airC > setC + this.#thermal.bandC) this.#isCooling = true
    if (this.#airC < setC - this.#thermal.bandC) this.#isCooling = false
    if (this.#effects.noPower === true || this.#effects.fansStopped === true || !habit.isOn)
      this.#isCooling = false
  }

  /** The energy balance of air and contents over one step. */
  #flow(habit: Habit, opened: number): void {
    const { lossKph, airLossKph, exchangePerHour, coolingKph, door } = this.#thermal
    const { setpointC } = this.#options.place
    // the leak that gives the stated losses at the nominal ambient, and the heat capacity of the contents behind it
    const leakPerHour = airLossKph / Math.abs(NOMINAL_AMBIENT_C - setpointC)
    const contents = airLossKph / lossKph - 1
    const toAir = exchangePerHour * (this.#contentsC - this.#airC)
    const flows =
      (leakPerHour + opened * door.exchangePerHour) * (habit.ambientC - this.#airC) +
      toAir -
      (this.#isCooling ? coolingKph : 0)
    const isKept = this.#options.place.kind === 'box' && !habit.isPacked
    const keeping = isKept ? KEPT_PER_HOUR : 0
    this.#airC += (flows + keeping * contents * (setpointC - this.#airC)) * STEP_HOURS
    this.#contentsC += (-toAir / contents + keeping * (setpointC - this.#contentsC)) * STEP_HOURS
  }

  /** What each probe has around it, and how far it has followed. */
  #follow(habit: Habit): void {
    const { setpointC } = this.#options.place
    for (let index = 0; index < this.#reaches.length; index += 1) {
      const reach = this.#reaches[index]
      if (reach === undefined) continue
      const beforeC = this.#probesC[index] ?? 0
      if (reach.isAmbient) {
        this.#probesC[index] = setpointC + reach.offsetC + habit.ambientC - NOMINAL_AMBIENT_C
        continue
      }
      const aroundC =
        this.#airC +
        reach.offsetC +
        this.#layerC +
        this.#frost * reach.frostC +
        this.#draught * reach.draughtC
      this.#probesC[index] = towards(beforeC, aroundC, reach.share)
    }
  }
}

/** What reaches a probe of what happens in its unit. */
interface Reach {
  /** Outside of the unit: as much warmer as planned on a usual day, and with the swing of the day. */
  readonly isAmbient: boolean
  readonly offsetC: number
  readonly frostC: number
  readonly draughtC: number
  /** The part of its way to what is around it that it goes in one step. */
  readonly share: number
}

function reachOf(sensor: PlannedSensor, { defrost, door, probeLagMinutes }: Thermal): Reach {
  const { role, probe, offsetC, point, pointName } = sensor
  const isAtDoor = /door|门/i.test(`${point} ${pointName.zh} ${pointName.en}`)
  const frostC =
    role === 'evaporator' ? defrost?.evaporatorC : probe === 'air' ? defrost?.airC : defrost?.productC
  return {
    isAmbient: role === 'ambient',
    offsetC,
    frostC: frostC ?? 0,
    draughtC: door.draughtC * (isAtDoor ? 1 : DRAUGHT_ELSEWHERE),
    share: probe === 'air' ? 1 : shareOfStep(probeLagMinutes),
  }
}

/** The part of its way that a body with this time constant, minutes, goes in one step. */
function shareOfStep(lagMinutes: number): number {
  return 1 - Math.exp(-STEP_MS / (lagMinutes * MINUTE_MS))
}

function towards(value: number, target: number, share: number): number {
  return value + (target - value) * share
}

/** A unit for a place and the sensors in it. */
export function createUnit(options: UnitOptions): Unit {
  return new Unit(options)
}

import { SeededRandom } from '../../tests/support/seeded-random.ts'
import { FROM_MS, SENSORS, STEP_MS } from './fleet.ts'

const HOUR_MS = 3_600_000
/** A compressor goes on and off; milli-degrees. */
const MEAN_MILLI_C = 4_800
const SWING_MILLI_C = 1_400
const SWING_STEPS = 9
/** One episode begins at one reading of so many: some two in a month per sensor. */
const EPISODE_ONE_IN = 4_000
const EPISODE_STEPS_MAX = 150

/** Decoded readings as they come in, of all sensors. */
export interface Stream {
  readonly sensors: Uint16Array
  readonly timesMs: Float64Array
  readonly milliC: Int32Array
}

/** How many of the readings come late: this share, of which the second share by up to a day, the others by an hour. */
export interface Lateness {
  readonly oneIn: number
  readonly byADayOneIn: number
}

/** Readings of all sensors, every five minutes each, step by step. */
export function streamOf(steps: number, seed: number, lateness?: Lateness): Stream {
  const random = new SeededRandom(seed)
  const weathers = Array.from({ length: SENSORS }, () => new Weather(random))
  const count = steps * SENSORS
  const stream = {
    sensors: new Uint16Array(count),
    timesMs: new Float64Array(count),
    milliC: new Int32Array(count),
  }
  const comesMs = new Float64Array(count)
  for (let step = 0, nth = 0; step < steps; step += 1) {
    for (const [sensor, weather] of weathers.entries()) {
      const tMs = FROM_MS + step * STEP_MS + Math.floor((sensor * STEP_MS) / SENSORS)
      stream.sensors[nth] = sensor
      stream.timesMs[nth] = tMs
      stream.milliC[nth] = weather.at(step)
      comesMs[nth] = tMs + delayMs(random, lateness)
      nth += 1
    }
  }
  return lateness === undefined ? stream : inOrderOf(comesMs, stream)
}

function delayMs(random: SeededRandom, lateness: Lateness | undefined): number {
  if (lateness === undefined || !random.oneIn(lateness.oneIn)) return 0
  return random.below(random.oneIn(lateness.byADayOneIn) ? 24 * HOUR_MS : HOUR_MS)
}

function inOrderOf(comesMs: Float64Array, { sensors, timesMs, milliC }: Stream): Stream {
  const order = Uint32Array.from(comesMs.keys()).toSorted((a, b) => (comesMs[a] ?? 0) - (comesMs[b] ?? 0))
  return {
    sensors: Uint16Array.from(order, (nth) => sensors[nth] ?? 0),
    timesMs: Float64Array.from(order, (nth) => timesMs[nth] ?? 0),
    milliC: Int32Array.from(order, (nth) => milliC[nth] ?? 0),
  }
}

/** What one sensor measures: a wave, and now and then an episode of warmth or cold that comes and goes. */
export class Weather {
  readonly #random: SeededRandom
  readonly #phase: number
  #episode = { from: 0, steps: 0, peakMilliC: 0 }

  constructor(random: SeededRandom) {
    this.#random = random
    this.#phase = random.below(SWING_STEPS)
  }

  at(step: number): number {
    const { from, steps } = this.#episode
    if (step >= from + steps && this.#random.oneIn(EPISODE_ONE_IN)) {
      const isCold = this.#random.oneIn(3)
      this.#episode = {
        from: step,
        steps: 3 + this.#random.below(EPISODE_STEPS_MAX),
        peakMilliC: isCold ? -6_500 : 2_500 + this.#random.below(6_000),
      }
    }
    const wave = Math.sin(((step + this.#phase) / SWING_STEPS) * 2 * Math.PI)
    const noise = this.#random.below(200) - 100
    return Math.round(MEAN_MILLI_C + SWING_MILLI_C * wave + noise + this.#deviation(step))
  }

  #deviation(step: number): number {
    const { from, steps, peakMilliC } = this.#episode
    const part = (step - from) / steps
    return part >= 0 && part < 1 ? Math.round(peakMilliC * Math.sin(part * Math.PI)) : 0
  }
}

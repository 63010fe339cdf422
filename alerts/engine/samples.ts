import assert from 'node:assert'
import { type Cause, HEAT_MILLI_C, isPowerUpValue } from '../../domain/index.ts'
import type { PointHistory, PointReading } from './input.ts'
import { Speaking } from './speaking.ts'
import { isInteger } from './spans.ts'

/**
 * What was read at one instant. Readings that share an instant (a clock of whole seconds, several numbers) have
 * no order, so the instant counts with its extremes: the highest for heat and doors, the lowest for cold, power and
 * batteries. Both null: every probe was at fault.
 */
export interface Sample {
  readonly tMs: number
  readonly low: number | null
  readonly high: number | null
  /** Something was read that makes it credible that the next reading is 85.000 (`POWER_UP_MILLI_C`) in earnest. */
  readonly isHot: boolean
}

/** A point's readings by instant, and how long each of them speaks. */
export interface Samples {
  readonly all: readonly Sample[]
  /** The instant from which the state is unknown if no other reading follows. */
  knownUntilMs(sample: Sample): number
}

/** The value of an instant that counts for a cause; null when the probe was at fault. */
export function judgedValue(sample: Sample, cause: Cause): number | null {
  return cause === 'warm' || cause === 'door' ? sample.high : sample.low
}

/** Puts readings in order and joins those of one instant. Reading twice, or in another order, changes nothing. */
export function samplesOf(history: PointHistory): Samples {
  const speaking = new Speaking(history)
  const joiner = new SampleJoiner(history, speaking)
  const all: Sample[] = []
  for (const { tMs, value } of inOrder(history.readings)) {
    if (!speaking.isPlaced(tMs)) continue
    const sample = joiner.joined(all.at(-1), tMs, value)
    if (all.at(-1)?.tMs === tMs) all.pop()
    all.push(sample)
  }
  return { all, knownUntilMs: (sample) => speaking.knownUntilMs(sample) }
}

/** Stored readings mostly come in order; sorting is for those that do not. */
export function inOrder(readings: readonly PointReading[]): readonly PointReading[] {
  const isInOrder = readings.every(
    (reading, index) => reading.tMs >= (readings[index - 1]?.tMs ?? reading.tMs),
  )
  return isInOrder ? readings : readings.toSorted((a, b) => a.tMs - b.tMs)
}

/** Joins readings that come in order of time into samples. */
export class SampleJoiner {
  readonly #point: string
  readonly #speaking: Speaking
  readonly #widen: Widen
  /** Whether a power-up value counts as heat at the instant of the newest sample. */
  #isHeat = false

  constructor({ point, quantity }: Pick<PointHistory, 'point' | 'quantity'>, speaking: Speaking) {
    this.#point = point
    this.#speaking = speaking
    this.#widen = quantity === 'temperature' ? withTemperature : withValue
  }

  /** The newest sample with a reading of its instant, or the sample of the next instant. */
  joined(newest: Sample | undefined, tMs: number, value: number | null): Sample {
    if (!isInteger(tMs) || (value !== null && !isInteger(value))) {
      assert.fail(`${this.#point}: the reading ${tMs} ${value} is not of integers`)
    }
    if (newest?.tMs === tMs) return value === null ? newest : this.#widen(newest, value, this.#isHeat)
    this.#isHeat = newest?.isHot === true && tMs < this.#speaking.untilMs(newest)
    const nothing = { tMs, low: null, high: null, isHot: false }
    return value === null ? nothing : this.#widen(nothing, value, this.#isHeat)
  }
}

/** The sample with one more value. */
type Widen = (sample: Sample, value: number, isHeat: boolean) => Sample

/** A power-up value counts as heat when it was hot before, and else as nothing. */
function withTemperature(sample: Sample, milliC: number, isHeat: boolean): Sample {
  const isHot = sample.isHot || milliC >= HEAT_MILLI_C
  if (isPowerUpValue(milliC, isHeat)) return { tMs: sample.tMs, low: sample.low, high: sample.high, isHot }
  return {
    tMs: sample.tMs,
    low: Math.min(sample.low ?? milliC, milliC),
    high: Math.max(sample.high ?? milliC, milliC),
    isHot,
  }
}

function withValue(sample: Sample, value: number): Sample {
  return {
    tMs: sample.tMs,
    low: Math.min(sample.low ?? value, value),
    high: Math.max(sample.high ?? value, value),
    isHot: sample.isHot,
  }
}

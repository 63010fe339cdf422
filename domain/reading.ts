/**
 * What one sensor measured at one instant. Integers throughout, so that limits are compared exactly:
 * temperature in milli-degrees Celsius, humidity and battery in milli-percent, position in 1e-7 degree.
 */
export interface Measurements {
  readonly temperatureMilliC?: number
  readonly humidityMilliPct?: number
  readonly batteryMilliPct?: number
  readonly doorOpen?: boolean
  readonly mainsPower?: boolean
  readonly latE7?: number
  readonly lonE7?: number
}

/** The name of one measured quantity, in a fixed order used wherever all are walked. */
export const quantities = [
  'temperatureMilliC',
  'humidityMilliPct',
  'batteryMilliPct',
  'doorOpen',
  'mainsPower',
  'latE7',
  'lonE7',
] as const satisfies readonly (keyof Measurements)[]

/** A reading as the device states it, after decoding and validation, before it is identified. */
export interface DeviceReading {
  /** Place in its message, from 0. */
  readonly item: number
  readonly sensor: string
  /** Event time as sent, epoch ms; null when the device did not say. */
  readonly atMs: number | null
  /** Per-device counter as sent; null when absent. */
  readonly seq: number | null
  readonly values: Measurements
}

/** What probes of the DS18B20 kind answer after power-up, before they have measured: exactly 85 degC. */
export const POWER_UP_MILLI_C = 85_000
/**
 * A probe that read this or more may really be at 85 degC next; a store in good order is 50 K away from it. 85 degC
 * itself is in it, so that a power-up value is believed when it is read twice on end.
 */
export const HEAT_MILLI_C = 60_000

/**
 * True when a temperature is the answer of a probe that has not measured yet, and not one; milli-degrees Celsius.
 * `isHotBefore`: the instant before had `HEAT_MILLI_C` or more and still speaks.
 */
export function isPowerUpValue(milliC: number, isHotBefore: boolean): boolean {
  return milliC === POWER_UP_MILLI_C && !isHotBefore
}

/**
 * Marks a stored reading carries, as bits. A marked reading is kept whole; the mark says why its time
 * needs care. `arrivalTime`: no time was sent, `t` is arrival. `distrusted*`: the time sent is not believed
 * and `t` is arrival (design section 5). `storeAndForward` (断点续传): true but delivered late.
 */
export const marks = {
  arrivalTime: 1,
  distrustedFuture: 2,
  distrustedUnsetClock: 4,
  distrustedBeforeAcceptFrom: 8,
  storeAndForward: 16,
} as const
/** The name of one mark. */
export type Mark = keyof typeof marks

/** Names of the marks set in `bits`. */
export function markNames(bits: number): Mark[] {
  return (Object.keys(marks) as Mark[]).filter((name) => (bits & marks[name]) !== 0)
}

/** Milli-units from a decimal number, rounded half away from zero on its shortest decimal form (4.2105 -> 4211). */
export function milliFromDecimal(value: number): number {
  return scaledInteger(value, 3)
}

/** Up to here a product in binary is off by less than a ten-millionth. */
const PLAIN_PRODUCT_MAX = 2 ** 29

/** `value * 10^digits` rounded half away from zero on the decimal the device wrote, not on its binary shadow. */
export function scaledInteger(value: number, digits: number): number {
  const product = value * (digits === 3 ? 1_000 : 10 ** digits)
  const nearest = Math.round(product)
  // far from a half, the error of the product (some 1e-7 at most here) cannot change what it is nearest to
  const isPlain = Math.abs(product) < PLAIN_PRODUCT_MAX && Math.abs(product - nearest) < 0.49
  if (isPlain) return nearest === 0 ? 0 : nearest
  const [mantissa = '0', exponent = '0'] = String(Math.abs(value)).split('e')
  const scaled = Math.round(Number(`${mantissa}e${Number(exponent) + digits}`))
  return value < 0 && scaled !== 0 ? -scaled : scaled
}

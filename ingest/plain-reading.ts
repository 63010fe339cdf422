import { DEFAULT_SENSOR, type DeviceReading } from '../domain/index.ts'
import { validateItem } from './validate.ts'

/** The fields of a reading; undefined until told. */
interface Fields {
  at: number | undefined
  seq: number | undefined
  sensor: string | undefined
  temperature: number | undefined
  humidity: number | undefined
  battery: number | undefined
  doorOpen: boolean | undefined
  mainsPower: boolean | undefined
  lat: number | undefined
  lon: number | undefined
}

const OPEN = 0x7b
const CLOSE = 0x7d
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** A number of so many digits is exact in a double without its point, and so is the power of ten to divide it by. */
const DIGITS_MAX = 15
const powersOfTen = Array.from({ length: DIGITS_MAX + 1 }, (_none, exponent) => Number(`1e${exponent}`))
/** A longer text is no name. */
const TEXT_BYTES_MAX = 64

/**
 * Reads the most usual message in one pass over its bytes: one reading without spaces, each field told once, as a plain
 * number, true, false or a short text, of which nothing is to be held. Undefined for every other message, which
 * `decodeMessage` and `validateItem` judge; where it answers, they answer the same.
 */
export function plainReading(payload: Uint8Array): DeviceReading | undefined {
  const fields = new Scan(payload).fields()
  if (fields === undefined) return undefined
  const reading = validateItem(fields, 0)
  return 'held' in reading ? undefined : reading
}

/** The bytes of a text of ASCII: comparing them costs half of comparing characters. */
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const keys = {
  at: ascii('"at":'),
  seq: ascii('"seq":'),
  sensor: ascii('"sensor":'),
  temperature: ascii('"temperature":'),
  humidity: ascii('"humidity":'),
  battery: ascii('"battery":'),
  doorOpen: ascii('"doorOpen":'),
  mainsPower: ascii('"mainsPower":'),
  lat: ascii('"lat":'),
  lon: ascii('"lon":'),
}
const TRUE = ascii('true')
const FALSE = ascii('false')

/** The text that was read last: most messages of a fleet name the same sensor. */
let lastText = DEFAULT_SENSOR
let lastTextBytes = ascii(lastText)

/** A place in the bytes of a message. What is not plain is answered with undefined and ends the scan. */
class Scan {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** The fields of the object the bytes are, and nothing else. */
  fields(): Readonly<Fields> | undefined {
    const fields: Fields = {
      at: undefined,
      seq: undefined,
      sensor: undefined,
      temperature: undefined,
      humidity: undefined,
      battery: undefined,
      doorOpen: undefined,
      mainsPower: undefined,
      lat: undefined,
      lon: undefined,
    }
    if (!this.takes(OPEN)) return undefined
    do {
      if (!this.takesField(fields)) return undefined
    } while (this.takes(COMMA))
    return this.takes(CLOSE) && this.at === this.bytes.length ? fields : undefined
  }

  /** Takes a field that was not told before; false when it is not plain. */
  private takesField(fields: Fields): boolean {
    if (fields.at === undefined && this.says(keys.at)) return (fields.at = this.number()) !== undefined
    if (fields.seq === undefined && this.says(keys.seq)) return (fields.seq = this.number()) !== undefined
    if (fields.sensor === undefined && this.says(keys.sensor))
      return (fields.sensor = this.text()) !== undefined
    if (fields.temperature === undefined && this.says(keys.temperature))
      return (fields.temperature = this.number()) !== undefined
    if (fields.humidity === undefined && this.says(keys.humidity))
      return (fields.humidity = this.number()) !== undefined
    if (fields.battery === undefined && this.says(keys.battery))
      return (fields.battery = this.number()) !== undefined
    if (fields.doorOpen === undefined && this.says(keys.doorOpen))
      return (fields.doorOpen = this.truth()) !== undefined
    if (fields.mainsPower === undefined && this.says(keys.mainsPower))
      return (fields.mainsPower = this.truth()) !== undefined
    if (fields.lat === undefined && this.says(keys.lat)) return (fields.lat = this.number()) !== undefined
    if (fields.lon === undefined && this.says(keys.lon)) return (fields.lon = this.number()) !== undefined
    return false
  }

  /** Exactly what `JSON.parse` gives: the digits and the power of ten are exact, and a division rounds once. */
  private number(): number | undefined {
    const isNegative = this.takes(MINUS)
    const from = this.at
    const whole = this.digits(0)
    const wholeDigits = this.at - from
    // JSON has no leading zeros
    if (wholeDigits === 0 || (wholeDigits > 1 && this.bytes[from] === ZERO)) return undefined
    if (wholeDigits > DIGITS_MAX) return undefined
    if (!this.takes(POINT)) return isNegative ? -whole : whole
    const pointEnd = this.at
    const digits = this.digits(whole)
    const decimals = this.at - pointEnd
    if (decimals === 0 || wholeDigits + decimals > DIGITS_MAX) return undefined
    const value = digits / (powersOfTen[decimals] ?? 1)
    return isNegative ? -value : value
  }

  /** All digits from here on as a whole number, behind those of `before`. */
  private digits(before: number): number {
    const { bytes } = this
    let whole = before
    let at = this.at
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte < ZERO || byte > NINE) break
      whole = whole * 10 + (byte - ZERO)
    }
    this.at = at
    return whole
  }

  private truth(): boolean | undefined {
    if (this.says(TRUE)) return true
    return this.says(FALSE) ? false : undefined
  }

  /** A short text, byte by byte: with an escape or beyond ASCII it is no name, and is held or read the long way. */
  private text(): string | undefined {
    if (!this.takes(QUOTE)) return undefined
    const from = this.at
    if (this.says(lastTextBytes) && this.takes(QUOTE)) return lastText
    let text = ''
    for (let at = from; at <= from + TEXT_BYTES_MAX; at += 1) {
      const byte = this.bytes[at] ?? 0
      if (byte === QUOTE) {
        this.at = at + 1
        // a copy, which `slice` of a Buffer is not
        lastTextBytes = new Uint8Array(this.bytes.subarray(from, at))
        return (lastText = text)
      }
      text += String.fromCharCode(byte)
    }
    return undefined
  }

  /** Steps over this byte if it comes next. */
  private takes(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false
    this.at += 1
    return true
  }

  /** Steps over this text if it comes next. */
  private says(text: Uint8Array): boolean {
    const { bytes, at } = this
    for (let nth = 0; nth < text.length; nth += 1) {
      if (bytes[at + nth] !== text[nth]) return false
    }
    this.at = at + text.length
    return true
  }
}

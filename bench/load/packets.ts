// Bytes of the load program, written by hand: an encoder that measures itself must not be the slow part.

/** Digits of `at` and `seq` in a payload, so that every payload of a run has the same length. */
const NUMBER_DIGITS = 13
const ZERO = 0x30
const PACKET_IDS = 65_535

/** A CONNECT with a clean session (MQTT 3.1.1 section 3.1). */
export function connectBytes(clientId: string, user: string, password: string, keepaliveS: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, keepaliveS >> 8, keepaliveS & 0xff]),
    ...[clientId, user, password].map(lengthAndText),
  ])
  return Buffer.concat([Buffer.from([0x10, ...remainingLength(body.length)]), body])
}

/** A PUBLISH at QoS 1 (MQTT 3.1.1 section 3.3). */
export function publishBytes(topic: string, packetId: number, payload: Uint8Array): Buffer {
  const head = Buffer.concat([lengthAndText(topic), Buffer.from([packetId >> 8, packetId & 0xff])])
  const first = Buffer.from([0x32, ...remainingLength(head.length + payload.length)])
  return Buffer.concat([first, head, payload])
}

/** Where the numbers of a reading begin, and how long it is. */
const reading = Buffer.from(
  `{"at":${digits(0)},"seq":${digits(0)},"sensor":"main","temperature":4.00,` +
    '"humidity":45.2,"battery":88,"doorOpen":false,"mainsPower":true}',
)
const AT_AT = reading.indexOf('"at":') + 5
const SEQ_AT = reading.indexOf('"seq":') + 6
const TEMPERATURE_AT = reading.indexOf('4.00')

/** A reading in the bytes every message of a benchmark is made of, `nth` of its device. */
export function writeReading(
  target: Uint8Array,
  at: number,
  nth: number,
  numbers: FirstNumbers,
  isWarm = false,
): void {
  target.set(reading, at)
  writeDigits(target, at + AT_AT, numbers.atMs + nth * numbers.stepMs)
  writeDigits(target, at + SEQ_AT, numbers.seq + nth)
  // 4.00 to 4.99: a fridge that is well; 9.00 to 9.99: one that is too warm
  const hundredths = nth % 100
  if (isWarm) target[at + TEMPERATURE_AT] = ZERO + 9
  target[at + TEMPERATURE_AT + 2] = ZERO + Math.trunc(hundredths / 10)
  target[at + TEMPERATURE_AT + 3] = ZERO + (hundredths % 10)
}

/** Bytes of a reading. */
export const READING_BYTES = reading.length

/** `at` and `seq` of the first reading of a device, and how far apart readings are. */
export interface FirstNumbers {
  readonly atMs: number
  readonly seq: number
  readonly stepMs: number
}

/** The messages of one device: of one reading 139 bytes each, no two readings with the same `at` and `seq`. */
export class Messages {
  /** Length of every packet. */
  readonly length: number
  readonly #template: Buffer
  readonly #payloadAt: number
  readonly #first: FirstNumbers & { readonly readings: number }
  #count = 0

  constructor(deviceId: string, first: FirstNumbers & { readonly readings: number }) {
    const { readings } = first
    // several stand in an array: each behind a bracket or a comma
    const payload = Buffer.alloc(readings === 1 ? READING_BYTES : readings * (READING_BYTES + 1) + 1, ',')
    if (readings > 1) {
      payload.write('[')
      payload.write(']', payload.length - 1)
    }
    const packet = publishBytes(`isotherm/v1/${deviceId}/readings`, 0, payload)
    this.#template = packet
    this.#payloadAt = packet.length - payload.length
    this.#first = first
    this.length = packet.length
  }

  /** Messages made so far. */
  get count(): number {
    return this.#count
  }

  /** Writes the next message at `offset` of `target`. */
  next(target: Buffer, offset: number): void {
    const { readings } = this.#first
    const nth = this.#count
    this.#count += 1
    target.set(this.#template, offset)
    const id = packetIdOf(nth)
    target[offset + this.#payloadAt - 2] = id >> 8
    target[offset + this.#payloadAt - 1] = id & 0xff
    const begin = offset + this.#payloadAt + (readings === 1 ? 0 : 1)
    for (let item = 0; item < readings; item += 1) {
      writeReading(target, begin + item * (READING_BYTES + 1), nth * readings + item, this.#first)
    }
  }
}

/** The packet id of the n-th message of a connection. */
export function packetIdOf(nth: number): number {
  return (nth % PACKET_IDS) + 1
}

function writeDigits(target: Uint8Array, end: number, value: number): void {
  let rest = value
  for (let at = end + NUMBER_DIGITS - 1; at >= end; at -= 1) {
    const next = Math.floor(rest / 10)
    target[at] = ZERO + (rest - next * 10)
    rest = next
  }
}

/** A number of 13 digits that begins with no zero, which JSON would refuse. */
function digits(value: number): string {
  return String(1_000_000_000_000 + value)
}

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** The remaining length of a fixed header (MQTT 3.1.1 section 2.2.3). */
export function remainingLength(length: number): readonly number[] {
  const bytes: number[] = []
  let rest = length
  do {
    const low = rest % 128
    rest = Math.trunc(rest / 128)
    bytes.push(rest > 0 ? low | 0x80 : low)
  } while (rest > 0)
  return bytes
}

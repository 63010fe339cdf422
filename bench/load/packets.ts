// Bytes of the load program, written by hand: an encoder that measures itself must not be the slow part.

/** How many bytes a PUBLISH of `Messages` has before its packet id and after it. */
interface Layout {
  readonly packetIdAt: number
  readonly atAt: number
  readonly seqAt: number
  readonly temperatureAt: number
}

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

/** The messages of one device: one reading each, 139 bytes, no two with the same `at`, `seq` and packet id. */
export class Messages {
  /** Length of every packet. */
  readonly length: number
  readonly #template: Buffer
  readonly #layout: Layout
  readonly #firstAtMs: number
  readonly #firstSeq: number
  #count = 0

  constructor(deviceId: string, firstAtMs: number, firstSeq: number) {
    const payload = Buffer.from(
      `{"at":${digits(0)},"seq":${digits(0)},"sensor":"main","temperature":4.00,` +
        '"humidity":45.2,"battery":88,"doorOpen":false,"mainsPower":true}',
    )
    const packet = publishBytes(`isotherm/v1/${deviceId}/readings`, 0, payload)
    const payloadAt = packet.length - payload.length
    this.#template = packet
    this.#layout = {
      packetIdAt: payloadAt - 2,
      atAt: payloadAt + payload.indexOf('"at":') + 5,
      seqAt: payloadAt + payload.indexOf('"seq":') + 6,
      temperatureAt: payloadAt + payload.indexOf('4.00'),
    }
    this.#firstAtMs = firstAtMs
    this.#firstSeq = firstSeq
    this.length = packet.length
  }

  /** Messages made so far. */
  get count(): number {
    return this.#count
  }

  /** Writes the next message at `offset` of `target`. */
  next(target: Buffer, offset: number): void {
    const { packetIdAt, atAt, seqAt, temperatureAt } = this.#layout
    const nth = this.#count
    this.#count += 1
    target.set(this.#template, offset)
    const id = packetIdOf(nth)
    target[offset + packetIdAt] = id >> 8
    target[offset + packetIdAt + 1] = id & 0xff
    writeDigits(target, offset + atAt, this.#firstAtMs + nth)
    writeDigits(target, offset + seqAt, this.#firstSeq + nth)
    // 4.00 to 4.99: a fridge that is well
    const hundredths = nth % 100
    target[offset + temperatureAt + 2] = ZERO + Math.trunc(hundredths / 10)
    target[offset + temperatureAt + 3] = ZERO + (hundredths % 10)
  }
}

/** The packet id of the n-th message of a connection. */
export function packetIdOf(nth: number): number {
  return (nth % PACKET_IDS) + 1
}

function writeDigits(target: Buffer, end: number, value: number): void {
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

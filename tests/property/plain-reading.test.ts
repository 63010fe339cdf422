import fc from 'fast-check'
import { expect, test } from 'vitest'
import { publishTopic } from '../../domain/index.ts'
import { decodeMessage, plainReading, validateItem } from '../../ingest/index.ts'

// There are two ways through a message of one reading. Where the short one answers, the long one answers the same.

/** What the long way gives: the reading of a message that has one, undefined when anything is held. */
function fromJson(payload: Uint8Array): unknown {
  const topic = publishTopic('fridge-1', 'readings')
  const record = { receivedAtMs: 0, deviceId: 'fridge-1', channel: 'mqtt', topic, qos: 1, payload } as const
  const message = decodeMessage(record)
  if (message.kind !== 'readings' || message.items.length !== 1) return undefined
  const reading = validateItem(message.items[0], 0)
  return 'held' in reading ? undefined : reading
}

/** Whether the short way was taken. */
function isAgreed(text: string | Uint8Array): boolean {
  const payload = typeof text === 'string' ? Buffer.from(text) : text
  const plain = plainReading(payload)
  const json = fromJson(payload)
  expect(plain ?? json).toStrictEqual(json)
  return plain !== undefined
}

const digits = fc.stringMatching(/^\d{0,17}$/)
const numbers = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
  fc.tuple(fc.integer({ min: -200, max: 200 }), digits).map(([whole, more]) => `${whole}.${more}`),
  fc.tuple(fc.constantFrom('', '-'), digits).map(([sign, more]) => `${sign}${more}`),
  fc.constantFrom('-0', '0.0', '-0.0', '1e3', '1E-2', '01', '.5', '5.', '85', '-127', '1767225600000'),
)
const names = [
  'at',
  'seq',
  'sensor',
  'temperature',
  'humidity',
  'battery',
  'doorOpen',
  'mainsPower',
  'lat',
  'lon',
]
const others = ['rssi', '__proto__', 'constructor', 'temp', 'temperatures', 'a', '', 'sens\\u006fr']
const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.constantFrom(...others))
const texts = fc.oneof(
  fc.constantFrom('main', 'mai', 'main2', 'probe-1', 'é', 'Ã©', 'a\\nb', 'a b', ''),
  fc.string().map((text) => JSON.stringify(text).slice(1, -1)),
)
const values = fc.oneof(
  { weight: 5, arbitrary: numbers },
  fc.constantFrom('true', 'false', 'null', 'tru', '{}', '[]', '[1]'),
  texts.map((text) => `"${text}"`),
)
const space = fc.oneof({ weight: 30, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\n', '\uFEFF', ','))

test('any message that looks like one reading', () => {
  const field = fc.tuple(name, values, space).map(([each, value, gap]) => `"${each}":${gap}${value}`)
  const message = fc
    .tuple(fc.array(field, { maxLength: 6 }), space, space)
    .map(([fields, before, after]) => `${before}{${fields.join(',')}}${after}`)
  fc.assert(
    fc.property(message, (text) => {
      isAgreed(text)
    }),
    { numRuns: 3_000 },
  )
})

/** Mostly with few digits. */
function decimals(scale: number, least: number, most: number): fc.Arbitrary<number> {
  const scaled = fc.integer({ min: least * scale, max: most * scale }).map((value) => value / scale)
  return fc.oneof({ weight: 9, arbitrary: scaled }, fc.double({ min: least, max: most, noNaN: true }))
}

const place = fc.tuple(decimals(1e6, -90, 90), decimals(1e6, -180, 180))
const given = fc.record(
  {
    at: fc.integer({ min: 0, max: 4e12 }),
    seq: fc.oneof(fc.nat(), fc.maxSafeNat()),
    sensor: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
    temperature: decimals(1_000, -200, 200),
    humidity: decimals(10, 0, 110),
    battery: fc.integer({ min: 0, max: 110 }),
    doorOpen: fc.boolean(),
    mainsPower: fc.boolean(),
    place,
  },
  { requiredKeys: [] },
)

test('any reading as JSON.stringify writes it, and with any byte of it changed', () => {
  let plain = 0
  fc.assert(
    fc.property(given, fc.nat(), fc.nat(255), ({ place: at, ...more }, changed, byte) => {
      const [lat, lon] = at ?? []
      const bytes = Buffer.from(JSON.stringify({ ...more, lat, lon }))
      if (isAgreed(bytes)) plain += 1
      bytes[changed % bytes.length] = byte
      isAgreed(bytes)
    }),
    { numRuns: 2_000 },
  )
  // otherwise nothing would have been compared
  expect(plain).toBeGreaterThan(500)
})

test('the short way is taken for the example of the outside contract', () => {
  const more = '"humidity":45.2,"battery":88,"doorOpen":false,"mainsPower":true,"lat":31.5,"lon":120.3'
  expect(isAgreed(`{"at":1795401600000,"seq":7,"sensor":"main","temperature":4.21,${more}}`)).toBe(true)
  expect(isAgreed('{"temperature":-0}')).toBe(true)
  expect(isAgreed('{"temperature":4,"temperature":5}')).toBe(false)
  expect(isAgreed('{"temperature":4.2000000000000002}')).toBe(false)
})

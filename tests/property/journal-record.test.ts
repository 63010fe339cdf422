import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Channel,
  channels,
  decodeReadmission,
  decodeRecord,
  deviceHash,
  encodeReadmission,
  encodeRecord,
  type MessageRecord,
  PAYLOAD_BYTES_MAX,
  Problem,
  RECORD_BYTES_MAX,
} from '../../domain/index.ts'

const records: fc.Arbitrary<MessageRecord> = fc.record({
  receivedAtMs: fc.maxSafeNat(),
  deviceId: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
  channel: fc.constantFrom(...(Object.keys(channels) as Channel[])),
  topic: fc.string({ maxLength: 200, unit: 'grapheme' }).map((text) => text.toWellFormed()),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  payload: fc.uint8Array({ maxLength: 2000 }),
})

const payload = Uint8Array.of(1)

test('decoding an encoded record gives the record', () => {
  const marked = { receivedAtMs: 0, deviceId: 'd', channel: 'mqtt', topic: '\uFEFFt', qos: 0 } as const
  expect(decodeRecord(encodeRecord({ ...marked, payload: new Uint8Array(0) })).topic).toBe('\uFEFFt')
  fc.assert(
    fc.property(records, (record) => {
      const decoded = decodeRecord(encodeRecord(record))
      expect({ ...decoded, payload: [...decoded.payload] }).toEqual({
        ...record,
        payload: [...record.payload],
      })
    }),
  )
})

test('encoding what was decoded gives the same bytes: there is one encoding only', () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.nat(255), (record, place, value) => {
      const bytes = encodeRecord(record)
      bytes[place % bytes.length] = value
      const decoded = decodedOrDamaged(bytes)
      expect(decoded === 'damaged' ? bytes : encodeRecord(decoded)).toEqual(bytes)
    }),
  )
})

test('shortened or lengthened bytes are damage', () => {
  fc.assert(
    fc.property(records, fc.nat(), (record, cut) => {
      const bytes = encodeRecord(record)
      expect(decodedOrDamaged(bytes.subarray(0, cut % bytes.length))).toBe('damaged')
      expect(decodedOrDamaged(Uint8Array.from([...bytes, 0]))).toBe('damaged')
    }),
  )
})

test.each([
  [0, 2, 'version'],
  [1, 7, 'channel'],
  [2, 3, 'qos'],
  [3, 1, 'receivedAt beyond 2^53'],
  [11, 255, 'device length'],
  [12, 0xff, 'device text'],
])('byte %d set to %d (%s) is damage', (place, value) => {
  const bytes = encodeRecord({
    receivedAtMs: 1,
    deviceId: 'd',
    channel: 'http',
    topic: 't',
    qos: 0,
    payload: Uint8Array.of(1),
  })
  bytes[place] = value
  expect(decodedOrDamaged(bytes)).toBe('damaged')
})

test('the largest payload of the longest device and topic fits; a larger envelope is refused', () => {
  const base = { receivedAtMs: 1, deviceId: 'd'.repeat(64), channel: 'ws', qos: 2 } as const
  const topic = `isotherm/v1/${base.deviceId}/responses`
  const bytes = encodeRecord({ ...base, topic, payload: new Uint8Array(PAYLOAD_BYTES_MAX) })
  expect(bytes.length).toBe(16 + 64 + 86 + 61_440)
  const payload = encodeReadmission({ index: Number.MAX_SAFE_INTEGER, record: decodeRecord(bytes) })
  const again = decodeRecord(encodeRecord({ ...base, channel: 'readmission', topic, payload }))
  expect(encodeRecord(decodeReadmission(again.payload).record)).toEqual(bytes)
  const decision = { item: 4_399, stands: 'held' } as const
  const about = { index: Number.MAX_SAFE_INTEGER, record: decodeRecord(bytes), decision }
  const decided = { ...base, channel: 'readmission', topic, payload: encodeReadmission(about) } as const
  expect(decodeReadmission(decodeRecord(encodeRecord(decided)).payload)).toEqual(about)
  const largest = RECORD_BYTES_MAX - 16 - 64 - 86
  expect(encodeRecord({ ...base, topic, payload: new Uint8Array(largest) }).length).toBe(65_535)
  expect(() => encodeRecord({ ...base, topic, payload: new Uint8Array(largest + 1) })).toThrow(
    expect.objectContaining({ code: 'payload-too-large' }),
  )
})

const spellings = fc.constantFrom('a', 'b', 'é', 'Ã©', 'è', '\uFEFF', 'ab')

test('records decode the same whatever was decoded before them', () => {
  const head = fc.record({ deviceId: spellings, topic: spellings })
  const base = { receivedAtMs: 1, channel: 'mqtt', qos: 1, payload } as const
  fc.assert(
    fc.property(fc.array(head, { maxLength: 40 }), (given) => {
      const decoded = given.map((each) => decodeRecord(encodeRecord({ ...base, ...each })))
      expect(decoded.map(({ deviceId, topic }) => ({ deviceId, topic }))).toEqual(given)
    }),
  )
})

test('damaged text is damage also where a whole one was decoded before', () => {
  const given = { receivedAtMs: 1, deviceId: 'dé', channel: 'http', topic: 'é', qos: 0 } as const
  const bytes = encodeRecord({ ...given, payload })
  expect(decodeRecord(bytes).deviceId).toBe('dé')
  for (const place of [13, 17]) {
    const broken = bytes.slice()
    broken[place] = 0xff
    expect(decodedOrDamaged(broken)).toBe('damaged')
  }
})

test('the hash of a device is the same in all its records, and parts a fleet evenly', () => {
  const hashOf = (record: MessageRecord): number => deviceHash(encodeRecord(record))
  fc.assert(
    fc.property(records, records, (one, other) => {
      expect(hashOf({ ...one, deviceId: other.deviceId })).toBe(hashOf(other))
    }),
  )
  for (const prefix of ['logger-', 'fridge-', '8690-']) {
    for (const shares of [2, 3, 8]) {
      const counts = Array.from({ length: shares }, () => 0)
      for (let number = 0; number < 10_000; number += 1) {
        const deviceId = `${prefix}${number}`
        const hash = hashOf({ receivedAtMs: 1, deviceId, channel: 'mqtt', topic: 't', qos: 0, payload })
        counts[hash % shares] = (counts[hash % shares] ?? 0) + 1
      }
      expect(Math.min(...counts)).toBeGreaterThan((0.9 * 10_000) / shares)
    }
  }
})

function decodedOrDamaged(bytes: Uint8Array): MessageRecord | 'damaged' {
  try {
    return decodeRecord(bytes)
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'journal-damaged') return 'damaged'
    throw thrown
  }
}

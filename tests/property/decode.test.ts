import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { heldReasons, PAYLOAD_BYTES_MAX, publishTopic } from '../../domain/index.ts'
import { decodeMessage, validateItem } from '../../ingest/index.ts'

// A record that made ingest throw would stop it for every device, at every start: nothing a device sends may.

const topics = ['readings', 'status', 'responses'] as const

/** Decodes and validates; answers the reasons of what is held. What is held must be writable as an excerpt. */
function reasonsOf(payload: Uint8Array, kind: (typeof topics)[number]): string[] {
  const topic = publishTopic('fridge-1', kind)
  const record = { receivedAtMs: 0, deviceId: 'fridge-1', channel: 'mqtt', topic, qos: 1, payload } as const
  const message = decodeMessage(record)
  if (message.kind === 'held') return [message.reason]
  if (message.kind !== 'readings') return []
  return message.items.flatMap((raw, item) => {
    const reading = validateItem(raw, item)
    return 'held' in reading && JSON.stringify(raw) !== undefined ? [reading.held] : []
  })
}

function take(payload: Uint8Array, kind: (typeof topics)[number]): void {
  for (const reason of reasonsOf(payload, kind)) expect(heldReasons).toHaveProperty(reason)
}

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
const keys = fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor', 'toString'), fc.string())
const values = fc.jsonValue({ maxDepth: 3, noUnicodeString: false })
const reading = fc.dictionary(keys, values)

describe('whatever a device sends, decoding answers', () => {
  test('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...topics), take))
  })

  test('any JSON, with the names of readings in it', () => {
    const json = fc.oneof(values, reading, fc.array(reading, { maxLength: 5 }))
    fc.assert(
      fc.property(json, fc.constantFrom(...topics), (value, kind) => {
        take(Buffer.from(JSON.stringify(value)), kind)
      }),
    )
  })

  test('any nesting, closed or not, up to the largest payload', () => {
    const open = fc.constantFrom('[', '{"a":', '{"at":[', '"\\"', '{"sensor":')
    const shape = fc.tuple(open, fc.constantFrom(']', '}', ''), fc.integer({ min: 0, max: 20_000 }))
    fc.assert(
      fc.property(shape, fc.constantFrom(...topics), ([begin, end, depth], kind) => {
        const text = `[${begin.repeat(depth)}1${end.repeat(depth)}]`.slice(0, PAYLOAD_BYTES_MAX)
        take(Buffer.from(text), kind)
      }),
      { numRuns: 60 },
    )
  })
})

import type { SeededRandom } from '../../tests/support/seeded-random.ts'

/** The largest payload that is taken (design section 8). */
const PAYLOAD_BYTES_MAX = 61_440

type Draw = (random: SeededRandom) => Uint8Array | string

/** Payloads no device should send, each within the size that is taken: they must be acknowledged, and held by name. */
const draws: readonly Draw[] = [
  (random) => random.bytes(random.below(600)),
  // deep nesting, closed and not
  (random) => '['.repeat(1 + random.below(PAYLOAD_BYTES_MAX)),
  (random) => {
    const depth = 1 + random.below(30_000)
    return '['.repeat(depth) + ']'.repeat(depth)
  },
  (random) => {
    const depth = 1 + random.below(10_000)
    return '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
  },
  // numbers beyond what a number holds
  (random) => `{"temperature":${'9'.repeat(1 + random.below(60_000))}}`,
  (random) => `{"temperature":1e${random.below(1_000_000)},"at":-1e${random.below(400)},"seq":1e308}`,
  () => '{"temperature":-0,"humidity":1e-400,"battery":0.1e1,"seq":-1,"at":8640000000000001}',
  () => '{"temperature":4.2,"at":"-271821-04-20T00:00:00Z","seq":9007199254740993}',
  // names that mean something to JavaScript, twice and empty
  () => '{"__proto__":{"temperature":1},"constructor":2,"toString":3,"hasOwnProperty":4,"temperature":5}',
  () => '{"temperature":1,"temperature":"2","temperature":null,"":0}',
  (random) => `{"temperature":5,"sensor":"${'s'.repeat(random.below(60_000))}"}`,
  () => '{"temperature":5,"sensor":"../../etc/passwd"}',
  () => '{"temperature":5,"sensor":"a\\u0000b","x":"\\ud800"}',
  () => `{"temperature":5,"sensor":"'; drop table reading; --"}`,
  // text that is no UTF-8, and characters nobody expects
  (random) =>
    Buffer.concat([Buffer.from('{"temperature":4,"sensor":"'), random.bytes(64), Buffer.from('"}')]),
  () => Buffer.from([0xef, 0xbb, 0xbf, ...Buffer.from('{"temperature":4.2}')]),
  () => Buffer.from('{"temperature":4.2}', 'utf16le'),
  (random) => Buffer.alloc(random.below(PAYLOAD_BYTES_MAX), 0),
  () => Buffer.from([0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xc0, 0x80]),
  // arrays as long as they get
  (random) => arrayOf('{"battery":1}', random),
  (random) => arrayOf('{"temperature":4.2,"at":1}', random),
  (random) => arrayOf('0', random),
  (random) => arrayOf('[]', random),
  (random) =>
    `[${Array.from({ length: 400 }, (_, n) => `{"temperature":${n},"sensor":"s${random.below(1e9)}"}`).join(',')}]`,
  (random) => `{${Array.from({ length: 4_000 }, (_, n) => `"${n}":${random.below(10)}`).join(',')}}`,
  // what is no reading
  () => '',
  () => 'null',
  () => '"temperature"',
  () => '{}',
  () => '[]',
  () => 'NaN',
  () => '{"temperature":NaN}',
  () => '{"temperature":"4.2","humidity":[1],"doorOpen":"yes","mainsPower":1,"lat":91,"lon":null}',
  () => '{"temperature":327.67}',
  () => '{"temperature":4.2',
  () => '{"temperature":4.2}}',
  () => '{temperature:4.2,}',
]

/** The next hostile payload, of at most 61,440 bytes. */
export function hostilePayload(random: SeededRandom): Buffer {
  const draw = draws[random.below(draws.length)] ?? (() => '')
  return Buffer.from(draw(random)).subarray(0, PAYLOAD_BYTES_MAX)
}

/** `items` often enough to fill a payload, or half of one. */
function arrayOf(item: string, random: SeededRandom): string {
  const most = Math.floor((PAYLOAD_BYTES_MAX - 2) / (item.length + 1))
  const length = random.oneIn(2) ? most : Math.ceil(most / 2)
  return `[${Array.from({ length }, () => item).join(',')}]`
}

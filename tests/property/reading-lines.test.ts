import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sensorPath } from '../../domain/index.ts'
import { escapedTag } from '../../store/influx/line.ts'
import { Lines } from '../../store/influx/lines.ts'
import { ReadingLines } from '../../store/influx/reading-lines.ts'
import type { ReadingPlace } from '../../store/readings/port.ts'
import type { ChangedTuple } from '../../store/readings/tuples.ts'
import { textsOf } from '../support/influx-lines.ts'

/** A sensor, where it is, and rows of it. */
interface Sensor {
  readonly device: string
  readonly sensor: string
  readonly where: ReadingPlace | undefined
}

const NONE: ReadingPlace = { site: 'none', place: 'none', point: 'none' }
const INT64_MAX = 2n ** 63n - 1n

/** What a line is, plainly: the text of each number as JavaScript writes it. Undefined where there can be none. */
function model({ device, sensor, where = NONE }: Sensor, row: ChangedTuple): string | undefined {
  const [, , tMs, sub, seq, receivedAtMs, temperature, humidity, battery, door, mains, lat, lon] = row
  const { site, place, point } = where
  const [path, ...tags] = [sensorPath(device, sensor), place, point, site].map(escapedTag)
  if ([path, ...tags].includes(undefined)) return undefined
  const timeNs = BigInt(tMs) * 1_000_000n + BigInt(sub)
  if (timeNs >= INT64_MAX || timeNs <= -INT64_MAX) return undefined
  const thousandths = (n: number | null): string | null => (n === null ? null : String(n / 1000))
  const flag = (n: number | null): string | null => (n === null ? null : String(n === 1))
  const degrees = (e7: number | null): string | null => {
    if (e7 === null) return null
    return Math.abs(e7) < 100 ? (e7 / 1e7).toFixed(7) : String(e7 / 1e7)
  }
  const fields = Object.entries({
    temperature: thousandths(temperature),
    humidity: thousandths(humidity),
    battery: thousandths(battery),
    door_open: flag(door),
    mains_power: flag(mains),
    lat: degrees(lat),
    lon: degrees(lon),
    received_ms: `${receivedAtMs}i`,
    seq: seq === null ? null : `${seq}i`,
  }).flatMap(([name, text]) => (text === null ? [] : [`${name}=${text}`]))
  return `reading,place=${tags[0]},point=${tags[1]},sensor=${path},site=${tags[2]} ${fields.join(',')} ${timeNs}`
}

const around = (...centres: number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...centres), fc.integer({ min: -3, max: 3 })).map(([at, by]) => at + by)
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const integer = fc.oneof(fc.maxSafeInteger(), int32, around(0, 2 ** 31, -(2 ** 31), 2 ** 32))
/** Any power of ten and its neighbours, and what lies just below a multiple of a billion. */
const whole = fc.oneof(
  fc.maxSafeNat(),
  fc.integer({ min: 0, max: 15 }).map((exponent) => 10 ** exponent),
  fc.integer({ min: 1, max: 9_007_199 }).map((billions) => billions * 1e9 - 1),
  fc.constantFrom(0, 2 ** 53 - 1),
)
/** What no row has; the text is still that of `String`. */
const unusual = fc.constantFrom(0.5, -0, 1e21, 2 ** 60, -1.5e-9)
const milli = fc.oneof(
  fc.integer({ min: -60_000, max: 60_000 }),
  around(0, -40, 1000, -1000, 100, 85_000),
  integer,
  unusual,
)
const e7 = fc.oneof(
  fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
  around(0, 100, -100, 10_000_000),
  fc.integer({ min: -180, max: 180 }).map((degrees) => degrees * 10_000_000),
  integer,
)
const T_MS_MAX = 8_640_000_000_000_000
const tMs = fc.oneof(
  fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
  fc.integer({ min: -T_MS_MAX, max: T_MS_MAX }),
  around(0, 9_000_000_000_000, 9_223_372_036_854, -9_223_372_036_854),
)
const sub = fc.oneof(fc.integer({ min: 0, max: 999_999 }), fc.constantFrom(0, 1, 99_999, 775_806, 775_807))
const bit = fc.constantFrom(0, 1)
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value)
const values = fc.tuple(
  orNull(milli),
  orNull(milli),
  orNull(milli),
  orNull(bit),
  orNull(bit),
  orNull(e7),
  orNull(e7),
)

const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9._-]{1,20}$/),
  fc.string({
    unit: fc.constantFrom('a', ' ', ',', '=', '"', '冷', '链', '😀', 'é', '\\', '\n'),
    maxLength: 12,
  }),
  // longer than all there is room for at first
  fc.integer({ min: 1, max: 20_000 }).map((length) => '长'.repeat(length)),
)
const where = fc.option(fc.record({ site: name, place: name, point: name }), { nil: undefined })
const sensors = fc.array(fc.record({ device: name, sensor: name, where }), { minLength: 1, maxLength: 4 })
const rows = fc.array(
  fc.tuple(fc.nat(3), tMs, sub, orNull(whole), fc.oneof(whole, integer, unusual), values),
  {
    maxLength: 60,
  },
)

test('the bytes of readings are those of their texts, whatever the numbers and names are', () => {
  const used = new Lines()
  fc.assert(
    fc.property(sensors, rows, fc.boolean(), (named, drawn, isUsed) => {
      used.clear()
      const lines = isUsed ? used : new Lines()
      const at = (series: number): Sensor =>
        named[series % named.length] ?? { device: '', sensor: '', where: undefined }
      const sensorNamed = (device: string, sensor: string): Sensor | undefined =>
        named.find((each) => each.device === device && each.sensor === sensor)
      const made = new ReadingLines(
        { sensorOf: at },
        {
          version: () => 0,
          around: (device, sensor) => {
            return { fromMs: -Infinity, toMs: Infinity, where: sensorNamed(device, sensor)?.where }
          },
        },
      )
      const expected: string[] = []
      for (const [series, t, nth, seq, received, columns] of drawn) {
        const row: ChangedTuple = [0, series, t, nth, seq, received, ...columns]
        const { device, sensor } = at(series)
        const text = model(sensorNamed(device, sensor) ?? at(series), row)
        expect(made.add(lines, row) === undefined).toBe(text !== undefined)
        if (text !== undefined) expected.push(text)
      }
      expect(textsOf(lines)).toEqual(expected)
      const body = lines.count === 0 ? '' : Buffer.from(lines.body(0, lines.count)).toString()
      expect(body).toBe(expected.join('\n'))
    }),
    { numRuns: 1_000 },
  )
})

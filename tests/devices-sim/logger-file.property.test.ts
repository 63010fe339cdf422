import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { IANAZone } from 'luxon'
import { expect, it } from 'vitest'
import type { LoggerRow } from '../../devices-sim/index.ts'
import { readLoggerFile } from '../../devices-sim/index.ts'

const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }

const timeDialects = ['rfc3339', 'iso', 'dmy', 'mdy', 'ampm', 'epoch-s', 'epoch-ms'] as const
const zones = ['UTC', 'Asia/Shanghai', 'America/St_Johns', 'Europe/London', '+05:45']

type ArbitraryValue<A> = A extends fc.Arbitrary<infer T> ? T : never

/** Any way a logger program may write its file. */
const dialects = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  lastLineEnd: fc.boolean(),
  byteOrderMark: fc.boolean(),
  quoted: fc.boolean(),
  decimal: fc.constantFrom('.', ','),
  time: fc.constantFrom(...timeDialects),
  zone: fc.constantFrom(...zones),
  unit: fc.constantFrom('header C', 'header F', 'column', 'option F', 'silent C'),
  columns: fc.shuffledSubarray(['time', 'value', 'rh', 'probe', 'unit', 'note'] as const, { minLength: 6 }),
  gzip: fc.boolean(),
  chunkBytes: fc.integer({ min: 1, max: 4096 }),
})
type Dialect = ArbitraryValue<typeof dialects>

/** A reading with its temperature in steps of 5 m degC, which are whole m degF. */
const readings = fc.record({
  minutes: fc.integer({ min: 0, max: 2_000_000 }),
  seconds: fc.integer({ min: 0, max: 59 }),
  fiveMilliC: fc.integer({ min: -20_000, max: 20_000 }),
  fahrenheit: fc.boolean(),
  deciPercent: fc.option(fc.integer({ min: 0, max: 1000 })),
  probe: fc.constantFrom('In', 'Out', 'p-1_2.x'),
  note: fc.string({ maxLength: 12 }),
})
type Reading = ArbitraryValue<typeof readings>

const START_MS = Date.UTC(2020, 0, 13)
const wallMs = (reading: Reading): number => START_MS + reading.minutes * 60_000 + reading.seconds * 1000

/** The instant a wall-clock time means, found from all offsets the zone has; undefined when it never was. */
function instantOf(wall: number, zone: string): number | undefined {
  const rules = IANAZone.create(zone)
  const instants: number[] = []
  for (let minutes = -14 * 60; minutes <= 14 * 60; minutes += 15) {
    const instant = wall - minutes * 60_000
    if (rules.offset(instant) === minutes) instants.push(instant)
  }
  return instants.length === 0 ? undefined : Math.min(...instants)
}

function timeText(ms: number, dialect: Dialect): string {
  const [date = '', clock = ''] = new Date(ms).toISOString().slice(0, 19).split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  const hour = Number(clock.slice(0, 2))
  const half = hour < 12 ? 'AM' : 'PM'
  const texts = {
    rfc3339: `${date}T${clock}Z`,
    iso: `${date} ${clock}`,
    dmy: `${day}/${month}/${year} ${clock}`,
    mdy: `${month}-${day}-${year} ${clock}`,
    ampm: `${Number(month)}/${Number(day)}/${year} ${hour % 12 || 12}${clock.slice(2)} ${half}`,
    'epoch-s': String(ms / 1000),
    'epoch-ms': String(ms),
  }
  return texts[dialect.time]
}

function inFahrenheit(reading: Reading, unit: Dialect['unit']): boolean {
  return unit === 'column' ? reading.fahrenheit : unit.endsWith('F')
}

function milliText(milli: number, decimal: string): string {
  const digits = String(Math.abs(milli)).padStart(4, '0')
  return `${milli < 0 ? '-' : ''}${digits.slice(0, -3)}${decimal}${digits.slice(-3)}`
}

const unitHeaders = {
  'header C': 'Temperature (°C)',
  'header F': 'temp_F',
  column: 'value',
  'option F': 'Temp',
  'silent C': 'Reading',
} as const

function write(all: readonly Reading[], dialect: Dialect): Uint8Array {
  const { delimiter, decimal, unit } = dialect
  const cell = (text: string): string =>
    dialect.quoted || /["\r\n\t;,]/.test(text) || text.trim() !== text
      ? `"${text.replaceAll('"', '""')}"`
      : text
  const line = (cells: Record<Dialect['columns'][number], string>): string =>
    dialect.columns.map((column) => cell(cells[column])).join(delimiter)
  const header = {
    time: 'noted_date',
    value: unitHeaders[unit],
    rh: 'RH',
    probe: 'out/in',
    unit: unit === 'column' ? 'Unit' : 'firmware',
    note: 'note',
  }
  const lines = all.map((reading) => {
    const milliC = reading.fiveMilliC * 5
    const fahrenheit = inFahrenheit(reading, unit)
    return line({
      time: timeText(wallMs(reading), dialect),
      value: milliText(fahrenheit ? (milliC / 5) * 9 + 32_000 : milliC, decimal),
      rh: reading.deciPercent === null ? '' : String(reading.deciPercent / 10).replace('.', decimal),
      probe: reading.probe,
      unit: fahrenheit ? 'F' : '°C',
      note: reading.note,
    })
  })
  const text = [line(header), ...lines].join(dialect.lineEnd) + (dialect.lastLineEnd ? dialect.lineEnd : '')
  const bytes = new TextEncoder().encode((dialect.byteOrderMark ? '\uFEFF' : '') + text)
  return dialect.gzip ? gzipSync(bytes) : bytes
}

function expectedRows(all: readonly Reading[], { time, zone }: Dialect): LoggerRow[] {
  const needsZone = ['iso', 'dmy', 'mdy', 'ampm'].includes(time)
  return all.flatMap((reading, index) => {
    const atMs = needsZone ? instantOf(wallMs(reading), zone) : wallMs(reading)
    if (atMs === undefined) return []
    return [
      {
        row: index + 1,
        atMs,
        temperatureCelsius: (reading.fiveMilliC * 5) / 1000,
        sensor: reading.probe,
        ...(reading.deciPercent === null ? {} : { humidityPercent: reading.deciPercent / 10 }),
      },
    ]
  })
}

async function* chunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes)
  }
}

function readBack(all: readonly Reading[], dialect: Dialect): ReturnType<typeof readLoggerFile> {
  return readLoggerFile({
    bytes: chunks(write(all, dialect), dialect.chunkBytes),
    fileName: 'log.csv',
    options: { sensorColumn: 'out/in', ...(dialect.unit === 'option F' ? { unit: 'F' } : {}) },
    defaultZone: dialect.zone,
  })
}

/** First rows that any guess can stand on: day 13 tells it from the month, and it exists in every zone. */
const firstReading: Reading = {
  minutes: 600,
  seconds: 0,
  fiveMilliC: 800,
  fahrenheit: false,
  deciPercent: 450,
  probe: 'In',
  note: '',
}

it('reads back what any supported dialect writes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(readings, { maxLength: 30 }), dialects, async (some, dialect) => {
      const all = [firstReading, ...some]
      const file = await readBack(all, dialect)
      expect(file.rows).toEqual(expectedRows(all, dialect))
      expect(file.rows.length + file.rejected.length).toBe(all.length)
      expect(file.rejected.every((row) => row.reason === 'skipped-local-time')).toBe(true)
    }),
    { numRuns: Number(process.env.RUNS ?? 300), ...seed },
  )
})

function content(rows: readonly LoggerRow[]): string[] {
  return rows.map((row) => JSON.stringify({ ...row, row: 0 })).toSorted()
}

it('numbers rows by their place in the file, whatever the order of their times', async () => {
  const shuffles = fc
    .array(readings, { minLength: 1, maxLength: 20 })
    .chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })))
  await fc.assert(
    fc.asyncProperty(shuffles, dialects, async ([some, shuffled], dialect) => {
      const before = await readBack([firstReading, ...some], dialect)
      const after = await readBack([firstReading, ...shuffled], dialect)
      const numbers = [...after.rows, ...after.rejected].map((each) => each.row)
      expect(numbers.toSorted((a, b) => a - b)).toEqual([...some, 0].map((_, index) => index + 1))
      expect(content(after.rows)).toEqual(content(before.rows))
    }),
    { numRuns: Number(process.env.RUNS ?? 100), ...seed },
  )
})

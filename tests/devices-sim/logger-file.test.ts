import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../domain/index.ts'
import type { LoggerFile, LoggerFileOptions } from '../../devices-sim/index.ts'
import { LOGGER_FILE_BYTES_MAX, readLoggerFile } from '../../devices-sim/index.ts'

function read(text: string | Uint8Array, options: LoggerFileOptions = {}): Promise<LoggerFile> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return readLoggerFile({ bytes, fileName: 'log.csv', options, defaultZone: 'UTC' })
}
async function problemOf(reading: Promise<LoggerFile>): Promise<Problem> {
  const thrown: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (thrown instanceof Problem) return thrown
  throw new Error('the file was read, or something else than a Problem was thrown', { cause: thrown })
}

const first = '2026-11-23T02:40:00Z'
const firstMs = Date.parse(first)

describe('readLoggerFile', () => {
  it('reads chunks cut anywhere, with a byte order mark and old line ends', async () => {
    const all = new TextEncoder().encode(`\uFEFFTime;Temperature (°C);RH %\r${first};3,5;45,2\r`)
    const bytes = (async function* () {
      for (const byte of all) yield Uint8Array.of(byte)
    })()
    const file = await readLoggerFile({ bytes, fileName: 'log.csv', defaultZone: 'UTC' })
    expect(file.rows).toEqual([{ row: 1, atMs: firstMs, temperatureCelsius: 3.5, humidityPercent: 45.2 }])
    expect(file.plan).toMatchObject({
      delimiter: ';',
      columns: ['Time', 'Temperature (°C)', 'RH %'],
      unit: { value: 'C', why: "the header 'Temperature (°C)'" },
      humidityColumn: { value: 'RH %' },
    })
  })

  it('reads UTF-16 with tabs, as spreadsheets write it', async () => {
    const text = `\uFEFF记录时间\t温度(℉)\t湿度\n2026/11/23 10:40\t39.2\t-\n`
    const file = await readLoggerFile({
      bytes: Buffer.from(text, 'utf16le'),
      fileName: 'log.csv',
      defaultZone: 'Asia/Shanghai',
    })
    expect(file.rows).toEqual([{ row: 1, atMs: firstMs, temperatureCelsius: 4 }])
    expect(file.plan.zone).toEqual({
      value: 'Asia/Shanghai',
      why: 'the default zone, as the file names none',
    })
  })

  it('takes unit, zone and sensor row by row where columns say them', async () => {
    const file = await read(
      `time,probe,value,unit,tz
2026-11-23 10:40,A,39.2,°F,Asia/Shanghai
2026-11-23 02:40,B,4,celsius,UTC
2026-11-23 02:40,B,4,K,UTC
2026-11-23 02:40,B 2,4,C,UTC
2026-11-23 02:40,B,4,C,Mars
`,
      { sensorColumn: 'probe' },
    )
    expect(file.rows).toEqual([
      { row: 1, atMs: firstMs, temperatureCelsius: 4, sensor: 'A' },
      { row: 2, atMs: firstMs, temperatureCelsius: 4, sensor: 'B' },
    ])
    expect(file.rejected).toEqual([
      { row: 3, line: 4, field: 'unit', reason: 'unknown-unit', cell: 'K' },
      { row: 4, line: 5, field: 'probe', reason: 'bad-sensor-name', cell: 'B 2' },
      { row: 5, line: 6, field: 'tz', reason: 'unknown-zone', cell: 'Mars' },
    ])
    expect(file.plan).toMatchObject({ unit: { value: 'column unit' }, zone: { value: 'column tz' } })
  })

  it('lets options go before everything the file says', async () => {
    const text = `when,Temperature F,other,tz\n01/02/2026 10:00,39.2,5,UTC\n`
    const options = { timeColumn: 'WHEN', timeFormat: 'dmy', zone: 'Asia/Shanghai', unit: 'C' } as const
    const file = await read(text, { ...options, valueColumn: 'other', humidityColumn: 'Temperature F' })
    expect(file.rows).toEqual([
      {
        row: 1,
        atMs: Date.parse('2026-02-01T02:00:00Z'),
        temperatureCelsius: 5,
        humidityPercent: 39.2,
      },
    ])
    expect(file.plan.unit).toEqual({ value: 'C', why: 'named by --unit' })
    expect(file.plan.zone).toEqual({ value: 'Asia/Shanghai', why: 'named by --zone' })
  })

  it('does not mind spaces around names and cells', async () => {
    const file = await read(` Time , Temp F , "RH" \n ${first} , 39.2 , 40 \n`, { humidityColumn: ' rh' })
    expect(file.rows).toEqual([{ row: 1, atMs: firstMs, temperatureCelsius: 4, humidityPercent: 40 }])
    expect(file.plan.columns).toEqual(['Time', 'Temp F', 'RH'])
  })

  it('takes UTC from the header of the time column', async () => {
    const file = await readLoggerFile({
      bytes: new TextEncoder().encode('Timestamp (UTC),tempF\n2026-11-23 02:40,39.2\n'),
      fileName: 'log.csv',
      defaultZone: 'Asia/Shanghai',
    })
    expect(file.rows).toEqual([{ row: 1, atMs: firstMs, temperatureCelsius: 4 }])
    expect(file.plan.zone).toEqual({ value: 'UTC', why: "the header 'Timestamp (UTC)'" })
  })

  it('numbers rows by their place in the file and names each one it cannot read', async () => {
    const file = await read(`time,temp,rh
${first},1,40

${first},,40
${first},err,40
yesterday,1,40
${first},1,much
${first},1
${first},1,40,5
${first},1,40,
"${first}","2",n/a
`)
    expect(file.rows).toEqual([
      { row: 1, atMs: firstMs, temperatureCelsius: 1, humidityPercent: 40 },
      { row: 8, atMs: firstMs, temperatureCelsius: 1, humidityPercent: 40 },
      { row: 9, atMs: firstMs, temperatureCelsius: 2 },
    ])
    expect(file.rejected).toEqual([
      { row: 2, line: 4, field: 'temp', reason: 'no-value', cell: '' },
      { row: 3, line: 5, field: 'temp', reason: 'not-a-number', cell: 'err' },
      { row: 4, line: 6, field: 'time', reason: 'not-a-time', cell: 'yesterday' },
      { row: 5, line: 7, field: 'rh', reason: 'not-a-number', cell: 'much' },
      { row: 6, line: 8, field: '', reason: 'wrong-column-count', cell: `${first} | 1` },
      { row: 7, line: 9, field: '', reason: 'wrong-column-count', cell: `${first} | 1 | 40 | 5` },
    ])
  })

  it('rejects local times that never were and counts those that were twice', async () => {
    const file = await read(
      `time,temp\n2024-03-31 00:30,1\n2024-03-31 01:30,2\n2024-10-27 01:30,3\n2024-10-27 02:30,4\n`,
      { zone: 'Europe/London' },
    )
    expect(file.rows.map((row) => [row.row, new Date(row.atMs).toISOString()])).toEqual([
      [1, '2024-03-31T00:30:00.000Z'],
      [3, '2024-10-27T00:30:00.000Z'],
      [4, '2024-10-27T02:30:00.000Z'],
    ])
    expect(file.rejected).toEqual([
      { row: 2, line: 3, field: 'time', reason: 'skipped-local-time', cell: '2024-03-31 01:30' },
    ])
    expect(file.plan.ambiguousTimes).toBe(1)
  })
})

describe('what readLoggerFile does not understand', () => {
  it.each<[string, string, LoggerFileOptions, RegExp, RegExp]>([
    [
      'day and month',
      'time,temp\n03/04/2024 10:00,1\n',
      {},
      /whether the day or the month.*03\/04\/2024/,
      /--time-format dmy.*mdy/,
    ],
    [
      'two temperatures',
      `time,temp in,temp out\n${first},1,2\n`,
      {},
      /'temp in' or 'temp out'.*Columns found: 'time', 'temp in', 'temp out'/,
      /--value-column/,
    ],
    [
      'no temperature',
      `time,pressure\n${first},1\n`,
      {},
      /clearly the temperature. Columns found: 'time', 'pressure'/,
      /--value-column/,
    ],
    ['no time', 'count,temp\n1,1\n', {}, /clearly the time/, /--time-column/],
    ['two times', `time,date,temp\n${first},${first},1\n`, {}, /'time' or 'date'/, /--time-column/],
    [
      'a wrong name',
      `time,temp\n${first},1\n`,
      { valueColumn: 'tmp' },
      /no column 'tmp'.*'time', 'temp'/,
      /--value-column/,
    ],
    ['a name twice', `time,temp,temp\n${first},1,2\n`, { valueColumn: 'temp' }, /'temp' twice/, /Rename/],
    ['Kelvin', `time,temp (K)\n${first},277\n`, {}, /C or F/, /--unit/],
    ['two units', `time,temp (C or F)\n${first},4\n`, {}, /C or F/, /--unit/],
    ['a zone', `time,temp\n${first},4\n`, { zone: 'Mars' }, /'Mars' \(named by --zone\)/, /IANA/],
    [
      'no header',
      `${first},4\n${first},5\n`,
      {},
      /data in its first line. Columns found: '2026-11-23T02:40:00Z', '4'/,
      /names the columns/,
    ],
    ['no rows', 'time,temp\n', {}, /no data rows/, /at least one/],
    [
      'only bad rows',
      `time,temp\n${first},x\n`,
      {},
      /no row that can be read; line 2, 'x': not-a-number/,
      /--value-column/,
    ],
    ['one column', 'time\n1\n', {}, /no header line of two or more columns/, /first line names/],
    ['nothing', '', {}, /no header line/, /first line names/],
    ['an open quote', `time,temp\n${first},"4\n${first},5\n`, {}, /well-formed/, /quotation marks/],
  ])('%s: says so and names the remedy', async (_name, text, options, what, remedy) => {
    const problem = await problemOf(read(text, options))
    expect(problem.code).toBe('file-not-understood')
    expect(problem.message).toMatch(what)
    expect(problem.remedy).toMatch(remedy)
  })

  it('text in another encoding', async () => {
    const latin1 = Buffer.from(`time,temp °C\n${first},4\n`, 'latin1')
    await expect(read(latin1)).rejects.toMatchObject({
      code: 'file-not-understood',
      message: 'log.csv is not text in UTF-8.',
    })
  })

  it('damaged gzip, and gzip that unzips beyond the limit', async () => {
    const zipped = gzipSync(`time,temp\n${first},4\n`)
    await expect(read(zipped)).resolves.toMatchObject({ rows: [{ row: 1, temperatureCelsius: 4 }] })
    await expect(read(zipped.subarray(0, zipped.length - 9))).rejects.toMatchObject({
      code: 'file-unreadable',
    })
    const bomb = gzipSync(Buffer.alloc(LOGGER_FILE_BYTES_MAX + 1), { level: 1 })
    const problem = await problemOf(read(bomb))
    expect(problem.code).toBe('file-unreadable')
    expect(problem.message).toBe('log.csv holds more than 67108864 bytes (unzipped).')
  })

  it('more bytes than the limit, without keeping them', async () => {
    let given = 0
    const endless = (async function* () {
      const chunk = new Uint8Array(1024 * 1024)
      for (;;) {
        given += 1
        yield chunk
      }
    })()
    const reading = readLoggerFile({ bytes: endless, fileName: 'log.csv', defaultZone: 'UTC' })
    await expect(reading).rejects.toMatchObject({ code: 'file-unreadable' })
    expect(given).toBe(65)
  })
})

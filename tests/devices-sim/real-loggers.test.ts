import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LoggerFile, LoggerFileOptions } from '../../devices-sim/index.ts'
import { readLoggerFile } from '../../devices-sim/index.ts'

const folder = new URL('../../../shared/data/loggers/', import.meta.url)
const present = existsSync(folder)
if (!present)
  console.warn('SKIPPED: real logger files are not at ../shared/data/loggers; nothing of them is tested')

function read(name: string, options: LoggerFileOptions = {}): Promise<LoggerFile> {
  const bytes = readFileSync(new URL(name, folder))
  return readLoggerFile({ bytes, fileName: name, options, defaultZone: 'UTC' })
}
const instants = (file: LoggerFile): number[] => file.rows.map((row) => row.atMs)
const minute = (text: string): number => Date.parse(`${text}:00Z`)
const stepsBack = (file: LoggerFile): number[][] =>
  instants(file).flatMap((atMs, index, all) => {
    const nextMs = all[index + 1] ?? atMs
    return nextMs < atMs ? [[index + 1, nextMs - atMs]] : []
  })

describe.skipIf(!present)('the kitchen series (Aberdeen)', () => {
  it.each([
    ['item1', 209, '2016-02-10T14:10:16Z', 3.24755578, '2016-02-10T15:30:38Z', 13.38277321],
    ['item2', 202, '2016-02-10T14:10:17Z', 3.086679983, '2016-02-10T15:30:10Z', 13.72597675],
    ['item3', 186, '2016-02-10T14:10:15Z', 3.01160388, '2016-02-10T15:30:24Z', 12.79289322],
    ['item4', 195, '2016-02-10T14:10:03Z', 3.01160388, '2016-02-10T15:30:12Z', 14.64833527],
    ['item5', 168, '2016-02-10T14:10:05Z', 3.097404528, '2016-02-10T15:30:34Z', 11.97778587],
    ['item6', 209, '2016-02-10T14:10:32Z', 3.483508158, '2016-02-10T15:30:59Z', 14.77703552],
  ])('%s has %i rows', async (name, count, firstAt, firstValue, lastAt, lastValue) => {
    const file = await read(`aberdeen/${name}.csv`)
    expect(file.rejected).toEqual([])
    expect(file.rows).toHaveLength(count)
    expect(file.rows[0]).toEqual({ row: 1, atMs: Date.parse(firstAt), temperatureCelsius: firstValue })
    expect(file.rows.at(-1)).toEqual({
      row: count,
      atMs: Date.parse(lastAt),
      temperatureCelsius: lastValue,
    })
    expect(stepsBack(file)).toEqual([])
    expect(file.plan).toMatchObject({ delimiter: ',', zone: { value: 'none needed' }, unit: { value: 'C' } })
  })
})

describe.skipIf(!present)('the machine series (NAB)', () => {
  const name = 'nab/machine_temperature_system_failure.csv'

  it('keeps every row through the step back of 55 minutes', async () => {
    const file = await read(name)
    expect(file.rejected).toEqual([])
    expect(file.rows).toHaveLength(22_695)
    expect(file.rows[0]).toEqual({
      row: 1,
      atMs: Date.parse('2013-12-02T21:15:00Z'),
      temperatureCelsius: 73.96732207,
    })
    expect(file.rows.at(-1)).toEqual({
      row: 22_695,
      atMs: Date.parse('2014-02-19T15:25:00Z'),
      temperatureCelsius: 96.90386085,
    })
    expect(stepsBack(file)).toEqual([[10_149, -55 * 60_000]])
    expect(new Set(instants(file)).size).toBe(22_683)
  })

  it('is moved by the zone and converted from Fahrenheit when told so', async () => {
    const file = await read(name, { zone: 'Asia/Shanghai', unit: 'F' })
    // (73.96732207 - 32) * 5 / 9 = 23.3151789...
    expect(file.rows[0]).toEqual({
      row: 1,
      atMs: Date.parse('2013-12-02T13:15:00Z'),
      temperatureCelsius: 23.315,
    })
  })
})

describe.skipIf(!present)('the newest-first export (Kaggle, gzip)', () => {
  it('keeps every row, number and order, with the sensor column named', async () => {
    const file = await read('kaggle/IOT-temp.csv.gz', { sensorColumn: 'out/in' })
    const { rows } = file
    expect(file.rejected).toEqual([])
    expect(rows).toHaveLength(97_606)
    expect(rows.every((row, index) => row.row === index + 1)).toBe(true)
    expect(rows[0]).toEqual({
      row: 1,
      atMs: minute('2018-12-08T09:30'),
      temperatureCelsius: 29,
      sensor: 'In',
    })
    expect(rows.at(-1)).toEqual({
      row: 97_606,
      atMs: minute('2018-07-28T07:06'),
      temperatureCelsius: 31,
      sensor: 'In',
    })
    // the one duplicated id: rows 11 and 12 of the file, both kept
    expect(rows.slice(10, 12).map((row) => [row.atMs, row.temperatureCelsius, row.sensor])).toEqual([
      [minute('2018-12-08T09:25'), 42, 'Out'],
      [minute('2018-12-08T09:25'), 42, 'Out'],
    ])
    expect(instants(file).every((atMs, index, all) => atMs <= (all[index - 1] ?? atMs))).toBe(true)
    expect(rows.filter((row) => row.sensor === 'In')).toHaveLength(20_345)
    expect(rows.reduce((sum, row) => sum + row.temperatureCelsius, 0)).toBe(3_421_474)
    expect(new Set(rows.map((row) => `${row.atMs} ${row.sensor}`)).size).toBe(31_338)
  })

  it('does not guess a sensor column', async () => {
    const file = await read('kaggle/IOT-temp.csv.gz')
    expect(file.plan.sensorColumn).toBeNull()
    expect(file.rows[0]).toEqual({
      row: 1,
      atMs: Date.parse('2018-12-08T09:30:00Z'),
      temperatureCelsius: 29,
    })
  })
})

import { describe, expect, test } from 'vitest'
import { validateItem } from '../../ingest/index.ts'

const AT = Date.UTC(2026, 10, 23, 2, 40)

describe('a reading as a device sends it', () => {
  test('the example of the outside contract, whole', () => {
    const raw = {
      at: AT,
      seq: 7,
      sensor: 'main',
      temperature: 4.21,
      humidity: 45.2,
      battery: 88,
      doorOpen: false,
      mainsPower: true,
      lat: 31.5,
      lon: 120.3,
    }
    expect(validateItem(raw, 3)).toEqual({
      item: 3,
      sensor: 'main',
      atMs: AT,
      seq: 7,
      values: {
        temperatureMilliC: 4210,
        humidityMilliPct: 45_200,
        batteryMilliPct: 88_000,
        doorOpen: false,
        mainsPower: true,
        latE7: 315_000_000,
        lonE7: 1_203_000_000,
      },
    })
  })

  test('null counts as absent, and what we do not know is ignored', () => {
    const reading = validateItem({ at: null, seq: null, humidity: null, temperature: -0.0005, rssi: -70 }, 0)
    expect(reading).toEqual({
      item: 0,
      sensor: 'main',
      atMs: null,
      seq: null,
      values: { temperatureMilliC: -1 },
    })
  })

  test.each([
    [4.2105, 4211],
    [-4.2105, -4211],
    [1e-7, 0],
    [8.0005, 8001],
    [1.0049999, 1005],
  ])('temperature %d rounds half away from zero to %d m degC', (temperature, expected) => {
    expect(validateItem({ temperature }, 0)).toMatchObject({ values: { temperatureMilliC: expected } })
  })

  test.each([
    ['not-a-reading', 5],
    ['not-a-reading', [1]],
    ['not-a-reading', null],
    ['wrong-type', { temperature: '4.2' }],
    ['wrong-type', { temperature: 'NaN' }],
    ['wrong-type', { temperature: true }],
    ['wrong-type', { doorOpen: 1 }],
    ['wrong-type', { temperature: 4, seq: -1 }],
    ['wrong-type', { temperature: 4, seq: 1.5 }],
    ['wrong-type', { temperature: 4, seq: '7' }],
    ['wrong-type', { temperature: 4, sensor: 7 }],
    ['wrong-type', { lat: 31.5 }],
    ['bad-sensor-name', { temperature: 4, sensor: 'a/b' }],
    ['bad-sensor-name', { temperature: 4, sensor: '' }],
    ['bad-time', { temperature: 4, at: 'yesterday' }],
    ['no-values', { at: AT, seq: 1 }],
    ['no-values', JSON.parse('{"__proto__":{"temperature":4},"constructor":1}') as unknown],
    ['impossible-value', { temperature: 327.67 }],
    ['impossible-value', { temperature: -327.68 }],
    ['impossible-value', { temperature: -127 }],
    ['impossible-value', JSON.parse('{"temperature":1e999}') as unknown],
    ['impossible-value', { humidity: -1 }],
    ['impossible-value', { lat: 91, lon: 0 }],
  ])('%s: %j', (reason, raw) => {
    expect(validateItem(raw, 0)).toMatchObject({ held: reason })
  })
})

import { describe, expect, it } from 'vitest'
import { encodeReading, encodeReadings, READINGS_PER_MESSAGE_MAX } from '../../devices-sim/index.ts'

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

describe('what goes over the wire (design section 8)', () => {
  it('writes a reading with the fields of the contract in its order', () => {
    const row = {
      row: 7,
      atMs: 1795401600000,
      temperatureCelsius: 4.21,
      humidityPercent: 45.2,
      sensor: 'main',
    }
    expect(text(encodeReading(row))).toBe(
      '{"at":1795401600000,"seq":7,"sensor":"main","temperature":4.21,"humidity":45.2}',
    )
  })

  it('leaves out what the file does not say, so that sensor defaults to main', () => {
    const row = { row: 1, atMs: 1455113416000, temperatureCelsius: 3.24755578 }
    expect(text(encodeReading(row))).toBe('{"at":1455113416000,"seq":1,"temperature":3.24755578}')
  })

  it('writes several readings as an array, also when it is one', () => {
    const rows = [
      { row: 1, atMs: 1000, temperatureCelsius: 0 },
      { row: 2, atMs: 2000, temperatureCelsius: -40, humidityPercent: 100, sensor: 'In' },
    ]
    expect(text(encodeReadings(rows))).toBe(
      '[{"at":1000,"seq":1,"temperature":0},{"at":2000,"seq":2,"sensor":"In","temperature":-40,"humidity":100}]',
    )
    expect(text(encodeReadings(rows.slice(0, 1)))).toBe('[{"at":1000,"seq":1,"temperature":0}]')
  })

  it('keeps the largest message of the longest readings within the payload limit', () => {
    const longest = {
      row: Number.MAX_SAFE_INTEGER,
      atMs: -8_640_000_000_000_000,
      temperatureCelsius: -1.2345678901234567e-100,
      humidityPercent: -1.2345678901234567e-100,
      sensor: 'x'.repeat(64),
    }
    const rows = Array.from({ length: READINGS_PER_MESSAGE_MAX }, () => longest)
    expect(encodeReadings(rows).length).toBeLessThanOrEqual(61_440)
  })
})

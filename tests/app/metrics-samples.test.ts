import { expect, test } from 'vitest'
import { statusSamples } from '../../app/core/numbers/status.ts'
import type { CoreStatus, InfluxStatus } from '../../app/link/protocol.ts'
import { liveSamples } from '../../app/metrics/api.ts'
import { gatewaySamples } from '../../app/metrics/gateway.ts'
import type { Sample } from '../../app/metrics/definitions.ts'

/** Values by name and label. */
function valuesOf(samples: readonly Sample[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    samples.map(({ name, labels = {}, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  )
}

const calm: CoreStatus = {
  durableEnd: 9,
  ingest: 9,
  census: 9,
  influx: null,
  audit: { copied: 3, waiting: 0, trouble: null },
  balance: { comparedAtMs: 1, mismatches: [] },
  clock: { synchronised: 'unknown', toldBy: 'nobody', steps: 0, lastStep: null },
}

test('a calm core has no trouble, and says nothing of a clock or an InfluxDB it knows nothing of', () => {
  expect(valuesOf(statusSamples(calm))).toEqual({
    isotherm_balance_mismatches: 0,
    isotherm_audit_trouble: 0,
    isotherm_clock_steps_total: 0,
  })
})

test('what is wrong with acts, sums and the clock is told', () => {
  const sum = { subject: 'device:a', what: 'messages', counted: 2, found: 1 } as const
  const samples = statusSamples({
    ...calm,
    audit: { copied: 3, waiting: 2, trouble: { reason: 'full', remedy: 'make room' } },
    balance: { comparedAtMs: 1, mismatches: [sum, { ...sum, subject: 'device:b' }] },
    clock: { synchronised: 'no', toldBy: 'chrony', steps: 3, lastStep: { atMs: 1, stepMs: -2_000 } },
  })
  expect(valuesOf(samples)).toEqual({
    isotherm_balance_mismatches: 2,
    isotherm_audit_trouble: 1,
    isotherm_clock_synchronised: 0,
    isotherm_clock_steps_total: 3,
  })
})

test('the hourly count of InfluxDB is rows less points, and absent where there is none', () => {
  const counts = { written: 5, refused: 4, expired: 3, retried: 2, throttled: 1 }
  const differenceOf = (count: InfluxStatus['count']) => {
    const influx = { cursor: 9, heldPoints: 4, counts, lastError: null, count }
    return valuesOf(statusSamples({ ...calm, influx }))['isotherm_influx_count_difference']
  }
  expect(differenceOf({ state: 'differs', atMs: 1, points: 7, rows: 10 })).toBe(3)
  expect(differenceOf({ state: 'differs', atMs: 1, points: 10, rows: 7 })).toBe(-3)
  expect(differenceOf({ state: 'equal', atMs: 1, points: 7 })).toBe(0)
  expect(differenceOf({ state: 'limited', atMs: 1, keeps: '30d' })).toBe(undefined)
  expect(differenceOf(null)).toBe(undefined)
})

test('changes that live streams missed, and a clock that lies behind the records, are told', () => {
  const live = { stats: () => ({ streams: 4, unsentBytes: 0, dropped: 17, snapshots: 2, stuck: 0 }) }
  expect(valuesOf(liveSamples(live))).toEqual({ isotherm_live_clients: 4, isotherm_live_dropped_total: 17 })
  const stats = {
    inFlightMessages: 2,
    inFlightBytes: 300,
    connections: 5,
    acknowledged: 6,
    refusals: { 'wrong-secret': 7 },
    clockAheadMs: 90_000,
  }
  const part = {
    gateway: { stats: () => stats },
    journal: { state: () => ({ kind: 'full' }), durableEnd: 8 },
  }
  const told = valuesOf(gatewaySamples(part as unknown as Parameters<typeof gatewaySamples>[0]))
  expect(told).toMatchObject({
    isotherm_gateway_clock_ahead_seconds: 90,
    isotherm_journal_waiting_bytes: 300,
    'isotherm_journal_state full': 1,
    'isotherm_journal_state open': 0,
    'isotherm_gateway_refusals_total wrong-secret': 7,
    'isotherm_gateway_refusals_total unknown-device': 0,
  })
})

import { type CanonicalTransaction, openCanonicalStore } from '../../store/index.ts'
import type { Credentials } from '../load/device.ts'
import { FIRST_SEQ, STEP_MS } from './day.ts'

const SENSORS_PER_DEVICE_MAX = 64
const SUB_MODULUS = 1_000_000
/** Rows of before: no consumer has to look at them any more. */
const BEFORE = -1
const values = {
  temperatureMilliC: 4_210,
  humidityMilliPct: 45_200,
  batteryMilliPct: 88_000,
  doorOpen: false,
  mainsPower: true,
}

/**
 * Fills the canonical store with what these devices sent in the weeks before `untilMs`, `rows` in all, as ingest would
 * have left it: rows, used numbers, counters, states. What followed them is through.
 */
export function writePast(
  path: string,
  devices: readonly Credentials[],
  untilMs: number,
  rows: number,
  tell: (sentence: string) => void,
): void {
  const store = openCanonicalStore({ path })
  const each = Math.ceil(rows / devices.length)
  try {
    for (const [at, { id }] of devices.entries()) {
      store.transact((tx) => {
        pastOf(tx, id, untilMs, each)
      })
      if (at % 1_000 === 999) tell(`${(at + 1) * each} of ${rows} readings of before are written`)
    }
  } finally {
    store.close()
  }
}

function pastOf(tx: CanonicalTransaction, device: string, untilMs: number, count: number): void {
  const fromMs = untilMs - count * STEP_MS
  const series = tx.series(device, 'main', fromMs, SENSORS_PER_DEVICE_MAX) ?? 0
  for (let nth = 0; nth < count; nth += 1) {
    const [tMs, seq] = [fromMs + nth * STEP_MS, FIRST_SEQ - count + nth]
    const received = { receivedAtMs: tMs + 2_000, index: BEFORE, item: 0 }
    const sub = (seq + 1) % SUB_MODULUS
    tx.insert({ series, tMs, sub, atMs: tMs, seq, ...received, values, marks: 0, payloadHash: null })
    tx.putSeqUse(device, 0, seq, tMs)
  }
  tx.putDeviceState(device, { previousReceivedAtMs: untilMs - STEP_MS, lastSeq: FIRST_SEQ - 1, boot: 0 })
  const none = { heldMessages: 0, complement: 0, duplicate: 0, heldReadings: 0 }
  tx.count(device, { decoded: count, readings: count, stored: count, ...none })
  tx.countJournalled(device, count)
}

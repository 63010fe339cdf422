import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CanonicalReads } from '../../store/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

const MINUTE_MS = 60_000
const MAIN = { device: 'fridge-1', sensor: 'main', fromMs: 0, toMs: Date.UTC(2100, 0, 1) }

let harness: IngestHarness
let reads: CanonicalReads
beforeEach(() => {
  harness = new IngestHarness()
  reads = harness.reads()
})
afterEach(() => {
  reads.close()
  harness.close()
})

/** What is known of a sensor: minutes since the start and degrees, null for a fault. */
function known(sensor = 'main'): readonly (readonly [number, number | null])[] {
  return reads
    .temperatures({ ...MAIN, sensor })
    .map(({ tMs, temperatureMilliC: milliC }) => [
      (tMs - START_MS) / MINUTE_MS,
      milliC === null ? null : milliC / 1_000,
    ])
}

const at = (minute: number): number => START_MS + minute * MINUTE_MS
const heldReasons = (): string[] => reads.heldPage({}, 100).items.map(({ reason }) => reason)

describe('a reading that tells of a temperature and gives none is held, and a fault at its time', () => {
  test.each([
    ['impossible-value', { temperature: 327.67 }],
    ['impossible-value', { temperature: -327.68 }],
    ['impossible-value', { temperature: -127 }],
    ['impossible-value', { temperature: 6553.5 }],
    ['wrong-type', { temperature: 'NaN' }],
    ['wrong-type', { temperature: false }],
    ['no-values', { temperature: null }],
    // nothing of a reading is taken when one of its values cannot be: the temperature is lost with the others
    ['impossible-value', { temperature: 4.2, humidity: 255 }],
  ])('%s: %j', (reason, values) => {
    harness.receive({ at: at(-10), seq: 1, temperature: 4.2 })
    harness.receive({ at: at(-5), seq: 2, ...values })
    expect(heldReasons()).toEqual([reason])
    expect(known()).toEqual([
      [-10, 4.2],
      [-5, null],
    ])
    const { balanced, readings } = reads.balance('fridge-1')
    expect({ balanced, ...readings }).toMatchObject({ balanced: true, decoded: 2, stored: 1, held: 1 })
  })

  test.each([
    ['impossible-value', { humidity: 255 }],
    ['wrong-type', { battery: 'full' }],
    ['no-values', { humidity: null }],
    ['wrong-type', { temperature: 327.67, seq: 'x' }],
    ['bad-sensor-name', { temperature: 327.67, sensor: 'a b' }],
    ['bad-time', { temperature: 327.67, at: 'yesterday' }],
    ['conflict', { at: at(-10), seq: 1, temperature: 4.3 }],
  ])('but not %s: %j', (reason, values) => {
    harness.receive({ at: at(-10), seq: 1, temperature: 4.2 })
    harness.receive({ at: at(-5), seq: 2, ...values })
    expect(heldReasons()).toEqual([reason])
    expect(known()).toEqual([[-10, 4.2]])
  })
})

describe('the time of a fault is judged like the time of a reading', () => {
  const broken = { temperature: 327.67 }

  test('late with a number it is at its time, without it is held and nothing else', () => {
    harness.receive({ ...broken, at: at(-60), seq: 1 })
    harness.receive({ ...broken, at: at(-40) })
    expect(known()).toEqual([[-60, null]])
  })

  test('without a time, or with one that is not believed, it is at its arrival', () => {
    harness.receive(broken)
    harness.receive({ ...broken, at: at(480) }, { receivedAtMs: at(5) })
    expect(known()).toEqual([
      [0, null],
      [5, null],
    ])
  })

  test('with a time that is not believed and several in one record it is held and nothing else', () => {
    harness.receive([
      { ...broken, at: at(480), seq: 1 },
      { ...broken, at: at(485), seq: 2 },
    ])
    harness.receive([broken, { at: at(1), temperature: 4.2 }], { receivedAtMs: at(1) })
    expect(known()).toEqual([[1, 4.2]])
    expect(heldReasons()).toHaveLength(3)
  })

  describe('a clock that was ahead becomes no truer by waiting', () => {
    const ahead = [60, 65].map((minute, nth) => ({ ...broken, at: at(minute), seq: 10 + nth }))

    test('sent again in time, alone or not, it is held and nothing else', () => {
      harness.receive(ahead)
      harness.restart()
      harness.receive(ahead, { receivedAtMs: at(65) })
      harness.receive(ahead[0], { receivedAtMs: at(90) })
      harness.readmit(0, at(1440))
      harness.receive(ahead, { receivedAtMs: at(66) })
      expect(known()).toEqual([])
      expect(heldReasons()).toHaveLength(7)
    })

    test('noted at its arrival, it is not noted a second time at the time it stated', () => {
      harness.receive(ahead[0])
      harness.receive(ahead, { receivedAtMs: at(65) })
      expect(known()).toEqual([
        [0, null],
        [65, null],
      ])
    })

    test('another fault of the same time and number is noted, and so is one without a number', () => {
      harness.receive(ahead)
      harness.receive({ ...ahead[0], temperature: 999 }, { receivedAtMs: at(60) })
      harness.receive({ at: at(65), temperature: 999 }, { receivedAtMs: at(65) })
      expect(known()).toEqual([
        [60, null],
        [65, null],
      ])
    })

    test('a reading of the same time and number is no fault, and no fault is a reading', () => {
      harness.receive(ahead)
      const measured = ahead.map((each) => ({ ...each, temperature: 4.2 }))
      harness.receive(measured, { receivedAtMs: at(65) })
      expect(known()).toEqual([
        [60, 4.2],
        [65, 4.2],
      ])
    })
  })

  test('told again it is the same fault', () => {
    for (let copy = 0; copy < 3; copy += 1) harness.receive({ ...broken, at: at(-5), seq: 2 })
    expect(known()).toEqual([[-5, null]])
    expect(heldReasons()).toHaveLength(3)
    expect(reads.changedFaults(0, 3)).toEqual([
      { device: 'fridge-1', sensor: 'main', firstMs: at(-5), lastMs: at(-5) },
    ])
    expect(reads.changedFaults(1, 3)).toEqual([])
  })
})

test('a fault is of one sensor, and one bad probe takes no other with it', () => {
  harness.receive([
    { at: at(0), seq: 1, sensor: 'a', temperature: 327.67 },
    { at: at(0), seq: 1, sensor: 'b', temperature: 4.2 },
  ])
  expect([known('a'), known('b')]).toEqual([[[0, null]], [[0, 4.2]]])
})

test('sensors that were only ever at fault are counted among those a device may have', () => {
  for (let no = 0; no < 70; no += 1)
    harness.receive({ at: at(0), seq: no, sensor: `s-${no}`, temperature: 999 })
  expect(reads.newSeries(0, 100)).toHaveLength(64)
  expect(heldReasons()).toHaveLength(70)
})

test('what is newest of a sensor tells of a later fault, and what was before a power-up value', () => {
  const latest = () => reads.latestOf([1]).map(({ tMs, faultMs, earlier }) => [tMs, faultMs, earlier])
  harness.receive({ at: at(-10), seq: 1, temperature: 4.2 })
  expect(latest()).toEqual([[at(-10), null, null]])
  harness.receive({ at: at(-5), seq: 2, temperature: 327.67 })
  expect(latest()).toEqual([[at(-10), at(-5), null]])
  expect(reads.changedSeries(1, 2)).toEqual([1])
  harness.receive({ at: at(0), seq: 3, temperature: 85 })
  expect(latest()).toEqual([[at(0), null, { tMs: at(-5), temperatureMilliC: null }]])
  harness.receive({ at: at(-2), seq: 4, temperature: 70 }, { receivedAtMs: at(1) })
  expect(latest()).toEqual([[at(0), null, { tMs: at(-2), temperatureMilliC: 70_000 }]])
})

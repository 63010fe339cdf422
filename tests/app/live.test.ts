import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLiveTelling, type LiveTelling } from '../../app/core/live.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { type Link, openLink } from '../../app/link/index.ts'
import type { LivePiece } from '../../app/link/protocol.ts'
import type { Excursion, Finding } from '../../domain/index.ts'
import {
  type ChangedRow,
  type FindingReads,
  type NewFindingChange,
  openFindingReads,
} from '../../store/index.ts'
import { complementRecord, openReadings, putRecord, type Readings, T0 } from '../store/readings-fixture.ts'
import { closeChannels, overPort, overSocket } from '../support/channels.ts'
import { waitFor } from '../support/isotherm.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { StepClock } from '../support/step-clock.ts'

/** The clock of the machine, with shorter waits. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 20), signal),
}
const warned: string[] = []
const log = {
  debug: () => {},
  info: () => {},
  warn: (_: unknown, text: string) => void warned.push(text),
  error: () => {},
}

let readings: Readings
let findings: FindingReads
let telling: LiveTelling
beforeEach(() => {
  readings = openReadings()
  findings = openFindingReads({ path: readings.path })
  telling = openLiveTelling({ reads: readings.reads, findings, clock, log })
  warned.length = 0
})
afterEach(async () => {
  await telling.stop()
  await closeChannels()
  findings.close()
  readings.remove()
})

/** The other side of a link: what it was told, and the newest row of each sensor as it knows it. */
class Taker {
  readonly pieces: LivePiece[] = []
  readonly rows = new Map<string, ChangedRow>()
  /** Called with each piece before it is answered. */
  onPiece: (piece: LivePiece) => unknown = () => undefined
  link: Link | undefined

  async take(piece: LivePiece): Promise<null> {
    await this.onPiece(piece)
    this.pieces.push(piece)
    if (piece.part === 'begin') this.rows.clear()
    if (piece.part === 'readings')
      for (const row of piece.rows) this.rows.set(`${row.device}/${row.sensor}`, row)
    return null
  }

  parts(): string[] {
    return this.pieces.map(({ part }) => part)
  }

  tookAll(): Promise<void> {
    return waitFor(() => this.parts().includes('end'), 5_000)
  }
}

/** Has a link told what is newest. */
async function tell(open = overPort, taker = new Taker()): Promise<Taker> {
  const [core, other] = await open()
  telling.tell(openLink(core, {}), true)
  taker.link = openLink(other, { calls: { 'live-piece': (piece) => taker.take(piece as LivePiece) } })
  return taker
}

function finding(id: string, given: Partial<Excursion> = {}): Finding {
  return {
    id,
    point: 'point',
    place: 'place',
    rule: 'cn-gsp-storage/warm-range',
    packVersion: 1,
    level: 'range',
    kind: 'excursion',
    direction: 'warm',
    state: 'confirmed',
    open: true,
    startMs: T0,
    alarmMs: T0,
    endMs: null,
    endReason: null,
    peakMilliC: 9_000,
    peakMs: T0,
    observedMs: 0,
    worstCaseMs: 0,
    bridged: false,
    readings: 1,
    confirmedBySingleReading: true,
    ...given,
  }
}

/** Writes changes of findings as the judge does; those that are no more are removed. */
function judge(changes: readonly Omit<NewFindingChange, 'replaces'>[], asOfMs: number): void {
  const stands = changes.filter(({ kind }) => kind !== 'withdrawn')
  const gone = changes.filter(({ kind }) => kind === 'withdrawn')
  readings.store.transact((tx) => {
    tx.savePointOutcome({
      removed: gone.map((change) => change.finding.id),
      put: stands.map((change) => ({ finding: change.finding, asOfMs })),
      changes: changes.map((change) => ({ ...change, replaces: [] })),
      factVersion: 1,
      recordedAtMs: T0 + 99,
    })
  })
}

describe.each([
  ['a message port', overPort],
  ['a local socket', overSocket],
])('over %s', (_, open) => {
  test('first all there is, in pieces of bounded size, then what changes', async () => {
    const devices = Array.from({ length: 1_200 }, (_each, index) => ({ device: `d${index}`, tMs: T0 }))
    putRecord(readings, 0, devices)
    judge([{ kind: 'opened', finding: finding('1'.repeat(16)) }], T0)
    judge([{ kind: 'closed', finding: finding('2'.repeat(16), { open: false, endMs: T0 + 1 }) }], T0)
    const taker = await tell(open)
    await taker.tookAll()
    expect(taker.parts()).toEqual(['begin', 'readings', 'readings', 'readings', 'findings', 'end'])
    expect(taker.pieces.flatMap((piece) => (piece.part === 'readings' ? [piece.rows.length] : []))).toEqual([
      500, 500, 200,
    ])
    expect(taker.pieces[4]).toEqual({
      part: 'findings',
      open: [{ finding: finding('1'.repeat(16)), asOfMs: T0 }],
    })
    expect(taker.rows.size).toBe(1_200)
    putRecord(readings, 1, [{ device: 'd7', tMs: T0 + 5, values: { temperatureMilliC: 9_000 } }])
    await waitFor(() => taker.rows.get('d7/main')?.tMs === T0 + 5, 5_000)
    complementRecord(readings, 2, { device: 'd7', tMs: T0 + 5 }, { batteryMilliPct: 50_000 })
    await waitFor(() => taker.rows.get('d7/main')?.values.batteryMilliPct === 50_000, 5_000)
    expect(taker.pieces.at(-1)).toMatchObject({ rows: [{ values: { temperatureMilliC: 9_000 } }] })
  })
})

test('a sensor that sends often is told once, and a late reading tells what is newest', async () => {
  const taker = new Taker()
  const held = Promise.withResolvers<undefined>()
  taker.onPiece = ({ part }) => (part === 'end' ? held.promise : undefined)
  await tell(overPort, taker)
  await waitFor(() => taker.parts().includes('findings'), 5_000)
  for (let index = 0; index < 200; index += 1) putRecord(readings, index, [{ tMs: T0 + index, seq: index }])
  putRecord(readings, 200, [{ tMs: T0 - 1_000, seq: 900 }])
  held.resolve(undefined)
  await waitFor(() => taker.rows.size === 1, 5_000)
  expect(taker.rows.get('d1/main')).toMatchObject({ tMs: T0 + 199, seq: 199 })
  expect(taker.pieces.filter(({ part }) => part === 'readings')).toHaveLength(1)
})

test('changes of findings come in order, with the finding as it stands', async () => {
  const taker = await tell()
  await taker.tookAll()
  const id = '3'.repeat(16)
  judge([{ kind: 'opened', finding: finding(id) }], T0 + 10)
  const changes = () => taker.pieces.flatMap((piece) => (piece.part === 'changes' ? piece.changes : []))
  await waitFor(() => changes().length === 1, 5_000)
  const closed = finding(id, { open: false, endMs: T0 + 20, endReason: 'recovered' })
  judge([{ kind: 'closed', finding: closed }], T0 + 20)
  await waitFor(() => changes().length === 2, 5_000)
  judge([{ kind: 'withdrawn', finding: closed }], T0 + 30)
  await waitFor(() => changes().length === 3, 5_000)
  expect(changes()).toEqual([
    { kind: 'opened', judged: { finding: finding(id), asOfMs: T0 + 10 }, stands: true, replaces: [] },
    { kind: 'closed', judged: { finding: closed, asOfMs: T0 + 20 }, stands: true, replaces: [] },
    { kind: 'withdrawn', judged: { finding: closed, asOfMs: T0 + 99 }, stands: false, replaces: [] },
  ])
})

test('whatever comes while a taker is slow, it knows in the end what is newest', {
  timeout: 30_000,
}, async () => {
  const seed = Date.now() % 1_000_000
  const random = new SeededRandom(seed)
  const taker = new Taker()
  taker.onPiece = () => (random.oneIn(3) ? systemClock.sleep(random.below(30)) : undefined)
  await tell(overPort, taker)
  for (let index = 0; index < 300; index += 1) {
    // a time of its own each: no two rows have one key
    const samples = Array.from({ length: 1 + random.below(4) }, (_each, item) => ({
      device: `d${random.below(20)}`,
      tMs: T0 + random.below(1_000) * 10_000 + index * 10 + item,
    }))
    putRecord(readings, index, samples)
    if (random.oneIn(10)) await systemClock.sleep(random.below(20))
  }
  const { reads } = readings
  const newest = () => reads.latestOf(reads.newSeries(0, 100).map(({ no }) => no))
  const byDevice = (rows: Iterable<ChangedRow>) => [...rows].toSorted((a, b) => a.series - b.series)
  await waitFor(
    () => JSON.stringify(byDevice(taker.rows.values())) === JSON.stringify(byDevice(newest())),
    10_000,
    () => `seed ${seed}`,
  )
})

test('a taker that fails is told everything anew', async () => {
  const taker = new Taker()
  putRecord(readings, 0, [{ tMs: T0 }])
  taker.onPiece = ({ part }) => {
    if (part === 'findings' && warned.length === 0) throw new RangeError('cannot take it')
  }
  await tell(overPort, taker)
  await taker.tookAll()
  expect(taker.parts()).toEqual(['begin', 'readings', 'begin', 'readings', 'findings', 'end'])
  expect(warned).toEqual(['what is newest could not be told; it is told anew'])
})

test('stopping does not wait for a taker that does not answer, and a link that closed is forgotten', async () => {
  const closing = await tell()
  await closing.tookAll()
  closing.link?.close()
  const stuck = new Taker()
  stuck.onPiece = () => new Promise(() => undefined)
  await tell(overPort, stuck)
  await systemClock.sleep(50)
  await telling.stop()
  expect(warned).toEqual([])
})

describe('how often it is told', () => {
  let stepping: StepClock
  beforeEach(async () => {
    await telling.stop()
    stepping = new StepClock(T0)
  })

  /** Has a link told by a clock that steps; answers when it was told all and rests. */
  async function tellBy(isWatched: boolean, readMs = 0): Promise<[Taker, Link]> {
    const latestOf: (typeof readings.reads)['latestOf'] = (series) => {
      void stepping.advance(readMs)
      return readings.reads.latestOf(series)
    }
    telling = openLiveTelling({ reads: { ...readings.reads, latestOf }, findings, clock: stepping, log })
    const taker = new Taker()
    const [core, other] = await overPort()
    const link = openLink(core, {})
    taker.link = openLink(other, { calls: { 'live-piece': (piece) => taker.take(piece as LivePiece) } })
    telling.tell(link, isWatched)
    await waitFor(() => stepping.sleeping === 1, 5_000)
    return [taker, link]
  }

  async function rowsAfter(ms: number, taker: Taker): Promise<number> {
    await stepping.advance(ms)
    await waitFor(() => stepping.sleeping === 1, 5_000)
    return taker.rows.size
  }

  test('where nobody watches every ten seconds, and at once when somebody begins to', async () => {
    const [taker, link] = await tellBy(false)
    putRecord(readings, 0, [{ device: 'd1', tMs: T0 }])
    expect(await rowsAfter(9_999, taker)).toBe(0)
    expect(await rowsAfter(1, taker)).toBe(1)
    putRecord(readings, 1, [{ device: 'd2', tMs: T0 }])
    telling.watched(link, true)
    await waitFor(() => taker.rows.size === 2, 5_000)
    expect(await rowsAfter(0, taker)).toBe(2)
    putRecord(readings, 2, [{ device: 'd3', tMs: T0 }])
    expect(await rowsAfter(500, taker)).toBe(3)
    telling.watched(link, false)
    expect(await rowsAfter(500, taker)).toBe(3)
    putRecord(readings, 3, [{ device: 'd4', tMs: T0 }])
    expect(await rowsAfter(9_999, taker)).toBe(3)
    expect(await rowsAfter(1, taker)).toBe(4)
  })

  test('where somebody watches twice a second, and less often than that when reading takes long', async () => {
    const [taker] = await tellBy(true, 100)
    putRecord(readings, 0, [{ device: 'd1', tMs: T0 }])
    expect(await rowsAfter(500, taker)).toBe(1)
    putRecord(readings, 1, [{ device: 'd2', tMs: T0 }])
    expect(await rowsAfter(1_899, taker)).toBe(1)
    expect(await rowsAfter(1, taker)).toBe(2)
  })
})

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { ingestStretch } from '../../ingest/index.ts'
import {
  type CanonicalStore,
  compareReadings,
  openCanonicalReads,
  openCanonicalStore,
  openFindingReads,
  type SeqGap,
} from '../../store/index.ts'
import { packInstants, unpackInstants } from '../../store/readings/instants.ts'
import { silenceRuns, silencesIn } from '../../store/readings/silence-runs.ts'

// Used numbers and silences are kept in runs, cut where stretches of the journal end. Nobody may see where that was.

const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 10, 23, 2, 40)
const terms = { acceptFromMs: 0, expectedIntervalMs: 5 * MINUTE_MS }
const devices = ['d1', 'd2']
const sensors = ['a', 'b']

describe('packed', () => {
  test('instants are what they were, wherever they lie', () => {
    const anyInstants = fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 })))
    const law = fc.property(fc.maxSafeInteger(), anyInstants, (fromMs, instantsMs) => {
      expect(unpackInstants(fromMs, packInstants(fromMs, instantsMs))).toEqual(instantsMs)
    })
    const [least, most] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
    fc.assert(law, { numRuns: 2_000, examples: [[least, [most, least, 0, most, most, least]]] })
  })

  test('silences are what they were, and those that follow each other are one row', () => {
    const anyLength = fc.constantFrom(1, 299_999, 300_000, 300_001, 900_000)
    // a clock that was set back is no order: what came then begins a row of its own
    const anyStep = fc.tuple(fc.oneof(fc.constantFrom(0, -1), anyLength), anyLength)
    const law = fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      let atMs = START_MS
      const silences = steps.map(([apartMs, lengthMs], index) => {
        const fromMs = atMs + apartMs
        atMs = fromMs + lengthMs
        return { fromMs, toMs: atMs, index }
      })
      const rows = silenceRuns(silences)
      const times = silences.map(({ fromMs, toMs }) => ({ fromMs, toMs }))
      expect(rows.flatMap(silencesIn)).toEqual(times)
      let seen = 0
      for (const row of rows) {
        const own = silencesIn(row)
        expect(row.from_ms).toBe(Math.min(...own.map(({ fromMs }) => fromMs)))
        expect(own.every(({ fromMs }, nth) => nth === 0 || fromMs >= (own[nth - 1]?.toMs ?? 0))).toBe(true)
        seen += own.length
        expect(row.idx).toBe(seen - 1)
        const longestMs = Math.max(...own.map(({ fromMs, toMs }) => toMs - fromMs))
        expect(row.longest_ms).toBe(own.length === 1 ? null : longestMs)
      }
      const isRegular = steps.every(([apartMs, lengthMs]) => {
        return apartMs >= 0 && apartMs < 300_000 && lengthMs >= 300_000
      })
      const count = isRegular ? Math.min(1, steps.length) : rows.length
      expect(rows.length).toBe(count)
    })
    fc.assert(law, { numRuns: 500 })
  })
})

/** A record: numbers go on from the highest of the device, from behind it, from long before it, or from 0. */
const anyRecord = fc.record({
  device: fc.constantFrom(...devices),
  sensor: fc.constantFrom(...sensors),
  count: fc.constantFrom(1, 1, 3),
  from: fc.oneof(
    { weight: 12, arbitrary: fc.constant('next' as const) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }).map((ahead) => ({ ahead })) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 8 }).map((behind) => ({ behind })) },
    { weight: 1, arbitrary: fc.constant('reboot' as const) },
  ),
  afterMs: fc.constantFrom(1_000, 150_000, 299_999, 300_000, 300_500, 3_600_000),
})
type Step = typeof anyRecord extends fc.Arbitrary<infer T> ? T : never

/** The stretches of a story: how many records each takes, and whether it is undone once before. */
const anyCut = fc.array(fc.record({ records: fc.integer({ min: 1, max: 25 }), undone: fc.boolean() }), {
  minLength: 1,
  maxLength: 6,
})
type Cut = typeof anyCut extends fc.Arbitrary<infer T> ? T : never

/** What the devices of a story publish. */
function recordsOf(steps: readonly Step[]): { index: number; bytes: Uint8Array }[] {
  const highest = new Map<string, number>()
  let receivedAtMs = START_MS
  return steps.map(({ device: deviceId, sensor, count, from, afterMs }, index) => {
    receivedAtMs += afterMs
    const top = highest.get(deviceId) ?? 2
    const isLate = typeof from === 'object' && 'behind' in from
    const ahead = typeof from === 'object' && 'ahead' in from ? from.ahead : 0
    const first = from === 'reboot' ? 0 : isLate ? Math.max(0, top - from.behind) : top + 1 + ahead
    const items = Array.from({ length: count }, (_, nth) => {
      const at = receivedAtMs - (isLate ? 4_000_000 - first * 1_000 : 100) + nth
      return { at, seq: first + nth, sensor, temperature: 4 }
    })
    highest.set(deviceId, isLate ? top : first + count - 1)
    const payload = Buffer.from(JSON.stringify(items))
    const topic = publishTopic(deviceId, 'readings')
    const record = { channel: 'mqtt', qos: 1, topic, deviceId, receivedAtMs, payload } as const
    return { index, bytes: encodeRecord(record) }
  })
}

const folder = mkdtempSync(join(tmpdir(), 'isotherm-runs-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
let files = 0
/** Devices and series have their numbers before the first record: those are of when each was first seen. */
const empty = join(folder, 'empty.sqlite')
const first = openCanonicalStore({ path: empty })
first.transact((tx) => {
  for (const device of devices) for (const sensor of sensors) tx.series(device, sensor, START_MS, 64)
})
first.close()

/** Takes records into a store of its own, stretch by stretch, in turn; answers its path and where stretches ended. */
function taken(records: ReturnType<typeof recordsOf>, cut: Cut, path = newFile()): string {
  const store = openCanonicalStore({ path })
  const from = store.transact((tx) => tx.cursor('ingest'))
  for (let at = from, nth = 0; at < records.length; nth += 1) {
    const { records: most, undone } = cut[nth % cut.length] ?? { records: 1, undone: false }
    const stretch = records.slice(at, at + most)
    if (undone) undo(store, records.slice(at, at + most + 2))
    store.transact((tx) => {
      ingestStretch(tx, stretch, () => terms)
    }, 'repeatable')
    at += stretch.length
  }
  store.close()
  return path
}

/** Takes records in vain: more than are taken afterwards, so that what stays of it is seen. */
function undo(store: CanonicalStore, records: ReturnType<typeof recordsOf>): void {
  const fail = (): void =>
    store.transact((tx) => {
      ingestStretch(tx, records, () => terms)
      throw new RangeError('undone')
    })
  expect(fail).toThrow('undone')
}

function newFile(): string {
  const path = join(folder, `${(files += 1)}.sqlite`)
  copyFileSync(empty, path)
  return path
}

/** What everybody who reads numbers or silences is told of them. */
function told(path: string, end: number): unknown {
  const [reads, findings, store] = [
    openCanonicalReads({ path }),
    openFindingReads({ path }),
    openCanonicalStore({ path }),
  ]
  const range = (count: number) => Array.from({ length: count }, (_, nth) => nth)
  const gapsOf = (device: string, limit: number): readonly SeqGap[] => {
    const gaps: SeqGap[] = []
    for (let after: string | undefined; ; ) {
      const { items, next } = reads.seqGaps(device, limit, after)
      gaps.push(...items)
      if (next === null) return gaps
      after = next
    }
  }
  try {
    return devices.map((device) => ({
      uses: store.transact((tx) =>
        range(6).map((boot) => range(200).map((seq) => tx.seqUse(device, boot, seq) ?? null)),
      ),
      gaps: [gapsOf(device, 1), gapsOf(device, 100)],
      contacts: sensors.map((sensor) => {
        const { silences } = findings.contactOf(device, sensor, Number.MIN_SAFE_INTEGER)
        const instants = silences.flatMap(({ fromMs, toMs }) => [
          fromMs - 1,
          fromMs,
          toMs - 1,
          toMs,
          toMs + 1,
        ])
        return [0, ...instants].map((sinceMs) => findings.contactOf(device, sensor, sinceMs))
      }),
      changed: reads.changedSilences(0, end).filter((each) => each.device === device),
    }))
  } finally {
    for (const each of [reads, findings, store]) each.close()
  }
}

/** How many rows of a file are runs of several. */
function severalIn(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true })
  const { n } = database
    .prepare(
      `select (select count(*) from seq_use where last_seq is not null)
         + (select count(*) from silence where packed is not null) as n`,
    )
    .get() as { n: number }
  database.close()
  return n
}

const oneByOne: Cut = [{ records: 1, undone: false }]
const anyStory = fc.array(anyRecord, { minLength: 1, maxLength: 60 })

describe('however a journal is cut into stretches, some of which are undone first', () => {
  test('used numbers, missing numbers and silences are those of the records one by one', () => {
    let several = 0
    const law = fc.property(anyStory, anyCut, (steps, cut) => {
      const records = recordsOf(steps)
      const [before, after] = [taken(records, oneByOne), taken(records, cut)]
      several += severalIn(after)
      expect(told(after, records.length)).toEqual(told(before, records.length))
      expect(compareReadings({ before, after })).toEqual([])
    })
    fc.assert(law, { numRuns: 60 })
    expect(several).toBeGreaterThan(60)
  }, 60_000)

  test('whoever goes through the records piece by piece is told of each silence when it comes, or later', () => {
    const anyPieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 })
    const law = fc.property(anyStory, anyCut, anyPieces, (steps, cut, pieces) => {
      const records = recordsOf(steps)
      const ends = [taken(records, oneByOne), taken(records, cut)]
      const [single, reads] = ends.map((path) => openCanonicalReads({ path }))
      if (single === undefined || reads === undefined) throw new RangeError('two files')
      let spans: ReturnType<typeof reads.changedSilences> = []
      for (let from = 0, nth = 0; from < records.length; nth += 1) {
        const to = Math.min(records.length, from + (pieces[nth % pieces.length] ?? 1))
        spans = [...spans, ...reads.changedSilences(from, to)]
        from = to
      }
      for (const { index } of records) {
        for (const { device, sensor, fromMs, toMs } of single.changedSilences(index, index + 1)) {
          const holds = spans.some(
            (span) =>
              span.device === device &&
              span.sensor === sensor &&
              span.fromMs <= fromMs &&
              span.toMs >= toMs &&
              span.longestMs >= toMs - fromMs,
          )
          expect(holds).toBe(true)
        }
      }
      for (const each of [single, reads]) each.close()
    })
    fc.assert(law, { numRuns: 40 })
  }, 60_000)
})

test('a file of before runs answers the same, and goes on with them', () => {
  const law = fc.property(anyStory, anyCut, (steps, cut) => {
    const records = recordsOf(steps.map((step) => ({ ...step, count: 1 })))
    const old = taken(records.slice(0, Math.ceil(records.length / 2)), oneByOne)
    const plain = new DatabaseSync(old)
    const added = { seq_use: ['last_seq', 'last_at', 'packed'], silence: ['longest_ms', 'packed'] }
    for (const [table, columns] of Object.entries(added)) {
      for (const column of columns) plain.exec(`alter table ${table} drop column ${column}`)
    }
    plain.exec('pragma user_version = 8')
    plain.close()
    const [before, after] = [taken(records, oneByOne), taken(records, cut, old)]
    expect(told(after, records.length)).toEqual(told(before, records.length))
    expect(compareReadings({ before, after })).toEqual([])
  })
  fc.assert(law, { numRuns: 15 })
}, 60_000)

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../domain/index.ts'
import type { CanonicalTransaction, StoredReading } from '../../store/index.ts'
import { openCanonicalReads, openCanonicalStore } from '../../store/index.ts'
import type { Readings } from './readings-fixture.ts'
import { openReadings, putRecord, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

/** The code of the problem `work` throws. */
function problemOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (thrown) {
    return thrown instanceof Problem ? thrown.code : `not a problem: ${String(thrown)}`
  }
  return undefined
}

/** Opens series up to two a device and asks again for the first, with no room left. */
function openSeries(tx: CanonicalTransaction): (number | undefined)[] {
  return [
    tx.series('d1', 'main', T0, 2),
    tx.series('d2', 'main', T0, 2),
    tx.series('d1', 'top', T0, 2),
    tx.series('d1', 'third', T0, 2),
    tx.series('d1', 'main', T0 + 5, 0),
  ]
}

const full: StoredReading = {
  series: 1,
  tMs: T0,
  sub: 8,
  atMs: T0 - 5,
  seq: 7,
  receivedAtMs: T0 + 9,
  index: 3,
  item: 2,
  values: {
    temperatureMilliC: -70_125,
    humidityMilliPct: 45_200,
    batteryMilliPct: 0,
    doorOpen: false,
    mainsPower: true,
    latE7: -315_000_001,
    lonE7: 1_203_000_000,
  },
  marks: 18,
  payloadHash: null,
}
const bare: StoredReading = {
  ...full,
  tMs: T0 + 1,
  sub: 0,
  atMs: null,
  seq: Number.MAX_SAFE_INTEGER,
  values: { doorOpen: true },
  payloadHash: 'ff00000000000001',
}

describe('a canonical transaction', () => {
  test('gives back every field of a reading as it was stored', () => {
    const found = readings.store.transact((tx) => {
      tx.insert(full)
      tx.insert(bare)
      return [tx.at(1, T0, 8), tx.at(1, T0 + 1, 0), tx.at(1, T0, 0), tx.at(2, T0, 8)]
    })
    expect(found).toEqual([full, bare, undefined, undefined])
  })

  test('refuses a second reading under a key, and nothing of the job stays', () => {
    readings.store.transact((tx) => tx.insert(full))
    const refused = problemOf(() =>
      readings.store.transact((tx) => {
        tx.setCursor('ingest', 99)
        tx.insert({ ...bare, tMs: T0, sub: 8 })
      }),
    )
    expect(refused).toBe('internal')
    expect(readings.store.transact((tx) => [tx.cursor('ingest'), tx.at(1, T0, 8)])).toEqual([0, full])
  })

  test('gives a series its number for good, and takes it back with the job that opened it', () => {
    expect(
      problemOf(() =>
        readings.store.transact((tx) => {
          tx.series('other', 'main', T0, 2)
          tx.insert(full)
          tx.insert(full)
        }),
      ),
    ).toBe('internal')
    expect(readings.store.transact(openSeries)).toEqual([1, 2, 3, undefined, 1])
    expect(readings.store.transact(openSeries)).toEqual([1, 2, 3, undefined, 1])
    expect(readings.reads.newSeries(1, 10)).toEqual([
      { no: 2, device: 'd2', sensor: 'main', firstReceivedAtMs: T0 },
      { no: 3, device: 'd1', sensor: 'top', firstReceivedAtMs: T0 },
    ])
    expect(readings.reads.newSeries(0, 1).map(({ no }) => no)).toEqual([1])
  })

  test('cannot be nested, awaited in, or used after its job', () => {
    let kept: CanonicalTransaction | undefined
    const { store } = readings
    expect(problemOf(() => store.transact(() => store.transact(() => 1)))).toBe('internal')
    expect(problemOf(() => store.transact(async (tx) => tx.setCursor('ingest', 7)))).toBe('internal')
    store.transact((tx) => {
      kept = tx
    })
    expect(problemOf(() => kept?.setCursor('ingest', 5))).toBe('internal')
    expect(store.transact((tx) => tx.cursor('ingest'))).toBe(0)
  })

  test('lets an error of the job through as it is, after undoing the job', () => {
    const own = new RangeError('mine')
    const run = (): void =>
      readings.store.transact((tx) => {
        tx.setCursor('census', 4)
        throw own
      })
    expect(run).toThrow(own)
    expect(readings.store.transact((tx) => tx.cursor('census'))).toBe(0)
  })

  test('finds a displaced reading by the time it was sent with', () => {
    const sent = { ...full, atMs: T0 - 900, seq: null, sub: 0 }
    const found = readings.store.transact((tx) => {
      tx.insert(sent)
      tx.insert({ ...full, tMs: T0 + 60_000, atMs: T0 + 60_000, seq: null, sub: 0 })
      return [
        tx.displaced(1, T0 - 900, null),
        tx.displaced(1, T0 - 900, 7),
        tx.displaced(2, T0 - 900, null),
        tx.displaced(1, T0 + 60_000, null), // stored where it was sent: not displaced
      ]
    })
    expect(found).toEqual([sent, undefined, undefined, undefined])
  })

  test('finds an undated reading by seq and payload, not longer than asked', () => {
    const later = { ...bare, tMs: T0 + 70_000, receivedAtMs: T0 + 70_000 }
    const found = readings.store.transact((tx) => {
      tx.insert(later)
      tx.insert(bare)
      const { seq } = bare
      if (seq === null) return []
      return [
        tx.undated(1, seq, 'ff00000000000001', T0 + 9), // both match: the first received
        tx.undated(1, seq, 'ff00000000000001', T0 + 10),
        tx.undated(1, seq, 'ff00000000000001', T0 + 70_001),
        tx.undated(1, seq, 'ff00000000000002', 0),
        tx.undated(1, seq - 1, 'ff00000000000001', 0),
      ]
    })
    expect(found).toEqual([bare, later, undefined, undefined, undefined])
  })

  test('adds fields to a reading and never replaces one', () => {
    const { store, reads } = readings
    putRecord(readings, 0, [{ tMs: T0, values: { temperatureMilliC: 4210, doorOpen: false } }])
    const key = { series: 1, tMs: T0, sub: 0 }
    store.transact((tx) => {
      tx.complement(key, { humidityMilliPct: 51_000, mainsPower: false }, 9)
    })
    const values = { temperatureMilliC: 4210, doorOpen: false, humidityMilliPct: 51_000, mainsPower: false }
    expect(store.transact((tx) => tx.at(1, T0, 0))).toMatchObject({ values, index: 0 })
    expect(reads.changedRows(1, 10, 5).rows).toMatchObject([{ tMs: T0, values }])
    const replace = (): void => store.transact((tx) => tx.complement(key, { temperatureMilliC: 4220 }, 10))
    expect(problemOf(replace)).toBe('internal')
    const missing = (): void =>
      store.transact((tx) => tx.complement({ ...key, sub: 1 }, { batteryMilliPct: 1 }, 10))
    expect(problemOf(missing)).toBe('internal')
    expect(store.transact((tx) => tx.at(1, T0, 0))?.values).toEqual(values)
  })

  test('keeps what is known of a device', () => {
    const { store, reads } = readings
    store.transact((tx) => {
      expect(tx.deviceState('d1')).toEqual({ previousReceivedAtMs: null, lastSeq: null, boot: 0 })
      tx.putDeviceState('d1', { previousReceivedAtMs: T0, lastSeq: 41, boot: 2 })
      tx.putSeqUse('d1', 2, 41, T0)
      tx.putSeqUse('d1', 2, 41, T0 + 1)
      tx.putLastMessage('d1', 'status', T0, '{"state":"online"}')
      tx.putLastMessage('d1', 'status', T0 + 5, '{"state":"offline"}')
      tx.putLastMessage('d1', 'responses', T0 + 1, '{}')
    })
    store.transact((tx) => {
      expect(tx.deviceState('d1')).toEqual({ previousReceivedAtMs: T0, lastSeq: 41, boot: 2 })
      expect([tx.seqUse('d1', 2, 41), tx.seqUse('d1', 1, 41), tx.seqUse('d2', 2, 41)]).toEqual([
        T0, // the first use stands
        undefined,
        undefined,
      ])
    })
    expect(reads.lastMessages('d1')).toEqual([
      { kind: 'responses', receivedAtMs: T0 + 1, json: '{}' },
      { kind: 'status', receivedAtMs: T0 + 5, json: '{"state":"offline"}' },
    ])
    expect(reads.lastMessages('d2')).toEqual([])
  })
})

describe('the file', () => {
  test('keeps everything over a restart, in WAL with every commit synced', () => {
    putRecord(readings, 0, [{ tMs: T0 }])
    readings.store.close()
    const again = openCanonicalStore({ path: readings.path })
    expect(again.transact((tx) => [tx.cursor('ingest'), tx.at(1, T0, 0)?.values])).toEqual([
      1,
      { temperatureMilliC: 4210 },
    ])
    again.close()
    const plain = new DatabaseSync(readings.path)
    expect({ ...plain.prepare('pragma journal_mode').get() }).toEqual({ journal_mode: 'wal' })
    expect(
      plain
        .prepare(`select count(*) as n from sqlite_schema where type = 'table' and sql not like '%strict%'`)
        .get(),
    ).toEqual(expect.objectContaining({ n: 0 }))
    plain.close()
  })

  test('of version 1 is brought up to date: its cursors stay, and are not bound to a log yet', () => {
    const { path } = readings
    putRecord(readings, 6, [{ tMs: T0 }])
    readings.reads.close()
    readings.store.close()
    const plain = new DatabaseSync(path)
    const later = 'finding finding_change judged_point fault silence heard_to ahead part'
    for (const table of later.split(' ')) plain.exec(`drop table ${table}`)
    plain.exec('drop index held_reason; alter table held drop column decided_idx')
    plain.exec('create index held_reason on held (reason, idx, item)')
    plain.exec('drop index held_received; alter table reading drop column repeats')
    for (const column of ['last_seq', 'last_at', 'packed'])
      plain.exec(`alter table seq_use drop column ${column}`)
    plain.exec('alter table series drop column contact_ms')
    plain.exec('alter table cursor drop column record_sha256; pragma user_version = 1')
    plain.close()
    expect(problemOf(() => openCanonicalReads({ path }))).toBe('core-unavailable')
    const store = openCanonicalStore({ path })
    const reads = openCanonicalReads({ path })
    expect(reads.position('ingest')).toEqual({ next: 7, recordSha256: null })
    store.transact((tx) => {
      tx.bindCursor('ingest', new Uint8Array([1, 2]))
    })
    expect(reads.position('ingest')).toEqual({ next: 7, recordSha256: new Uint8Array([1, 2]) })
    store.transact((tx) => {
      tx.setCursor('ingest', 8)
    })
    expect(reads.position('ingest')).toEqual({ next: 8, recordSha256: null })
    expect(reads.position('census')).toEqual({ next: 0, recordSha256: null })
    const piece = { device: 'd1', sensor: 'main', fromMs: T0, toMs: T0 + 1 }
    expect(reads.tally(piece)).toEqual({ stored: 1, late: 0, duplicate: 0 })
    reads.close()
    store.close()
  })

  test('is refused when a newer Isotherm wrote it', () => {
    const plain = new DatabaseSync(readings.path)
    plain.exec('pragma user_version = 1000')
    plain.close()
    expect(problemOf(() => openCanonicalStore({ path: readings.path }))).toBe('data-directory-version')
    expect(problemOf(() => openCanonicalReads({ path: readings.path }))).toBe('data-directory-version')
  })

  test('is never written through a reading connection, and must exist for it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'isotherm-readings-'))
    const path = join(directory, 'readings.db')
    expect(problemOf(() => openCanonicalReads({ path }))).toBe('core-unavailable')
    new DatabaseSync(path).close()
    expect(problemOf(() => openCanonicalReads({ path }))).toBe('core-unavailable')
    writeFileSync(path, 'this is not a database file, it is a text of more than a hundred bytes. '.repeat(20))
    expect(problemOf(() => openCanonicalStore({ path }))).toBe('store-damaged')
    rmSync(directory, { recursive: true })
  })
})

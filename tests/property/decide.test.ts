import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { decodeRecord, encodeReadmission, encodeRecord, publishTopic } from '../../domain/index.ts'
import { ingestStretch } from '../../ingest/index.ts'
import { compareReadings, openCanonicalReads, openCanonicalStore, openRecount } from '../../store/index.ts'
import { type Field, fields, modelsOf, type Step, type Values } from './decide-model.ts'

// Deciding conflicts, against the model in `decide-model.ts`.

const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 10, 23, 2, 40)
const EVER = { fromMs: 0, toMs: Date.UTC(2100, 0, 1) }
const terms = { acceptFromMs: 0, expectedIntervalMs: 5 * MINUTE_MS }
const topic = publishTopic('d', 'readings')

const folder = mkdtempSync(join(tmpdir(), 'isotherm-decide-'))
let files = 0
/** To make one takes much longer than to copy it. */
const empty = join(folder, 'empty.sqlite')
openCanonicalStore({ path: empty }).close()
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const anyValues = fc
  .record(
    { temperature: fc.constantFrom(4, 9), humidity: fc.constantFrom(50, 60), doorOpen: fc.boolean() },
    { requiredKeys: [] },
  )
  .filter((values) => Object.keys(values).length > 0)
const anySend = fc.record({
  send: fc.array(fc.record({ seq: fc.constantFrom(1, 2), values: anyValues }), {
    minLength: 1,
    maxLength: 3,
  }),
})
const anyDecision = fc.record({
  of: fc.nat(9),
  item: fc.nat(1),
  stands: fc.constantFrom('held', 'held', 'held', 'stored'),
})
const anySteps = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: anySend },
      { weight: 5, arbitrary: anyDecision },
      { weight: 1, arbitrary: fc.record({ again: fc.nat(9) }) },
    ),
    { minLength: 2, maxLength: 14 },
  )
  .map((steps): readonly Step[] => {
    const sent: number[] = []
    const whole: Step[] = []
    for (const step of steps) {
      const earlier = (nth: number): number => sent[nth % sent.length] ?? 0
      if ('send' in step) sent.push(whole.length)
      else if (sent.length === 0) continue
      if ('of' in step) whole.push({ ...step, of: earlier(step.of) })
      else whole.push('again' in step ? { again: earlier(step.again) } : step)
    }
    return whole
  })

function recordsOf(steps: readonly Step[]): Uint8Array[] {
  const records: Uint8Array[] = []
  for (const [nth, step] of steps.entries()) {
    const base = { receivedAtMs: START_MS + nth * 1_000, deviceId: 'd', topic, qos: 1 } as const
    if ('send' in step) {
      const items = step.send.map(({ seq, values }) => ({ at: START_MS + seq, seq, ...values }))
      records.push(encodeRecord({ ...base, channel: 'mqtt', payload: Buffer.from(JSON.stringify(items)) }))
      continue
    }
    const index = 'of' in step ? step.of : step.again
    const about = { index, record: decodeRecord(records[index] ?? new Uint8Array()) }
    const { item, stands } = { item: 0, stands: 'stored' as const, ...step }
    const payload = encodeReadmission('of' in step ? { ...about, decision: { item, stands } } : about)
    records.push(encodeRecord({ ...base, channel: 'readmission', payload }))
  }
  return records
}

/** Ingests the records in slices of these sizes, into a store of its own; answers its file. */
function ingested(records: readonly Uint8Array[], sizes: readonly number[]): string {
  files += 1
  const path = join(folder, `${files}.sqlite`)
  copyFileSync(empty, path)
  const store = openCanonicalStore({ path })
  store.transact((tx) => {
    for (let from = 0, nth = 0; from < records.length; nth += 1) {
      const to = from + (sizes[nth % sizes.length] ?? 1)
      const entries = records.slice(from, to).map((bytes, at) => ({ index: from + at, bytes }))
      ingestStretch(tx, entries, () => terms)
      from = to
    }
    tx.countJournalled('d', records.length)
    tx.setCursor('census', records.length)
  })
  store.close()
  return path
}

function recounted(path: string): unknown {
  const recount = openRecount(path)
  const miscounts = recount.device('d')
  let step = miscounts.next()
  while (step.done !== true) step = miscounts.next()
  const log = recount.log()
  recount.close()
  return [...step.value, ...log]
}

/** What the store has of one identity, and what is held of all. */
function keptOf(path: string) {
  const reads = openCanonicalReads({ path })
  const rows = reads.page({ by: 'sensor', device: 'd', sensor: 'main' }, EVER, 10).items
  const held = reads.heldPage({}, 100).items
  const period = { device: 'd', sensor: 'main', ...EVER }
  const kept = { rows, held, balance: reads.balance('d'), tally: reads.tally(period) }
  reads.close()
  return kept
}

/** What the row is stored as says what another one told before it, and one of them is wrong about that later. */
const agreeing: readonly [Step[], number[]][] = [
  [
    [
      { send: [{ seq: 2, values: { humidity: 60 } }] },
      {
        send: [
          { seq: 2, values: { temperature: 9 } },
          { seq: 2, values: { temperature: 9, humidity: 50 } },
        ],
      },
      { of: 1, item: 1, stands: 'held' },
      { send: [{ seq: 2, values: { temperature: 4 } }] },
      { of: 3, item: 0, stands: 'held' },
    ],
    [1],
  ],
  [
    [
      { send: [{ seq: 2, values: { humidity: 60 } }] },
      {
        send: [
          { seq: 2, values: { humidity: 50, doorOpen: false } },
          { seq: 2, values: { humidity: 50, doorOpen: true } },
        ],
      },
      { send: [{ seq: 2, values: { doorOpen: true } }] },
      { of: 1, item: 1, stands: 'held' },
      { of: 1, item: 0, stands: 'held' },
    ],
    [1],
  ],
]

test('of each field stands what the last one decided for says, nothing is lost, and every sum comes out', () => {
  fc.assert(
    fc.property(anySteps, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), (steps, sizes) => {
      const records = recordsOf(steps)
      const path = ingested(records, sizes)
      const { rows, held, balance, tally } = keptOf(path)
      const models = modelsOf(steps)
      for (const [nth, model] of models.entries()) {
        const row = rows.find(({ seq }) => seq === nth + 1)
        for (const field of fields) {
          expect(row?.[field]).toBe(model.value(field))
          const told = model.all.map(({ values }) => values[field]).filter((value) => value !== undefined)
          const stillThere = [...model.held.keys()].map(({ values }) => values[field])
          for (const value of told) expect([row?.[field], ...stillThere]).toContain(value)
        }
        const { index, item } = row?.position ?? {}
        const first = model.all.find((delivery) => delivery.index === index && delivery.item === item)
        expect(row === undefined).toBe(model.all.length === 0)
        expect(first).toBe(model.storedAs)
        expect(first !== undefined && model.held.has(first)).toBe(false)
        for (const [field, value] of Object.entries(first?.values ?? {})) {
          expect(row?.[field as Field]).toBe(value)
        }
      }
      const expected = models.flatMap(({ held: kept }) =>
        [...kept].map(([{ index, item }, state]) => [index, item, state === 'waiting']),
      )
      const found = held.map(({ position, decidedBy }) => [position.index, position.item, decidedBy === null])
      expect(found.toSorted(byKey)).toEqual(expected.toSorted(byKey))
      expect([balance.balanced, balance.messages.pending, recounted(path)]).toEqual([true, 0, []])
      expect(tally.duplicate).toBe(balance.readings.duplicate)
      expect(compareReadings({ before: path, after: ingested(records, [records.length]) })).toEqual([])
    }),
    { numRuns: 100, examples: [...agreeing] },
  )
})

function byKey(a: readonly unknown[], b: readonly unknown[]): number {
  return Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1])
}

test('deciding for a reading that tells all the other one did is as if only it had come', () => {
  fc.assert(
    fc.property(anyValues, anyValues, fc.nat(120), (values, more, minutes) => {
      const wrong = { ...more, temperature: 4 }
      const right = { ...wrong, ...values, temperature: 9 }
      const send = (values: Values): Step => ({ send: [{ seq: 1, values }] })
      const lateBy = (record: Uint8Array, receivedAtMs: number) =>
        encodeRecord({ ...decodeRecord(record), receivedAtMs })
      const [first = new Uint8Array(), second = new Uint8Array()] = recordsOf([send(wrong), send(right)])
      const later = lateBy(second, START_MS + minutes * MINUTE_MS)
      const about = { index: 1, record: decodeRecord(later), decision: { item: 0, stands: 'held' } } as const
      const decision = encodeRecord({
        ...decodeRecord(later),
        channel: 'readmission',
        payload: encodeReadmission(about),
      })
      const decided = keptOf(ingested([first, later, decision], [1])).rows
      const alone = keptOf(ingested([later], [1])).rows
      const placed = alone.map((row) => ({ ...row, position: { ...row.position, index: 1 } }))
      expect(decided).toEqual(placed)
    }),
    { numRuns: 60 },
  )
})

import fc from 'fast-check'
import { test } from 'vitest'
import { type CanonicalTransaction, openCanonicalStore } from '../../store/index.ts'
import { openReadings, T0 } from '../store/readings-fixture.ts'

/** Few of each, so that they meet. */
const anyInstant = fc.integer({ min: 0, max: 6 }).map((nth) => T0 + nth)
const anyReading = fc.record({
  tMs: anyInstant,
  sub: fc.integer({ min: 0, max: 2 }),
  atMs: fc.oneof(anyInstant, fc.constant(null), fc.constant('t' as const)),
})
const anyUse = fc.record({
  boot: fc.integer({ min: 0, max: 2 }),
  seq: fc.integer({ min: 0, max: 5 }),
  usedAtMs: anyInstant,
})
const anyJob = fc.record({
  steps: fc.array(fc.oneof(anyReading, anyUse), { minLength: 1, maxLength: 5 }),
  fails: fc.boolean(),
})

type Job = typeof anyJob extends fc.Arbitrary<infer T> ? T : never

function run(tx: CanonicalTransaction, { steps, fails }: Job): void {
  const series = tx.series('d1', 'main', T0, 64) ?? -1
  for (const step of steps) {
    if ('boot' in step) {
      tx.putSeqUse('d1', step.boot, step.seq, step.usedAtMs)
      continue
    }
    const { tMs, sub } = step
    if (tx.at(series, tMs, sub) !== undefined) continue
    const atMs = step.atMs === 't' ? tMs : step.atMs
    const more = { item: 0, values: { temperatureMilliC: 1 }, marks: 0, payloadHash: null }
    tx.insert({ series, tMs, sub, atMs, seq: sub, receivedAtMs: tMs, index: 0, ...more })
  }
  if (fails) throw new RangeError('the job fails')
}

/** Everything that can be asked about what `run` does. */
function told(tx: CanonicalTransaction): unknown {
  const series = tx.series('d1', 'main', T0, 64) ?? -1
  const instants = [0, 1, 2, 3, 4, 5, 6].map((nth) => T0 + nth)
  const subs = [0, 1, 2]
  return {
    at: instants.map((tMs) => subs.map((sub) => tx.at(series, tMs, sub))),
    displaced: instants.map((atMs) => subs.map((seq) => tx.displaced(series, atMs, seq)?.tMs)),
    uses: subs.map((boot) => [0, 1, 2, 3, 4, 5].map((seq) => tx.seqUse('d1', boot, seq))),
  }
}

test('what a store remembers between jobs, some of which fail, is what one that was just opened finds', () => {
  const story = fc.property(fc.array(anyJob, { minLength: 1, maxLength: 6 }), (jobs) => {
    const readings = openReadings()
    try {
      for (const job of jobs) {
        try {
          readings.store.transact((tx) => run(tx, job), 'repeatable')
        } catch (thrown) {
          if (!(thrown instanceof RangeError)) throw thrown
        }
        const remembered = readings.store.transact(told, 'repeatable')
        const opened = openCanonicalStore({ path: readings.path })
        try {
          const found = opened.transact(told, 'repeatable')
          if (JSON.stringify(found) !== JSON.stringify(remembered))
            throw new Error(JSON.stringify({ found, remembered }))
        } finally {
          opened.close()
        }
      }
    } finally {
      readings.remove()
    }
  })
  fc.assert(story, { numRuns: 60 })
})

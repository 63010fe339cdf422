import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PointLine } from '../alerts/index.ts'
import { openStepProgress } from '../app/cli/progress.ts'
import { type CanonicalTransaction, openCanonicalStore } from '../store/index.ts'
import { type Bench, type BenchLine, type BenchOptions, rounded } from './bench.ts'
import { type Fleet, fleetOf, FROM_MS, SENSORS, STEP_MS } from './engine/fleet.ts'
import { hashed, placedAt, wholeOf } from './engine/judged.ts'
import { type Stream, streamOf } from './engine/stream.ts'
import { writeMonth } from './replay/month.ts'
import { ingestLog } from './replay/reader.ts'
import type { Batch } from './replay/worker.ts'

/** A month of a reading every five minutes. */
const STEPS = 30 * 24 * 12
const QUICK_STEPS = 72
/** What is to be reached. */
const AIM = 300_000
const MS_PER_S = 1_000

/** How fast a month of the journal becomes findings again. */
export const replay: Bench = {
  what: 'a month of 1,000 sensors from the journal to findings, identities in memory or in the store',
  cases: ['memory', 'with-store'],
  async *run(options) {
    const steps = options.quick ? QUICK_STEPS : STEPS
    const fleet = await fleetOf(steps)
    const stream = streamOf(steps, options.seed)
    const asOfMs = FROM_MS + steps * STEP_MS
    const expected = wholeOf(fleet, stream, asOfMs)
    const directory = mkdtempSync(join(tmpdir(), 'iso-replay-'))
    try {
      await written(directory, stream, options)
      for (const name of options.cases) {
        const lines = fleet.points.map((point) => new PointLine(point))
        const startMs = performance.now()
        const take = taking(fleet, lines)
        await (name === 'memory' ? fromMemory : fromStore)(directory, stream.sensors.length, take)
        const { hash, count } = hashed(lines.flatMap((line) => line.findings(asOfMs)))
        const seconds = (performance.now() - startMs) / MS_PER_S
        if (hash !== expected.hash) throw new Error(`${name}: not the findings of all readings at once`)
        yield { ...lineOf(name, stream, seconds, count), quick: options.quick }
      }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

function lineOf(name: string, { sensors }: Stream, seconds: number, findings: number): BenchLine {
  const value = Math.round(sensors.length / seconds)
  const common = { bench: 'replay', case: name, value, unit: 'readings/s' }
  const more = { readings: sensors.length, findings, seconds: rounded(seconds, 1) }
  return { ...common, peer: 'aim', peer_value: AIM, ratio: rounded(value / AIM, 2), ...more }
}

async function written(directory: string, stream: Stream, { tell }: BenchOptions): Promise<void> {
  const total = stream.sensors.length
  tell(`writing ${total} records`)
  const bar = openStepProgress()
  await writeMonth(join(directory, 'log'), stream, (acknowledged) => {
    bar.show('records written', acknowledged, total)
  })
  bar.close()
}

/** What becomes of a stored temperature: series are numbered as their sensors first come, which is their order. */
type Take = (sensor: number, tMs: number, milliC: number) => void

function taking({ placed }: Fleet, lines: readonly PointLine[]): Take {
  return (sensor, tMs, milliC) => {
    lines[placedAt(placed, sensor, tMs) ?? -1]?.add(tMs, milliC)
  }
}

/** One thread reads, decodes and identifies, the other one judges. */
async function fromMemory(directory: string, records: number, take: Take): Promise<void> {
  const bar = openStepProgress()
  const workerData = { directory: join(directory, 'log'), records }
  const worker = new Worker(new URL('replay/worker.ts', import.meta.url), { workerData })
  let taken = 0
  worker.on('message', (batch: Batch | null) => {
    if (batch === null) return
    const { count, series, timesMs, milliC } = batch
    for (let nth = 0; nth < count; nth += 1) take(series[nth] ?? 0, timesMs[nth] ?? 0, milliC[nth] ?? 0)
    taken += count
    bar.show('readings judged', taken, records)
  })
  await once(worker, 'exit')
  bar.close()
  if (taken !== records) throw new Error(`${taken} of ${records} readings came through`)
}

/** All in one thread, and everything into a canonical store as ingest does it. */
async function fromStore(directory: string, records: number, take: Take): Promise<void> {
  const bar = openStepProgress()
  const store = openCanonicalStore({ path: join(directory, 'readings.sqlite') })
  const numbers = new Map<number, number>()
  let taken = 0
  await ingestLog(join(directory, 'log'), records, (job) => {
    store.transact((tx) => {
      const noting: CanonicalTransaction = Object.create(tx, {
        insert: {
          value: (...[reading, index]: Parameters<CanonicalTransaction['insert']>) => {
            tx.insert(reading, index)
            const sensor = numbers.get(reading.series) ?? numbers.size
            numbers.set(reading.series, sensor)
            take(sensor, reading.tMs, reading.values.temperatureMilliC ?? 0)
            taken += 1
          },
        },
      }) as CanonicalTransaction
      job(noting)
    })
    bar.show('readings judged', taken, records)
  })
  store.close()
  bar.close()
  if (taken !== records || numbers.size !== SENSORS)
    throw new Error(`${taken} of ${records} readings were stored`)
}

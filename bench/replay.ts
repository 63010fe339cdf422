import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { PointLine } from '../alerts/index.ts'
import { openStepProgress } from '../app/cli/progress.ts'
import type { Finding } from '../domain/index.ts'
import { type CanonicalTransaction, openCanonicalStore } from '../store/index.ts'
import { type Bench, type BenchLine, type BenchOptions, rounded } from './bench.ts'
import { type Fleet, fleetOf, FROM_MS, SENSORS, STEP_MS } from './engine/fleet.ts'
import { hashed, type Judged, placedAt, wholeOf } from './engine/judged.ts'
import { type Stream, streamOf } from './engine/stream.ts'
import { writeMonth } from './replay/month.ts'
import { ingestLog } from './replay/reader.ts'
import { replayShare, SHARES, type ShareOfReplay, type ShareResult } from './replay/share.ts'

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
    const month = { directory: mkdtempSync(join(tmpdir(), 'iso-replay-')), steps, fleet }
    let expected: Judged | undefined
    try {
      await written(month.directory, stream, options)
      for (const name of options.cases) {
        const cpu = process.cpuUsage()
        const startMs = performance.now()
        const { findings, ...more } = await (name === 'memory' ? fromMemory : fromStore)(month)
        const { hash, count } = hashed(findings)
        const seconds = (performance.now() - startMs) / MS_PER_S
        const { user, system } = process.cpuUsage(cpu)
        const cpuUs = rounded((user + system) / stream.sensors.length, 2)
        // only now, because it leaves much to be cleared away
        expected ??= wholeOf(fleet, stream, asOfMsOf(steps))
        if (hash !== expected.hash) throw new Error(`${name}: not the findings of all readings at once`)
        yield {
          ...lineOf(name, stream, seconds, count),
          ...more,
          cpu_us_per_reading: cpuUs,
          quick: options.quick,
        }
      }
    } finally {
      rmSync(month.directory, { recursive: true, force: true })
    }
  },
}

/** What is replayed. */
interface Month {
  /** Holds the log, and whatever else is written. */
  readonly directory: string
  readonly steps: number
  readonly fleet: Fleet
}

/** What was found, and more for the line that is printed. */
interface Found {
  readonly findings: readonly Finding[]
  readonly threads: number
  readonly handed_over?: number
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

/** Each of two threads reads everything and takes its share of it. */
async function fromMemory({ directory, steps, fleet }: Month): Promise<Found> {
  const records = steps * SENSORS
  const bar = openStepProgress()
  const { port1, port2 } = new MessageChannel()
  const common = { directory: join(directory, 'log'), steps }
  const workerData: ShareOfReplay = { ...common, share: 1, other: port2 }
  const worker = new Worker(new URL('replay/worker.ts', import.meta.url), {
    workerData,
    transferList: [port2],
  })
  try {
    const own = replayShare({ ...common, share: 0, other: port1 }, fleet, (read) => {
      bar.show('records read', read, records)
    })
    const [one, [other]] = (await Promise.all([own, once(worker, 'message')])) as [ShareResult, [ShareResult]]
    const stored = one.stored + other.stored
    if (stored !== records) throw new Error(`${stored} of ${records} readings came through`)
    const handedOver = one.handedOver + other.handedOver
    return { findings: [...one.findings, ...other.findings], threads: SHARES, handed_over: handedOver }
  } finally {
    bar.close()
    port1.close()
    await worker.terminate()
  }
}

/** All in one thread, and everything into a canonical store as ingest does it. */
async function fromStore({ directory, steps, fleet: { points, placed } }: Month): Promise<Found> {
  const records = steps * SENSORS
  const lines = points.map((point) => new PointLine(point))
  const bar = openStepProgress()
  const store = openCanonicalStore({ path: join(directory, 'readings.sqlite') })
  // series are numbered as their sensors first come, which is the order of the sensors
  const sensors = new Map<number, number>()
  let stored = 0
  const transact = (job: (tx: CanonicalTransaction) => void): void => {
    store.transact((tx) => {
      const noting: CanonicalTransaction = Object.create(tx, {
        insert: {
          value: (...[reading, index]: Parameters<CanonicalTransaction['insert']>) => {
            tx.insert(reading, index)
            const sensor = sensors.get(reading.series) ?? sensors.size
            sensors.set(reading.series, sensor)
            const point = placedAt(placed, sensor, reading.tMs) ?? -1
            lines[point]?.add(reading.tMs, reading.values.temperatureMilliC ?? 0)
            stored += 1
          },
        },
      }) as CanonicalTransaction
      job(noting)
    })
  }
  const onRead = (read: number): void => {
    bar.show('records read', read, records)
  }
  await ingestLog(join(directory, 'log'), records, { transact, onRead })
  store.close()
  bar.close()
  if (stored !== records || sensors.size !== SENSORS)
    throw new Error(`${stored} of ${records} readings were stored`)
  return { findings: lines.flatMap((line) => line.findings(asOfMsOf(steps))), threads: 1 }
}

function asOfMsOf(steps: number): number {
  return FROM_MS + steps * STEP_MS
}

import { parentPort, workerData } from 'node:worker_threads'
import type { CanonicalTransaction } from '../../store/index.ts'
import { MemoryIdentity } from './identity.ts'
import { ingestLog } from './reader.ts'

/** Readings handed over at once. */
const BATCH = 8_192

/** Temperatures on their way to the thread that judges. */
export interface Batch {
  readonly count: number
  readonly series: Uint16Array
  readonly timesMs: Float64Array
  readonly milliC: Int32Array
}

const { directory, records } = workerData as { readonly directory: string; readonly records: number }
let batch = emptyBatch()
let count = 0
const identity = new MemoryIdentity((series, tMs, milliC) => {
  batch.series[count] = series
  batch.timesMs[count] = tMs
  batch.milliC[count] = milliC
  count += 1
  if (count === BATCH) flush()
})
// the month needs nothing else, and would fail loudly if it did
const tx = identity as unknown as CanonicalTransaction
await ingestLog(directory, records, (job) => {
  job(tx)
})
flush()
parentPort?.postMessage(null)

function flush(): void {
  const { series, timesMs, milliC } = batch
  parentPort?.postMessage({ count, ...batch }, [series.buffer, timesMs.buffer, milliC.buffer])
  batch = emptyBatch()
  count = 0
}

function emptyBatch() {
  return {
    series: new Uint16Array(BATCH),
    timesMs: new Float64Array(BATCH),
    milliC: new Int32Array(BATCH),
  }
}

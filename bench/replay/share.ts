import type { MessagePort } from 'node:worker_threads'
import { PointLine } from '../../alerts/index.ts'
import { deviceHash, type Finding } from '../../domain/index.ts'
import type { CanonicalTransaction } from '../../store/index.ts'
import { type Fleet, FROM_MS, SENSORS, STEP_MS } from '../engine/fleet.ts'
import { MemoryIdentity } from './identity.ts'
import { sensorOf } from './month.ts'
import { ingestLog } from './reader.ts'

/** Threads that share a replay. */
export const SHARES = 2
/** Readings handed over at once. */
const HANDED_OVER = 8_192

/** What one thread is to do: everything of the devices whose hash leaves `share`, and every point whose number does. */
export interface ShareOfReplay {
  readonly directory: string
  readonly steps: number
  readonly share: number
  /** To the thread that has the other share. */
  readonly other: MessagePort
}

/** What came of one share. */
export interface ShareResult {
  readonly findings: readonly Finding[]
  /** Readings whose identities were kept here. */
  readonly stored: number
  /** Of these, the ones of points of the other share. */
  readonly handedOver: number
}

/** Readings on their way to the thread that judges their point. */
interface Handover {
  readonly count: number
  readonly points: Uint16Array
  readonly timesMs: Float64Array
  readonly milliC: Int32Array
}

/**
 * Reads the whole journal, ingests the records of its own devices and judges its own points. Where a device of one
 * share stands at a point of the other, the reading is handed over; it may come late there, as readings may.
 */
export async function replayShare(
  { directory, steps, share, other }: ShareOfReplay,
  { points, placed }: Fleet,
  onRead: (records: number) => void,
): Promise<ShareResult> {
  const lines = points.map((point, nth) => (nth % SHARES === share ? new PointLine(point) : undefined))
  const out = new HandingOver(other)
  const otherIsDone = takingOver(other, lines)
  const counts = { stored: 0, handedOver: 0 }
  const sensors: number[] = []
  const where = new Whereabouts(placed)
  const identity = new MemoryIdentity((series, tMs, milliC) => {
    counts.stored += 1
    const point = where.at((sensors[series] ??= sensorOf(identity.deviceOf(series))), tMs)
    if (point === undefined) return
    const line = lines[point]
    if (line !== undefined) return line.add(tMs, milliC)
    out.give(point, tMs, milliC)
    counts.handedOver += 1
  })
  // the month needs nothing else, and would fail loudly if it did
  const tx = identity as unknown as CanonicalTransaction
  await ingestLog(directory, steps * SENSORS, {
    isTaken: ({ bytes }) => deviceHash(bytes) % SHARES === share,
    transact: (job) => {
      job(tx)
    },
    onRead,
  })
  out.end()
  await otherIsDone
  const asOfMs = FROM_MS + steps * STEP_MS
  return { findings: lines.flatMap((line) => line?.findings(asOfMs) ?? []), ...counts }
}

/** Adds what is handed over to this thread; resolves once the other one has read everything. */
async function takingOver(other: MessagePort, lines: readonly (PointLine | undefined)[]): Promise<void> {
  const done = Promise.withResolvers<void>()
  other.on('message', (message: Handover | null) => {
    if (message === null) return done.resolve()
    const { count, points, timesMs, milliC } = message
    for (let nth = 0; nth < count; nth += 1) {
      const line = lines[points[nth] ?? -1]
      if (line === undefined) return done.reject(new Error(`point ${points[nth]} is not judged here`))
      line.add(timesMs[nth] ?? 0, milliC[nth] ?? 0)
    }
  })
  await done.promise
}

/** At which point each sensor is; a sensor mostly stays where it was. */
class Whereabouts {
  readonly #placed: Fleet['placed']
  readonly #points = new Uint16Array(SENSORS)
  readonly #fromMs = new Float64Array(SENSORS)
  readonly #toMs = new Float64Array(SENSORS)

  constructor(placed: Fleet['placed']) {
    this.#placed = placed
  }

  at(sensor: number, tMs: number): number | undefined {
    const stays = (this.#fromMs[sensor] ?? 0) <= tMs && tMs < (this.#toMs[sensor] ?? 0)
    if (stays) return this.#points[sensor]
    const placement = this.#placed[sensor]?.find(({ fromMs, toMs }) => fromMs <= tMs && tMs < toMs)
    if (placement === undefined) return undefined
    this.#points[sensor] = placement.point
    this.#fromMs[sensor] = placement.fromMs
    this.#toMs[sensor] = placement.toMs
    return placement.point
  }
}

/** Hands readings over, many at once. */
class HandingOver {
  readonly #other: MessagePort
  #batch = emptyBatch()
  #count = 0

  constructor(other: MessagePort) {
    this.#other = other
  }

  give(point: number, tMs: number, milliC: number): void {
    this.#batch.points[this.#count] = point
    this.#batch.timesMs[this.#count] = tMs
    this.#batch.milliC[this.#count] = milliC
    this.#count += 1
    if (this.#count === HANDED_OVER) this.#flush()
  }

  /** There is nothing more. */
  end(): void {
    this.#flush()
    this.#other.postMessage(null)
  }

  #flush(): void {
    const { points, timesMs, milliC } = this.#batch
    const message: Handover = { count: this.#count, points, timesMs, milliC }
    this.#other.postMessage(message, [points.buffer, timesMs.buffer, milliC.buffer])
    this.#batch = emptyBatch()
    this.#count = 0
  }
}

function emptyBatch() {
  return {
    points: new Uint16Array(HANDED_OVER),
    timesMs: new Float64Array(HANDED_OVER),
    milliC: new Int32Array(HANDED_OVER),
  }
}

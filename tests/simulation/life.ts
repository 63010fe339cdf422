import { type Clock, type Log, Problem } from '../../domain/index.ts'
import { type Disk, type Journal, openJournal } from '../../journal/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'
import { BrokenPromise, type PowerCutModel } from './power-cut-model.ts'

/** Where simulations keep their log. */
export const DIRECTORY = '/data/journal/readings'

/** How large segments and frames get; small, so that few records make many of both. */
export interface Sizes {
  readonly segmentBytesMax: number
  readonly commitRecordsMax: number
}

/**
 * Opens the log as a new process does and holds what is there against the model. Undefined when the disk refused
 * an operation, so that this process ends. Throws `BrokenPromise`.
 */
export async function openAndCompare(
  disk: Disk,
  random: SeededRandom,
  model: PowerCutModel,
  sizes: Sizes,
): Promise<Journal | undefined> {
  const found: Uint8Array[] = []
  try {
    const journal = await openJournal({
      directory: DIRECTORY,
      log: silentLog,
      disk,
      clock: simulatedClock(random),
      random,
      queueRecordsMax: 500,
      spaceReserve: { share: 0, bytes: 0 },
      ...sizes,
    })
    await readAll(journal, found)
    model.recovered(found, await journal.last())
    return journal
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    if (thrown.code === 'journal-unavailable') return undefined
    throw new BrokenPromise('damaged', thrown.message, Math.max(0, model.promisedCount - found.length))
  }
}

/** Resolves whatever becomes of the append; the model keeps what was promised. */
export async function appendOne(journal: Journal, model: PowerCutModel): Promise<void> {
  const bytes = model.attempt()
  let index: number
  try {
    index = await journal.append(bytes)
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return
  }
  model.acknowledge(index, bytes)
}

/** Follows from an index on until told to stop. Answers what it saw broken, to be thrown when the process ends. */
export async function followFrom(
  journal: Journal,
  from: number,
  model: PowerCutModel,
  signal: AbortSignal,
): Promise<BrokenPromise | undefined> {
  try {
    for await (const batch of journal.follow(from, signal)) {
      for (const entry of batch) model.followed(entry)
    }
  } catch (thrown) {
    if (thrown instanceof BrokenPromise) return thrown
    if (!(thrown instanceof Problem)) throw thrown
    if (thrown.code !== 'journal-unavailable') return new BrokenPromise('damaged', thrown.message)
  }
  return undefined
}

/** The next turn of the event loop: everything that can go on without time has gone on. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

async function readAll(journal: Journal, found: Uint8Array[]): Promise<void> {
  if (journal.durableEnd === 0) return
  for await (const batch of journal.follow(0, new AbortController().signal)) {
    for (const entry of batch) found.push(entry.bytes)
    if (found.length >= journal.durableEnd) break
  }
}

function simulatedClock(random: SeededRandom): Clock {
  let nowMs = 0
  return {
    nowMs: () => nowMs,
    monotonicMs: () => {
      nowMs += random.below(300)
      return nowMs
    },
    sleep: async (ms) => {
      nowMs += ms
      await nextTurn()
    },
  }
}

const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }

function ignore(): void {
  // The simulation judges by what the journal did, not by what it said.
}

import type { Journal } from '../../journal/index.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { type OperationKind, SimulatedDisk } from '../support/simulated-disk.ts'
import { type Break, broken } from './breaks.ts'
import { appendOne, followFrom, nextTurn, openAndCompare } from './life.ts'
import { BrokenPromise, PowerCutModel } from './power-cut-model.ts'

/**
 * What strikes an operation. `EIO`, `ENOSPC`: it fails, a write after a part of its bytes, a sync after a part of
 * what it should keep. `kill`: the process dies before it, and the page cache stays. `power`: the power goes off
 * during it.
 */
export const blows = ['EIO', 'ENOSPC', 'kill', 'power'] as const
/** One of them. */
export type Blow = (typeof blows)[number]

/** How a sweep is made. */
export interface SweepOptions {
  readonly seed: number
  /**
   * Of the second blows (each kind at each operation of a recovery) one in so many is dealt, others after each
   * operation of the story; at operations that are rare in recoveries, one in four. 1 = all.
   */
  readonly thinning: number
  readonly broken?: Break | undefined
}

/** What one sweep did. */
export interface Sweep {
  /** Operations of the story, and of the longest recovery until the log was open and read. */
  readonly storyOperations: number
  readonly recoveryOperations: number
  /** Kinds of operations that were struck in the story, and in recoveries. */
  readonly storyKinds: ReadonlySet<OperationKind>
  readonly recoveryKinds: ReadonlySet<OperationKind>
  /** Blows: each led to recoveries that were held against the model. */
  readonly cases: number
  readonly acknowledged: number
  /** Every promise that was broken, with the operations that were struck. */
  readonly breaches: readonly { readonly at: string; readonly thrown: BrokenPromise }[]
}

const SIZES = { segmentBytesMax: 2500, commitRecordsMax: 100 }
/** What few recoveries do, so that thinning must not pass over it. */
const rareKinds: ReadonlySet<OperationKind> = new Set(['truncate', 'remove', 'syncDirectory'])
/** Less than one of the frames of the story takes. */
const LITTLE_ROOM_BYTES = 60

/**
 * Strikes every operation of a story, one after the other and with every blow, and after each of them the operations
 * of the recovery that follows, again with every blow. Each time, the log must open in the end with all it promised,
 * take more records, and still have those after a last power cut.
 */
export async function strikeEveryOperation({ seed, thinning, broken: how }: SweepOptions): Promise<Sweep> {
  const random = new SeededRandom(seed)
  const breaches: { at: string; thrown: BrokenPromise }[] = []
  const storyKinds = new Set<OperationKind>()
  const recoveryKinds = new Set<OperationKind>()
  let [cases, acknowledged, storyOperations, recoveryOperations] = [0, 0, 0, 0]
  for (const blow of blows) {
    for (let at = 1, done = false; !done; at += 1) {
      const struck = await storyStruckAt(seed, at, blow, how)
      done = struck.operations < at
      cases += 1
      acknowledged += struck.model.acknowledged
      storyOperations = Math.max(storyOperations, struck.operations)
      for (const kind of struck.disk.struck) storyKinds.add(kind)
      breaches.push(...struck.breaches.map((thrown) => ({ at: `${blow} at ${at}`, thrown })))
      // The first recovery is not struck: it says which operations there are.
      const found = blow === 'power' || random.oneIn(2) ? struck.disk.crash() : struck.disk.copy()
      const whole = await recoveryStruckAt(
        struck.model,
        found,
        Number.POSITIVE_INFINITY,
        'power',
        random,
        how,
      )
      const recoveries = [{ recovery: whole, where: 'nothing else' }]
      recoveryOperations = Math.max(recoveryOperations, whole.opening)
      for (let pair = 0; pair < whole.opening * blows.length; pair += 1) {
        const again = 1 + Math.floor(pair / blows.length)
        const rare = rareKinds.has(whole.disk.history[again - 1] ?? 'read')
        if ((pair + at) % (rare ? Math.min(thinning, blows.length) : thinning) !== 0) continue
        const second = blows[pair % blows.length] ?? 'power'
        const recovery = await recoveryStruckAt(struck.model, found, again, second, random, how)
        recoveries.push({ recovery, where: `${second} at ${again}` })
      }
      for (const { recovery, where } of recoveries) {
        cases += 1
        for (const kind of recovery.disk.struck) recoveryKinds.add(kind)
        breaches.push(
          ...recovery.breaches.map((thrown) => ({ at: `${blow} at ${at}, then ${where}`, thrown })),
        )
      }
    }
  }
  return { storyOperations, recoveryOperations, storyKinds, recoveryKinds, cases, acknowledged, breaches }
}

/** A story that was struck, as the next process finds it. */
interface Struck {
  readonly model: PowerCutModel
  readonly disk: SimulatedDisk
  /** Operations until the process ended. */
  readonly operations: number
  readonly breaches: readonly BrokenPromise[]
}

async function storyStruckAt(seed: number, at: number, blow: Blow, how: Break | undefined): Promise<Struck> {
  const random = new SeededRandom(seed)
  const model = new PowerCutModel(random)
  const disk = new SimulatedDisk({ seed: random.next() })
  strike(disk, at, blow)
  const breaches = await broke(disk, async () => story(disk, random, model, how))
  disk.stopped = true
  return { model, disk, operations: disk.operations, breaches }
}

/** A recovery that was struck; `opening` = operations until the log was open and read, 0 when it did not get there. */
interface Recovery {
  readonly disk: SimulatedDisk
  readonly opening: number
  readonly breaches: readonly BrokenPromise[]
}

/** One recovery of a struck story, itself struck, and the last ones, which are not. */
async function recoveryStruckAt(
  promises: PowerCutModel,
  found: SimulatedDisk,
  at: number,
  blow: Blow,
  random: SeededRandom,
  how: Break | undefined,
): Promise<Recovery> {
  const model = promises.copy(random)
  const disk = found.copy()
  strike(disk, at, blow)
  let opening = 0
  const breaches = await broke(disk, async () => {
    opening = await recoverAndAppend(disk, random, model, how)
  })
  const after = blow === 'power' || random.oneIn(2) ? disk.crash() : disk.restart()
  if (breaches.length === 0) {
    breaches.push(
      ...(await broke(after, async () => {
        await mustRecoverAndAppend(after, random, model, how)
        await mustRecoverAndAppend(after.crash(), random, model, how)
      })),
    )
  }
  return { disk, opening, breaches }
}

function strike(disk: SimulatedDisk, at: number, blow: Blow): void {
  if (blow === 'power') disk.cutPowerAt(at)
  else if (blow === 'kill') disk.killAt(at)
  else disk.failAt(at, blow)
}

async function broke(disk: SimulatedDisk, run: () => Promise<void>): Promise<BrokenPromise[]> {
  try {
    await run()
  } catch (thrown) {
    if (!(thrown instanceof BrokenPromise)) throw thrown
    return [thrown]
  }
  return disk.violations.map((violation) => new BrokenPromise('misused', violation))
}

/** Two lives that use every operation: two segments, a full disk, an end that is confirmed, a recovery. */
async function story(
  disk: SimulatedDisk,
  random: SeededRandom,
  model: PowerCutModel,
  how: Break | undefined,
): Promise<void> {
  await live(disk, random, model, how, async (journal) => {
    for (const burst of [1, 90, 165, 20]) await appendMany(journal, model, burst)
    disk.setCapacity(disk.usedBytes() + LITTLE_ROOM_BYTES)
    await appendMany(journal, model, 5)
    disk.setCapacity(Number.MAX_SAFE_INTEGER)
    for (let turn = 0; turn < 5; turn += 1) await nextTurn()
    await appendMany(journal, model, 5)
    await journal.close()
  })
  await live(disk, random, model, how, async (journal) => {
    for (const burst of [20, 7]) await appendMany(journal, model, burst)
  })
}

async function recoverAndAppend(
  disk: SimulatedDisk,
  random: SeededRandom,
  model: PowerCutModel,
  how: Break | undefined,
): Promise<number> {
  return live(disk, random, model, how, async (journal) => appendMany(journal, model, 2))
}

/** Nothing strikes this one, so it must not fail. */
async function mustRecoverAndAppend(
  disk: SimulatedDisk,
  random: SeededRandom,
  model: PowerCutModel,
  how: Break | undefined,
): Promise<void> {
  const before = model.acknowledged
  await recoverAndAppend(disk, random, model, how)
  if (model.acknowledged !== before + 2) throw new BrokenPromise('damaged', 'the log takes no more records')
}

/**
 * One process, its new records followed while it lives; in the end it is killed, unless it closed its journal.
 * Answers the operations it took until its log was open and read.
 */
async function live(
  disk: SimulatedDisk,
  random: SeededRandom,
  model: PowerCutModel,
  how: Break | undefined,
  work: (journal: Journal) => Promise<void>,
): Promise<number> {
  const journal = await openAndCompare(broken(disk, how), random, model, SIZES)
  if (journal === undefined) return 0
  const opening = disk.operations
  const stop = new AbortController()
  const following = followFrom(journal, journal.durableEnd, model, stop.signal)
  await work(journal)
  await nextTurn()
  stop.abort()
  if (journal.state().kind !== 'closed') {
    disk.stopped = true
    await journal.close()
  }
  const breach = await following
  if (breach !== undefined) throw breach
  return opening
}

async function appendMany(journal: Journal, model: PowerCutModel, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, async () => appendOne(journal, model)))
}

import { type Clock, type Log, Problem, reasonOf } from '../../domain/index.ts'
import { type Journal, type JournalOptions, openJournal } from '../../journal/index.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { PowerCutModel } from './power-cut-model.ts'

/** One simulated life of a log: opened, written, struck by faults and power cuts, opened again. */
export interface PowerCutOptions {
  readonly seed: number
  /** How often it is struck. */
  readonly strikes?: number
  /** Makes the disk lie about syncs; then a loss must be found. */
  readonly ignoreSync?: boolean
  /** Makes the disk lie about directory syncs; then a loss must be found. */
  readonly ignoreDirectorySync?: boolean
}

/** What became of it. `loss` undefined = every promise was kept. */
export interface PowerCutResult {
  readonly seed: number
  readonly acknowledged: number
  readonly operations: number
  readonly segments: number
  readonly loss: string | undefined
}

const DIRECTORY = '/data/journal/readings'
/** Appends between two strikes at most, should no strike come. */
const APPENDS_MAX = 1000
const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** Runs one life. Never throws for a broken promise of the journal: it says what was lost. */
export async function runPowerCut(options: PowerCutOptions): Promise<PowerCutResult> {
  const { seed, strikes = 8, ...lies } = options
  const random = new SeededRandom(seed)
  const model = new PowerCutModel(random)
  let disk = new SimulatedDisk({ seed: random.next(), ...lies })
  let operations = 0
  let segments = 0
  try {
    for (let strike = 0; strike <= strikes; strike += 1) {
      const last = strike === strikes
      if (!last) plan(disk, random)
      await live(disk, random, model)
      model.refuse(disk.violations[0])
      operations += disk.operations
      const struckByPower = last || disk.powerIsOff || random.oneIn(2)
      disk = struckByPower ? disk.crash() : disk.restart()
    }
    segments = (await disk.list(DIRECTORY)).length
    await live(disk, random, model)
    return { seed, acknowledged: model.acknowledged, operations, segments, loss: undefined }
  } catch (thrown) {
    return { seed, acknowledged: model.acknowledged, operations, segments, loss: reasonOf(thrown) }
  }
}

/** Decides which operations fail, and during which one the power goes off. */
function plan(disk: SimulatedDisk, random: SeededRandom): void {
  const reach = [15, 30, 80, 400][random.below(4)] ?? 0
  if (random.oneIn(3)) disk.failAt(1 + random.below(reach), 'EIO')
  for (let faults = random.below(5); faults > 0; faults -= 1) disk.failAt(1 + random.below(reach), 'ENOSPC')
  if (random.oneIn(4)) disk.setCapacity(random.below(150_000))
  if (random.oneIn(2)) disk.cutPowerAt(1 + random.below(reach))
}

/** One process: opens, checks what is there, appends until it is done or struck. */
async function live(disk: SimulatedDisk, random: SeededRandom, model: PowerCutModel): Promise<void> {
  const journal = await open(disk, random, model)
  if (journal === undefined) return
  const stop = new AbortController()
  const following = followFrom(journal, random.below(journal.durableEnd + 1), model, stop.signal)
  const appends: Promise<void>[] = []
  // Some processes die before they append: what recovery promised must then stand by itself.
  const appendsMax = random.oneIn(4) ? 0 : APPENDS_MAX
  while (appends.length < appendsMax && journal.state().kind !== 'failed' && !disk.stopped) {
    for (let burst = random.below(60); burst > 0; burst -= 1) appends.push(appendOne(journal, model))
    const patience = random.below(40)
    for (let tick = 0; tick < patience; tick += 1) await Promise.resolve()
    if (random.oneIn(8)) await Promise.all(appends)
    if (journal.state().kind === 'full' && random.oneIn(2)) await someRoom(disk)
  }
  // A process ends well, or is killed in the middle of things.
  if (random.oneIn(2)) await journal.close()
  disk.stopped = true
  await journal.close()
  await Promise.all(appends)
  stop.abort()
  await following
}

/** Somebody frees space, and the journal gets the time to notice. */
async function someRoom(disk: SimulatedDisk): Promise<void> {
  disk.setCapacity(Number.MAX_SAFE_INTEGER)
  for (let turn = 0; turn < 20; turn += 1) await nextTurn()
}

async function open(
  disk: SimulatedDisk,
  random: SeededRandom,
  model: PowerCutModel,
): Promise<Journal | undefined> {
  try {
    const journal = await openJournal(journalOptions(disk, random))
    const found = await readAll(journal)
    model.recovered(found, await journal.last())
    return journal
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'journal-unavailable') return undefined
    throw thrown
  }
}

function journalOptions(disk: SimulatedDisk, random: SeededRandom): JournalOptions {
  return {
    directory: DIRECTORY,
    log: silentLog,
    disk,
    clock: simulatedClock(random),
    random,
    segmentBytesMax: 1000 + random.below(30_000),
    commitRecordsMax: 1 + random.below(300),
    queueRecordsMax: 500,
    spaceReserve: { share: 0, bytes: 0 },
  }
}

/** Resolves whatever becomes of the append; the model keeps what was promised. */
async function appendOne(journal: Journal, model: PowerCutModel): Promise<void> {
  const bytes = model.attempt()
  try {
    model.acknowledge(await journal.append(bytes), bytes)
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
  }
}

async function readAll(journal: Journal): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  if (journal.durableEnd === 0) return found
  for await (const batch of journal.follow(0, new AbortController().signal)) {
    for (const entry of batch) found.push(entry.bytes)
    if (found.length >= journal.durableEnd) break
  }
  return found
}

async function followFrom(
  journal: Journal,
  from: number,
  model: PowerCutModel,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const batch of journal.follow(from, signal)) {
      for (const entry of batch) model.followed(entry)
    }
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'journal-unavailable') return
    throw thrown
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function ignore(): void {
  // The simulation judges by what the journal did, not by what it said.
}

import { SeededRandom } from '../support/seeded-random.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { type Break, broken } from './breaks.ts'
import { appendOne, DIRECTORY, followFrom, nextTurn, openAndCompare } from './life.ts'
import { type Breach, BrokenPromise, PowerCutModel } from './power-cut-model.ts'

/** One simulated life of a log: opened, written, struck by faults and power cuts, opened again. */
export interface PowerCutOptions {
  readonly seed: number
  /** How often it is struck. */
  readonly strikes?: number
  /** Breaks the journal's word from below; then a loss must be found. */
  readonly broken?: Break | undefined
}

/** What became of it. `breach` undefined = every promise was kept. */
export interface PowerCutResult {
  readonly seed: number
  readonly acknowledged: number
  readonly operations: number
  readonly segments: number
  readonly breach: { readonly kind: Breach; readonly message: string; readonly count: number } | undefined
}

/** Appends between two strikes at most, should no strike come. */
const APPENDS_MAX = 1000

/** Runs one life. Never throws for a broken promise of the journal: it says which and how much. */
export async function runPowerCut(options: PowerCutOptions): Promise<PowerCutResult> {
  const { seed, strikes = 8 } = options
  const random = new SeededRandom(seed)
  const model = new PowerCutModel(random)
  let disk = new SimulatedDisk({ seed: random.next() })
  let operations = 0
  let segments = 0
  const misused: string[] = []
  const told = (breach: PowerCutResult['breach']): PowerCutResult => {
    return { seed, acknowledged: model.acknowledged, operations, segments, breach }
  }
  try {
    for (let strike = 0; strike <= strikes; strike += 1) {
      const last = strike === strikes
      if (!last) plan(disk, random)
      await live(disk, random, model, options.broken)
      misused.push(...disk.violations)
      operations += disk.operations
      const struckByPower = last || disk.powerIsOff || random.oneIn(2)
      disk = struckByPower ? disk.crash() : disk.restart()
    }
    segments = (await disk.list(DIRECTORY)).length
    await live(disk, random, model, options.broken)
  } catch (thrown) {
    if (!(thrown instanceof BrokenPromise)) throw thrown
    return told({ kind: thrown.breach, message: thrown.message, count: thrown.count })
  }
  const [first] = misused
  return told(first === undefined ? undefined : { kind: 'misused', message: first, count: misused.length })
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
async function live(
  disk: SimulatedDisk,
  random: SeededRandom,
  model: PowerCutModel,
  how: Break | undefined,
): Promise<void> {
  const sizes = { segmentBytesMax: 1000 + random.below(30_000), commitRecordsMax: 1 + random.below(300) }
  const journal = await openAndCompare(broken(disk, how), random, model, sizes)
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
  const breach = await following
  if (breach !== undefined) throw breach
}

/** Somebody frees space, and the journal gets the time to notice. */
async function someRoom(disk: SimulatedDisk): Promise<void> {
  disk.setCapacity(Number.MAX_SAFE_INTEGER)
  for (let turn = 0; turn < 20; turn += 1) await nextTurn()
}

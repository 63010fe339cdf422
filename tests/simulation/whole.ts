import { DatabaseSync } from 'node:sqlite'
import { findingsJson } from '../../alerts/index.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import { causeOf } from '../../domain/index.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { changeFacts } from './whole-facts.ts'
import { type WholeBreach, type WholeBreak, WholeBroken } from './whole-model.ts'
import { requireWhole } from './whole-oracle.ts'
import { isUnavailable, type SimulatedServer } from './whole-server.ts'
import { WholeWorld } from './whole-world.ts'

const MINUTE_MS = 60_000
const STEP_MS_MAX = 8 * MINUTE_MS
/** How often something happens in a life before its faults end: some hours of virtual time. */
export const STEPS = 60
/** The log and the rows are compared whole after every so many steps. */
const COMPARE_EVERY = 10
/** After the faults everything has to be in within this time. */
const LIVENESS_MS_MAX = 360 * MINUTE_MS
/** Then nothing comes for a while, at most so long: what is open stays open, and time goes on. */
const QUIET_MS_MAX = 40 * MINUTE_MS
/** What can happen to a run; each run has a part of it, so that rare things also come alone. */
const faultKinds = ['kill', 'power', 'disk', 'full', 'network', 'store', 'clock', 'facts', 'turn'] as const
/** A life that ends between two turns of ingest ends before so many. */
const TURNS_MAX = 12
/** What the clock of the server may be set wrong by; mostly it is set right. */
const clockStepsMinutes = [0, 0, 3, 120, -10]
type FaultKind = (typeof faultKinds)[number]

/** One life of the whole. */
export interface WholeOptions {
  readonly seed: number
  readonly steps?: number
  readonly broken?: WholeBreak | undefined
}

/** What became of it. `breach` undefined = every promise was kept. */
export interface WholeResult {
  readonly seed: number
  readonly acknowledged: number
  readonly records: number
  readonly findings: number
  readonly kills: number
  readonly events: number
  /** The same for the same seed. */
  readonly trace: string
  readonly breach: { readonly kind: WholeBreach; readonly message: string; readonly step: number } | undefined
}

/** Runs one life: steps under faults, then none, until everything is in. Never throws for a broken promise. */
export async function runWhole({ seed, steps = STEPS, broken }: WholeOptions): Promise<WholeResult> {
  const world = new WholeWorld(seed, await readRulePacks(), broken)
  const run = new WholeRun(world, new SeededRandom(seed ^ 0x5eed))
  let breach: WholeResult['breach']
  let step = 0
  try {
    await world.open()
    for (; step < steps; step += 1) await run.step(step)
    await run.finish()
  } catch (thrown) {
    if (!(thrown instanceof WholeBroken)) throw thrown
    breach = { kind: thrown.breach, message: thrown.message, step }
  } finally {
    await world.close()
  }
  const { ledger, kills } = world
  const { records, findings } = run
  const acknowledged = ledger.acknowledged.size
  return {
    seed,
    acknowledged,
    records,
    findings,
    kills,
    events: ledger.events,
    trace: ledger.trace(),
    breach,
  }
}

class WholeRun {
  records = 0
  findings = 0
  readonly #world: WholeWorld
  readonly #random: SeededRandom
  readonly #faults: readonly FaultKind[]
  #cursors = { ingest: 0, census: 0 }

  constructor(world: WholeWorld, random: SeededRandom) {
    this.#world = world
    this.#random = random
    this.#faults = faultKinds.filter(() => !random.oneIn(3))
  }

  /** Something happens, time passes, and whatever must hold is looked at. */
  async step(step: number): Promise<void> {
    const world = this.#world
    if (world.server === undefined && !this.#random.oneIn(3)) await world.start()
    await this.#strike()
    await world.clock.runTo(world.clock.nowMs() + this.#random.below(STEP_MS_MAX), () => world.isOver)
    if (world.isOver) await world.kill(this.#random.oneIn(2))
    else if (world.server !== undefined) {
      this.#requireStep(world.server)
      if (step % COMPARE_EVERY === 0) await this.#compare(world.server)
    }
  }

  /** No more faults: everything comes in, is judged, and judged anew gives the same. */
  async finish(): Promise<void> {
    const world = this.#world
    if (world.server !== undefined) await world.kill(false)
    world.storeFailsOneIn = 0
    world.network.isDown = false
    for (const device of world.devices) device.measuring = false
    await world.start()
    const untilMs = world.clock.nowMs() + LIVENESS_MS_MAX
    while (this.#left() !== undefined) {
      if (world.clock.nowMs() > untilMs) throw new WholeBroken('stuck', String(this.#left()))
      await world.clock.runTo(world.clock.nowMs() + MINUTE_MS, () => world.isOver)
      if (world.isOver) throw new WholeBroken('damaged', 'the process ended without a fault')
    }
    await world.clock.runTo(world.clock.nowMs() + this.#random.below(QUIET_MS_MAX))
    // What is open lasts until the instant at which it is asked: that is the same from here on.
    world.serverStandsAtMs = world.serverClock.nowMs()
    await world.clock.runTo(world.clock.nowMs() + MINUTE_MS)
    const { server } = world
    if (server === undefined) throw new WholeBroken('damaged', 'the process does not start without a fault')
    this.#requireStep(server)
    await this.#compare(server)
    const found = server.findings.allFindings()
    const asItCame = findingsJson(found)
    this.findings = found.length
    await this.#judgeAnew()
    const atOnce = findingsJson(world.server?.findings.allFindings() ?? [])
    world.ledger.note(world.clock.nowMs(), asItCame, JSON.stringify(world.server?.reads.totals()))
    if (atOnce !== asItCame) throw new WholeBroken('findings', differenceOf(asItCame, atOnce))
  }

  async #judgeAnew(): Promise<void> {
    const world = this.#world
    await world.kill(false)
    const database = new DatabaseSync(world.readingsPath)
    database.exec(
      "delete from finding; delete from finding_change; delete from judged_point; update cursor set next = 0 where name = 'judge'",
    )
    database.close()
    await world.start()
    await world.clock.runTo(world.clock.nowMs() + MINUTE_MS)
  }

  /** What is not done yet, in words; undefined when all is. */
  #left(): string | undefined {
    const { server, devices } = this.#world
    if (server === undefined) return 'no process'
    const kept = devices.find((device) => device.kept.length > 0)
    if (kept !== undefined) return `${kept.id} keeps ${kept.kept.length} messages`
    const end = server.journal.durableEnd
    for (const name of ['ingest', 'census', 'judge'] as const) {
      const at = server.reads.cursor(name)
      if (at !== end) return `${name} is at ${at} of ${end}`
    }
    return undefined
  }

  async #strike(): Promise<void> {
    const world = this.#world
    const random = this.#random
    const kind = this.#faults[random.below(this.#faults.length * 2)]
    if (kind === undefined) return
    world.ledger.note(world.clock.nowMs(), kind)
    if (kind === 'network') {
      world.network.isDown = random.oneIn(3)
      world.network.cut(world.network.isDown)
    } else if (kind === 'store') world.storeFailsOneIn = random.oneIn(2) ? 0 : 2 + random.below(5)
    else if (kind === 'clock') world.serverOffsetMs = (clockStepsMinutes[random.below(5)] ?? 0) * MINUTE_MS
    else if (world.server === undefined) return
    else if (kind === 'turn') world.killInTurns = 1 + this.#random.below(TURNS_MAX)
    else if (kind === 'facts') {
      const ids = world.devices.map(({ id }) => id)
      const told = await world.drive(changeFacts(world.command, random, ids, world.serverClock.nowMs()))
      world.ledger.note(world.clock.nowMs(), told)
    } else this.#strikeDisk(kind)
  }

  #strikeDisk(kind: 'kill' | 'power' | 'disk' | 'full'): void {
    const { disk } = this.#world
    const at = disk.operations + 1 + this.#random.below(40)
    if (kind === 'kill') disk.killAt(at)
    else if (kind === 'power') disk.cutPowerAt(at)
    else if (kind === 'disk') disk.failAt(at, this.#random.oneIn(2) ? 'EIO' : 'ENOSPC')
    else
      disk.setCapacity(
        this.#random.oneIn(2) ? Number.MAX_SAFE_INTEGER : disk.usedBytes() + this.#random.below(2_000),
      )
  }

  /** What must hold at every instant at which nothing can go on without time. */
  #requireStep({ reads, journal, findings, view }: SimulatedServer): void {
    const totals = reads.totals()
    const all = this.#world.devices.map(({ id }) => reads.balance(id))
    if (!totals.balanced || all.some(({ balanced }) => !balanced))
      throw new WholeBroken('unbalanced', JSON.stringify([totals, all]))
    const { ingest, census } = totals.cursors
    if (Math.max(ingest, census) > journal.durableEnd || reads.cursor('judge') > ingest)
      throw new WholeBroken('beyond', `${ingest} and ${census} of ${journal.durableEnd} records`)
    if (ingest < this.#cursors.ingest || census < this.#cursors.census)
      throw new WholeBroken('beyond', `the cursors went back from ${JSON.stringify(this.#cursors)}`)
    this.#cursors = totals.cursors
    for (const finding of findings.openAt('room')) {
      const { id } = finding
      const incident = view.unresolvedIncident('room', causeOf(finding))
      if (incident?.open !== 1) throw new WholeBroken('desk', `finding ${id} is open and its incident is not`)
    }
  }

  /** The whole log and all rows against what was sent and promised. */
  async #compare({ journal, reads }: SimulatedServer): Promise<void> {
    const records: Uint8Array[] = []
    const { signal } = new AbortController()
    try {
      while (records.length < journal.durableEnd) {
        for await (const batch of journal.follow(records.length, signal)) {
          for (const { bytes } of batch) records.push(bytes)
          if (records.length >= journal.durableEnd) break
        }
      }
    } catch (thrown) {
      // The blow planned for the disk struck this reading: the process ends of it, and the next one is compared.
      if (!isUnavailable(thrown)) throw new WholeBroken('damaged', String(thrown))
      await this.#world.kill(false)
      return
    }
    this.records = records.length
    const { readingsPath, ledger } = this.#world
    requireWhole({ records, ingested: reads.cursor('ingest'), readingsPath, ledger })
  }
}

/** The first findings that are not the same, short enough for one line. */
function differenceOf(asItCame: string, atOnce: string): string {
  const [before, after] = [asItCame, atOnce].map((text) =>
    (JSON.parse(text) as unknown[]).map((finding) => JSON.stringify(finding)),
  )
  const only = (some: readonly string[] = [], others: readonly string[] = []): string =>
    some.find((each) => !others.includes(each)) ?? 'nothing'
  return `only as it came: ${only(before, after)}; only at once: ${only(after, before)}`
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, Log, RulePack } from '../../domain/index.ts'
import { type Facts, openFacts } from '../../store/index.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { WholeDevice } from './whole-device.ts'
import { withSlowSyncs } from './whole-disk.ts'
import { type Command, commandsOn, furnish } from './whole-facts.ts'
import { WholeBroken, type WholeBreak, WholeLedger } from './whole-model.ts'
import { WholeNetwork } from './whole-network.ts'
import { isUnavailable, type SimulatedServer, startServer } from './whole-server.ts'

/** When every run begins. */
const START_MS = Date.UTC(2026, 10, 23)
/** Virtual time that one piece of work may take; beyond it, it hangs. */
const WORK_MS_MAX = 600_000
const ignore = (): void => undefined
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** Everything of one run: one clock, one disk, one process at a time, its devices, and the network between them. */
export class WholeWorld {
  readonly clock = new SimulatedClock(START_MS)
  readonly ledger = new WholeLedger()
  readonly devices: readonly WholeDevice[]
  readonly network: WholeNetwork
  /** What the clock of the server is wrong by. */
  serverOffsetMs = 0
  /** Where the clock of the server stands still, once it does; its monotonic clock goes on. */
  serverStandsAtMs: number | undefined
  /** One commit in so many fails; 0 for none. */
  storeFailsOneIn = 0
  /** The process is killed before so many turns of ingest from now on; undefined when it is not. */
  killInTurns: number | undefined
  kills = 0
  disk: SimulatedDisk
  server: SimulatedServer | undefined
  readonly serverClock: Clock
  readonly #random: SeededRandom
  readonly #folder = mkdtempSync(join(tmpdir(), 'isotherm-whole-'))
  readonly #packs: readonly RulePack[]
  readonly #broken: WholeBreak | undefined
  readonly #stopping = new AbortController()
  #facts: Facts | undefined
  #command: Command | undefined
  #process = { dead: true }

  constructor(seed: number, packs: readonly RulePack[], broken: WholeBreak | undefined) {
    const random = new SeededRandom(seed)
    this.#random = random
    this.#packs = packs
    this.#broken = broken
    this.disk = new SimulatedDisk({ seed: random.next() })
    this.network = new WholeNetwork(this.clock, new SeededRandom(random.next()), this.ledger, broken)
    this.devices = Array.from({ length: 2 + random.below(3) }, (_, count) => {
      const own = new SeededRandom(random.next())
      return new WholeDevice(`device-${count}`, own, this.clock, this.ledger, this.network)
    })
    this.serverClock = {
      nowMs: () => this.serverStandsAtMs ?? this.clock.nowMs() + this.serverOffsetMs,
      monotonicMs: () => this.clock.monotonicMs(),
      sleep: async (ms, signal) => this.clock.sleep(ms, signal),
    }
  }

  /** The file of the canonical readings. */
  get readingsPath(): string {
    return join(this.#folder, 'readings.sqlite')
  }

  get command(): Command {
    if (this.#command === undefined) throw new Error('the world is not open')
    return this.#command
  }

  /** Makes the facts and lets the devices begin. */
  async open(): Promise<void> {
    const clock = this.serverClock
    this.#facts = await openFacts({ path: join(this.#folder, 'facts.sqlite'), clock })
    this.#command = commandsOn(this.#facts, clock, new SeededRandom(this.#random.next()))
    const ids = this.devices.map(({ id }) => id)
    await this.drive(furnish(this.#command, ids, this.clock.nowMs()))
    for (const device of this.devices) void device.run(this.#stopping.signal)
  }

  /** Lets time pass until a piece of work is done. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    void Promise.allSettled([work]).then(() => {
      isDone = true
    })
    await this.clock.runTo(this.clock.nowMs(), () => isDone)
    const untilMs = this.clock.nowMs() + WORK_MS_MAX
    while (!isDone && this.clock.nowMs() < untilMs)
      await this.clock.runTo(this.clock.nowMs() + 1, () => isDone)
    if (!isDone) throw new WholeBroken('stuck', 'a piece of work does not end')
    return work
  }

  /** Starts the process, as a supervisor does; it may die of what was planned for the disk. */
  async start(): Promise<void> {
    const { disk } = this
    const own = { dead: false }
    this.#process = own
    const alive = (): boolean => !own.dead && !disk.stopped
    const random = new SeededRandom(this.#random.next())
    const server = await this.drive(
      startServer({
        disk: withSlowSyncs(disk, this.clock, random),
        readingsPath: this.readingsPath,
        facts: this.#openFacts,
        packs: this.#packs,
        clock: this.serverClock,
        log: silent,
        broken: this.#broken,
        storeFails: () => this.storeFailsOneIn > 0 && random.oneIn(this.storeFailsOneIn),
        betweenTurns: () => {
          this.#endTurn(disk)
        },
        random,
        alive,
      }).catch((thrown: unknown) => {
        throw new WholeBroken('damaged', thrown instanceof Error ? thrown.message : String(thrown))
      }),
    )
    this.ledger.note(
      this.clock.nowMs(),
      'start',
      server === undefined ? 'refused' : server.journal.durableEnd,
    )
    this.server = server
    if (server === undefined) await this.kill(false)
    else this.network.reachable = { server, alive }
  }

  /** True when the process has come to its end by itself. */
  get isOver(): boolean {
    const { server, disk } = this
    if (server === undefined) return false
    return disk.stopped || server.journal.state().kind === 'failed' || server.failed() !== undefined
  }

  /** Ends the process at this instant, with or without the power. */
  async kill(withPower: boolean): Promise<void> {
    const { server, disk } = this
    const failure = this.#process.dead || disk.stopped ? undefined : server?.failed()
    this.#process.dead = true
    this.killInTurns = undefined
    disk.stopped = true
    this.kills += 1
    this.network.reachable = undefined
    this.network.cut(true)
    this.server = undefined
    if (server !== undefined) await this.drive(server.end())
    const [misuse] = disk.violations
    if (misuse !== undefined) throw new WholeBroken('damaged', misuse)
    if (failure !== undefined && !isUnavailable(failure))
      throw new WholeBroken('damaged', failure instanceof Error ? failure.message : 'a follower ended')
    this.disk = disk.powerIsOff || withPower ? disk.crash() : disk.restart()
    this.ledger.note(this.clock.nowMs(), 'killed', withPower ? 'power' : 'process')
  }

  /** Ends everything and leaves nothing behind. */
  async close(): Promise<void> {
    this.#stopping.abort()
    try {
      if (this.server !== undefined) await this.kill(false)
      await this.#facts?.close()
    } finally {
      rmSync(this.#folder, { recursive: true })
    }
  }

  #endTurn(disk: SimulatedDisk): void {
    if (this.killInTurns === undefined) return
    this.killInTurns -= 1
    if (this.killInTurns <= 0) disk.stopped = true
  }

  get #openFacts(): Facts {
    if (this.#facts === undefined) throw new Error('the world is not open')
    return this.#facts
  }
}

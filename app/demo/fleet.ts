import assert from 'node:assert/strict'
import type { Episode, HandInProgress } from '../../devices-sim/index.ts'
import { type Clock, type Log, Problem, reasonOf } from '../../domain/index.ts'
import { type OwnProcess, startProcess } from '../doors/processes.ts'
import { type Link, openLink } from '../link/index.ts'
import type { FleetEvent, FleetPeriod, FleetStart } from './fleet-calls.ts'

/** A process that dies at once must not burn a core. */
const RESTART_DELAY_MS = 1_000
/** How long devices may take to say goodbye. */
const STOP_MS_MAX = 3_000

/** The devices of the demonstration, in a process that is started again when it dies. */
export interface DemoFleet {
  /** Hands in what was recorded in a period, and again what a process that died did not finish. */
  handIn(period: FleetPeriod): Promise<number>
  /** From now on devices record and send. */
  live(): Promise<void>
  /** A scenario begins, or ends; what has begun goes on after a restart of the process. */
  begin(event: FleetEvent, episode: Episode): Promise<void>
  end(event: FleetEvent): Promise<void>
  stop(): Promise<void>
}

/** What the fleet is started with. */
export interface DemoFleetOptions {
  readonly start: FleetStart
  /** What a process that is started again has to hand in. */
  readonly missed: () => Promise<FleetPeriod>
  readonly onProgress: (progress: HandInProgress) => void
  readonly clock: Clock
  readonly log: Log
}

/** Starts the process. Throws `internal` when it cannot be started. */
export async function startDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const fleet = new FleetProcess(options)
  try {
    await fleet.start()
    return fleet
  } catch (thrown) {
    await fleet.stop()
    throw new Problem('internal', {
      what: `The devices of the demonstration cannot be started: ${reasonOf(thrown)}`,
      remedy: 'Read what their process printed above; `npm start -- --no-demo` runs without them.',
      cause: thrown,
    })
  }
}

class FleetProcess implements DemoFleet {
  readonly #options: DemoFleetOptions
  readonly #stopping = new AbortController()
  readonly #episodes: Map<string, readonly Episode[]>
  #process: OwnProcess | undefined
  #link: Link | undefined
  #isLive = false

  constructor(options: DemoFleetOptions) {
    this.#options = options
    this.#episodes = new Map(options.start.episodes)
  }

  async start(): Promise<void> {
    const own = startProcess(new URL('./fleet-process.ts', import.meta.url))
    const link = openLink(own.channel, {
      notices: {
        'handed-in': (progress) => {
          this.#options.onProgress(progress as HandInProgress)
        },
      },
    })
    this.#process = own
    this.#link = link
    void own.ended.then((how) => this.#restart(how))
    await link.call('start', { ...this.#options.start, episodes: this.#episodes } satisfies FleetStart)
  }

  handIn(period: FleetPeriod): Promise<number> {
    return this.#call('hand-in', period) as Promise<number>
  }

  async live(): Promise<void> {
    this.#isLive = true
    await this.#call('live', {})
  }

  async begin(event: FleetEvent, episode: Episode): Promise<void> {
    const before = this.#episodes.get(event.target) ?? []
    this.#episodes.set(event.target, [...before, episode])
    await this.#call('trigger', event)
  }

  async end(event: FleetEvent): Promise<void> {
    const { target, scenario, atMs } = event
    const cut = (each: Episode): Episode =>
      each.scenario === scenario && each.toMs > atMs ? { ...each, toMs: atMs } : each
    this.#episodes.set(target, (this.#episodes.get(target) ?? []).map(cut))
    await this.#call('end', event)
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    try {
      await this.#link?.call('stop', {}, AbortSignal.timeout(STOP_MS_MAX))
    } catch (thrown) {
      // Nothing is lost: what devices keep unsent they record again, from the same seed, at the next start.
      this.#options.log.warn({ reason: reasonOf(thrown) }, 'the fleet did not say goodbye')
    }
    await this.#process?.kill()
  }

  #call(name: string, input: unknown): Promise<unknown> {
    assert(this.#link !== undefined, 'the fleet was started')
    return this.#link.call(name, input)
  }

  async #restart(how: string): Promise<void> {
    const { clock, log, missed } = this.#options
    const { signal } = this.#stopping
    if (signal.aborted) return
    log.error({ reason: how }, 'the fleet of the demonstration died and is started again')
    await clock.sleep(RESTART_DELAY_MS, signal)
    if (signal.aborted) return
    try {
      await this.start()
      if (!this.#isLive) return
      await this.handIn(await missed())
      await this.live()
    } catch (thrown) {
      // The process that failed has ended or is ended here, and the next one begins anew.
      log.error({ reason: reasonOf(thrown) }, 'the fleet of the demonstration could not go on')
      await this.#process?.kill()
    }
  }
}

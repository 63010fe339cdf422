import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { waitFor } from '../isotherm.ts'
import { DRAIN, type LoadCounts, type LoadOrder } from './orders.ts'

/** Without an acknowledgement for this long under load something is wrong that no patience mends. */
const STALL_MS_MAX = 60_000

/** Devices under load in a process of their own, which writes down what was sent and what was acknowledged. */
export class AckedLoad {
  readonly #process: ChildProcess
  counts: LoadCounts = { sent: 0, acked: 0, connected: 0, reconnects: 0, drained: false }

  private constructor(child: ChildProcess) {
    this.#process = child
    child.on('message', (counts: LoadCounts) => {
      this.counts = counts
    })
  }

  /** Starts it; the server need not be there yet. */
  static start(order: LoadOrder): AckedLoad {
    const child = fork(join(import.meta.dirname, 'devices.ts'), [], { execArgv: [] })
    const load = new AckedLoad(child)
    child.send(order)
    return load
  }

  /** Waits for so many acknowledged readings in all; throws with `told` when none comes for a minute. */
  async untilAcked(acked: number, told: () => string): Promise<void> {
    await this.#until(() => this.counts.acked >= acked, told)
  }

  /** Sends nothing new, waits until everything sent is acknowledged and written down, and ends. */
  async drain(told: () => string): Promise<LoadCounts> {
    this.#process.send(DRAIN)
    await this.#until(() => this.counts.drained, told)
    if (this.#process.exitCode === null) await once(this.#process, 'exit')
    return this.counts
  }

  /** Ends it at once, if it still runs. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGKILL')
    await once(this.#process, 'exit')
  }

  /** Each acknowledgement extends the wait. */
  async #until(done: () => boolean, told: () => string): Promise<void> {
    for (;;) {
      const before = this.counts.acked
      const moved = (): boolean => done() || this.counts.acked > before
      await waitFor(
        () => moved() || this.#process.exitCode !== null,
        STALL_MS_MAX,
        () => `no acknowledgement after ${before}: ${told()}`,
      )
      if (done()) return
      if (this.#process.exitCode !== null) throw new Error(`the devices ended with ${this.#process.exitCode}`)
    }
  }
}

/** Below the ports that outgoing connections get: clients that try a dead server again would connect to themselves. */
const PORT_FIRST = 20_000
const PORTS = 12_000

/** A port of this machine that stays the same over restarts of a server. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = PORT_FIRST + Math.floor(Math.random() * PORTS)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

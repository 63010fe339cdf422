import { Worker, parentPort, workerData } from 'node:worker_threads'
import { type Channel, portChannel, workerChannel } from '../link/index.ts'
import { Problem, type ProblemCode, problemStatus } from '../../domain/index.ts'

/** A worker thread of ours. */
export interface Thread {
  readonly channel: Channel
  /** Resolves when the thread has ended, with what it died of, if it did. */
  readonly ended: Promise<Error | undefined>
  stop(): Promise<void>
}

/** Starts the module at `url` in a thread, with `data` for `threadData`. */
export function startThread(url: URL, data: unknown): Thread {
  const worker = new Worker(url, { workerData: data })
  let failure: Error | undefined
  worker.on('error', (thrown: unknown) => {
    failure = asItWasThrown(thrown)
  })
  const ended = new Promise<Error | undefined>((resolve) => worker.once('exit', () => resolve(failure)))
  return {
    channel: workerChannel(worker),
    ended,
    stop: async () => void (await worker.terminate()),
  }
}

/** An error as the thread threw it: on its way here it keeps its own properties, but not its class. */
function asItWasThrown(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new TypeError(String(thrown))
  if (!('code' in thrown && 'remedy' in thrown && isProblemCode(thrown.code))) return thrown
  return new Problem(thrown.code, {
    what: thrown.message,
    remedy: String(thrown.remedy),
    cause: thrown.cause,
  })
}

function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(problemStatus, code)
}

/** What the thread we run in was started with. */
export function threadData(): unknown {
  return workerData as unknown
}

/** The way to whoever started the thread we run in. */
export function threadChannel(): Channel {
  if (parentPort === null) {
    throw new Problem('internal', {
      what: 'This module runs as a thread of Isotherm only.',
      remedy: 'Start Isotherm with `npx isotherm start`.',
    })
  }
  return portChannel(parentPort)
}

/** Ends the thread we run in with what it died of; whoever started it is told. */
export function endThread(thrown: unknown): void {
  // An error thrown outside any promise is what `worker_threads` reports to the starter.
  setImmediate(() => {
    throw thrown
  })
}

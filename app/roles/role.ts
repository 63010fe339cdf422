import { type Clock, type Log, Problem, type Random, reasonOf } from '../../domain/index.ts'
import { lockDataDirectoryWithin } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock, untilAborted } from '../doors/clock.ts'
import { makePrivateDirectory } from '../doors/files.ts'
import type { Logs } from '../doors/log.ts'
import { systemRandom } from '../doors/random.ts'
import { processIdentity, type Terminal } from '../doors/terminal.ts'
import { requireFormat } from '../format.ts'
import { type DataLayout, dataLayout } from '../layout.ts'
import { openConfiguredLogs } from '../logs.ts'
import { type Metrics, openMetrics } from '../metrics/registry.ts'
import { refuseOther, requirePurpose } from '../purpose.ts'

/** What every role is started with. It runs until `stop` aborts, then stops in order and resolves. */
export interface RoleOptions {
  readonly configuration: Configuration
  readonly terminal: Terminal
  readonly stop: AbortSignal
}

/** What a running role works with. */
export interface RoleContext extends RoleOptions {
  readonly layout: DataLayout
  readonly clock: Clock
  readonly random: Random
  /** That of `app` itself. */
  readonly log: Log
  /** Those of the other folders, for what is opened on their behalf. */
  readonly logs: Logs
  /** The metrics of this process. */
  readonly metrics: Metrics
  /** Has `stop` called at the end, last added first. */
  readonly onStop: (name: string, stop: () => Promise<void> | void) => void
  /** Aborts when the role is to end, whether it is up already or not. */
  readonly ending: AbortSignal
  /** Ends the role with this failure: a part without which going on would be wrong has died. */
  readonly fail: (problem: Problem) => void
  /** Takes the lock of a role on the data directory for the life of the process. */
  readonly lock: (role: 'gateway' | 'core') => Promise<void>
}

/** A command of the command line holds a role for about a second; a server that runs is told apart by this. */
const LOCK_MS_MAX = 5_000

interface Cleanup {
  readonly name: string
  readonly stop: () => Promise<void> | void
}

/**
 * Runs a role: `start` brings its parts up and resolves when they serve; then it waits for the stop signal or
 * a failure, and takes everything down again in reverse order. Rejects with the failure.
 */
export async function runRole(
  name: string,
  options: RoleOptions,
  start: (context: RoleContext) => Promise<void>,
): Promise<void> {
  const layout = dataLayout(options.configuration.data_dir)
  const logs = openConfiguredLogs(options.configuration, name)
  const log = logs.app
  const cleanups: Cleanup[] = []
  const failure = Promise.withResolvers<never>()
  const failing = new AbortController()
  let failed: Problem | undefined
  // Handled at the race below; a failure while still starting must not count as unhandled.
  failure.promise.catch(() => undefined)
  const onStop: RoleContext['onStop'] = (part, stop) => void cleanups.push({ name: part, stop })
  const context: RoleContext = {
    ...options,
    layout,
    clock: systemClock,
    random: systemRandom,
    log,
    logs,
    metrics: openMetrics(),
    onStop,
    ending: AbortSignal.any([options.stop, failing.signal]),
    fail: (problem) => {
      failed ??= problem
      failing.abort()
      failure.reject(problem)
    },
    lock: async (role) => {
      const { pid, host } = processIdentity()
      const holder = { pid, host, startedAt: systemClock.nowMs() }
      const lock = await lockDataDirectoryWithin(
        { path: layout.root, role, holder },
        systemClock,
        LOCK_MS_MAX,
      )
      onStop(`the lock of the ${role}`, () => {
        lock.release()
      })
      // once more: only now nobody else can change it any more
      await requireFormat(layout)
      const purpose = options.configuration.demo ? 'demo' : 'live'
      await (role === 'core' ? requirePurpose : refuseOther)(layout, purpose)
    },
  }
  try {
    await requireFormat(layout)
    await makePrivateDirectory(layout.root)
    await start(context)
    await Promise.race([untilAborted(options.stop), failure.promise])
    options.terminal.tell('stopping ...')
  } catch (thrown) {
    // What a part died of says more than that another one could not reach it any more.
    throw failed ?? thrown
  } finally {
    await stopAll(cleanups, log)
  }
}

/** A part that cannot go on. */
export function partDied(part: string, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  return new Problem('internal', {
    what: `The ${part} has stopped: ${reasonOf(thrown)}.`,
    remedy: 'Start Isotherm again; nothing acknowledged is lost. Report it if it happens again.',
    cause: thrown,
  })
}

async function stopAll(cleanups: Cleanup[], log: Log): Promise<void> {
  for (let next = cleanups.pop(); next !== undefined; next = cleanups.pop()) {
    try {
      await next.stop()
    } catch (thrown) {
      log.error({ piece: next.name, reason: reasonOf(thrown) }, 'a part did not stop cleanly')
    }
  }
}

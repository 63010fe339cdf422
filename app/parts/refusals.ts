import type { Clock, Log } from '../../domain/index.ts'
import { reasonOf } from '../../domain/index.ts'
import type { CommandPort, RefusalCount } from '../../store/index.ts'

const HOUR_MS = 3_600_000
/** How often counts go to the core. */
const FLUSH_INTERVAL_MS = 1_000
/** Device names come from registered devices only, so this is (devices x reasons) of the last second. */
const COUNTS_MAX = 50_000

/** Adds up refusals in memory and hands them to the core, so that a flood of them costs one row an hour. */
export interface RefusalTally {
  readonly count: (deviceId: string | undefined, reason: string) => void
  /** Refusals counted in this process, by reason. */
  readonly byReason: () => Readonly<Record<string, number>>
  /** Hands over until `signal` aborts, then once more. Counts the core did not take are kept and tried again. */
  run(commands: CommandPort, log: Log, signal: AbortSignal): Promise<void>
}

/** Opens an empty tally. */
export function openRefusalTally(clock: Clock): RefusalTally {
  let pending = new Map<string, RefusalCount>()
  const totals = new Map<string, number>()
  const add = (row: RefusalCount): void => {
    const key = `${row.device}\n${row.reason}\n${row.hourMs}`
    const known = pending.get(key)
    if (known === undefined && pending.size >= COUNTS_MAX) return
    pending.set(key, known === undefined ? row : { ...known, count: known.count + row.count })
  }
  const flush = async (commands: CommandPort, log: Log): Promise<void> => {
    if (pending.size === 0) return
    const rows = [...pending.values()]
    pending = new Map()
    try {
      await commands.command('refusals.add', { kind: 'system', id: 'gateway' }, { rows })
    } catch (thrown) {
      for (const row of rows) add(row)
      log.warn({ reason: reasonOf(thrown) }, 'refusal counts are kept until the core takes them')
    }
  }
  return {
    count: (deviceId, reason) => {
      totals.set(reason, (totals.get(reason) ?? 0) + 1)
      add({ device: deviceId ?? '', reason, hourMs: Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS, count: 1 })
    },
    byReason: () => Object.fromEntries(totals),
    run: async (commands, log, signal) => {
      while (!signal.aborted) {
        await clock.sleep(FLUSH_INTERVAL_MS, signal)
        await flush(commands, log)
      }
    },
  }
}

import type { Clock, Log } from '../../domain/index.ts'
import { reasonOf } from '../../domain/index.ts'
import { type CommandPort, REFUSALS_PER_CALL_MAX, type RefusalCount } from '../../store/index.ts'

const HOUR_MS = 3_600_000
/** A refusal of a new kind is told within this... */
const LOOK_INTERVAL_MS = 1_000
/** ...further ones of the same hour within this: each telling is an audit row, and a flood must not be one a second. */
const REPEAT_INTERVAL_MS = 10_000
/** Kinds are registered devices x reasons of an hour; beyond this the device is left out, never the count. */
const KINDS_MAX = 50_000

/** Adds up refusals in memory and hands them to the core, so that a flood of them costs one row an hour. */
export interface RefusalTally {
  readonly count: (deviceId: string | undefined, reason: string) => void
  /** Hands over until `signal` aborts, then once more. Counts the core did not take are kept and tried again. */
  run(commands: CommandPort, log: Log, signal: AbortSignal): Promise<void>
}

/** Opens an empty tally. */
export function openRefusalTally(clock: Clock): RefusalTally {
  const pending = new Map<string, RefusalCount>()
  let toldHourMs = 0
  const told = new Set<string>()
  let isNewKind = false
  let handedOverMs = clock.monotonicMs()

  const add = (row: RefusalCount): void => {
    const key = keyOf(row)
    const known = pending.get(key)
    if (known === undefined && pending.size >= KINDS_MAX && row.device !== '') {
      add({ ...row, device: '' })
      return
    }
    pending.set(key, known === undefined ? row : { ...known, count: known.count + row.count })
    if (row.hourMs > toldHourMs) told.clear()
    toldHourMs = Math.max(toldHourMs, row.hourMs)
    isNewKind ||= !told.has(key)
  }

  const handOver = async (commands: CommandPort, log: Log): Promise<void> => {
    handedOverMs = clock.monotonicMs()
    const rows = [...pending.values()].slice(0, REFUSALS_PER_CALL_MAX)
    if (rows.length === 0) return
    for (const row of rows) pending.delete(keyOf(row))
    isNewKind = pending.size > 0
    try {
      await commands.command('refusals.add', { kind: 'system', id: 'gateway' }, { rows })
      for (const row of rows) told.add(keyOf(row))
    } catch (thrown) {
      for (const row of rows) add(row)
      log.warn({ reason: reasonOf(thrown) }, 'refusal counts are kept until the core takes them')
    }
  }

  return {
    count: (deviceId, reason) => {
      const hourMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS
      add({ device: deviceId ?? '', reason, hourMs, count: 1 })
    },
    run: async (commands, log, signal) => {
      while (!signal.aborted) {
        await clock.sleep(LOOK_INTERVAL_MS, signal)
        const isDue = clock.monotonicMs() - handedOverMs >= REPEAT_INTERVAL_MS
        if (isNewKind || isDue || signal.aborted) await handOver(commands, log)
      }
    },
  }
}

function keyOf({ device, reason, hourMs }: RefusalCount): string {
  return `${device}\n${reason}\n${hourMs}`
}

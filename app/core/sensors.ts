import { type Clock, type Log, Problem } from '../../domain/index.ts'
import type { CanonicalReads, CanonicalStore, Facts } from '../../store/index.ts'
import { registerSensors, SENSORS_PER_CALL_MAX } from '../../store/index.ts'

const actor = { kind: 'system', id: 'ingest' } as const
/** It looks for new ones this often at most: those that come together are registered together. */
const LOOK_MS = 500
/** How soon facts that were unavailable are tried again. */
const RETRY_MS = 5_000
/** Enough of the unknown devices to see where they come from. */
const NAMED_MAX = 5

/** Registers sensors whose first reading was stored, as facts. */
export interface SensorRegistration {
  /** There may be new ones; answers at once. */
  readonly look: () => void
  /** Registers what is new since it looked last, and resolves when nothing is under way any more. */
  readonly stop: () => Promise<void>
}

/** What registration works with. */
export interface SensorParts {
  readonly store: Pick<CanonicalStore, 'transactInTurn'>
  readonly reads: Pick<CanonicalReads, 'cursor' | 'newSeries'>
  readonly facts: Facts
  readonly clock: Clock
  readonly log: Log
  /** Called with what keeps it from going on for good. */
  readonly fail: (thrown: unknown) => void
}

/**
 * Opens the registration: a consumer of the series numbers with its own cursor, because facts and readings are
 * two databases, and registering a known sensor again changes nothing. While the facts are unavailable it tries
 * again by itself.
 */
export function openSensorRegistration(parts: SensorParts): SensorRegistration {
  const { clock, fail } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  let wanted = false
  let running: Promise<void> | undefined
  const run = async (): Promise<void> => {
    while (wanted && !signal.aborted) {
      wanted = false
      const isRegistered = await registered(parts)
      if (!isRegistered) wanted = true
      await clock.sleep(isRegistered ? LOOK_MS : RETRY_MS, signal)
    }
    running = undefined
  }
  return {
    look: () => {
      wanted = true
      running ??= run().catch(fail)
    },
    stop: async () => {
      stopping.abort()
      await running
      // what came a moment ago is not left for the next start
      if (wanted) await registered(parts).catch(fail)
    },
  }
}

/** False when the facts are unavailable at the moment. */
async function registered(parts: SensorParts): Promise<boolean> {
  try {
    await registerNewSensors(parts)
    return true
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== 'core-unavailable') throw thrown
    // Nothing is lost: the cursor stays where it is.
    parts.log.warn({ reason: thrown.message }, 'new sensors are not registered yet')
    return false
  }
}

async function registerNewSensors({ store, reads, facts, clock, log }: SensorParts): Promise<void> {
  for (;;) {
    const after = reads.cursor('sensors')
    const found = reads.newSeries(after, SENSORS_PER_CALL_MAX)
    const last = found.at(-1)
    if (last === undefined) return
    const rows = found.map(({ device, sensor, firstReceivedAtMs }) => {
      return { device, name: sensor, sinceMs: firstReceivedAtMs }
    })
    const { unknownDevices } = await registerSensors(facts, actor, rows)
    if (unknownDevices.length > 0) {
      const devices = unknownDevices.slice(0, NAMED_MAX).join(', ')
      const fields = { count: unknownDevices.length, devices }
      log.warn(fields, 'devices that sent are not registered here; their sensors are left out')
    }
    await store.transactInTurn((tx) => {
      tx.setCursor('sensors', last.no)
    })
    // thousands may be new at once, and none of this waits for anything by itself
    if (found.length === SENSORS_PER_CALL_MAX) await clock.sleep(0)
  }
}

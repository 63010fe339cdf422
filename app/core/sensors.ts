import type { CanonicalReads, CanonicalStore, Facts } from '../../store/index.ts'
import { registerSensors, SENSORS_PER_CALL_MAX } from '../../store/index.ts'

const actor = { kind: 'system', id: 'ingest' } as const

/**
 * Registers sensors whose first reading was stored, as facts. A consumer of the series numbers with its own
 * cursor: facts and readings are two databases, and registering a known sensor again changes nothing.
 */
export async function registerNewSensors(
  store: CanonicalStore,
  reads: CanonicalReads,
  facts: Facts,
): Promise<void> {
  for (;;) {
    const after = reads.cursor('sensors')
    const found = reads.newSeries(after, SENSORS_PER_CALL_MAX)
    const last = found.at(-1)
    if (last === undefined) return
    const rows = found.map(({ device, sensor, firstReceivedAtMs }) => {
      return { device, name: sensor, sinceMs: firstReceivedAtMs }
    })
    await registerSensors(facts, actor, rows)
    store.transact((tx) => {
      tx.setCursor('sensors', last.no)
    })
  }
}

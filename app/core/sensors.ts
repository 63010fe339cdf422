import type { CanonicalStore } from '../../store/index.ts'

/** A series seen for the first time, by its number in the canonical store. */
export interface NewSeries {
  readonly no: number
  readonly device: string
  readonly sensor: string
}

const BATCH = 500

/**
 * Registers sensors whose first reading was stored, as facts. A consumer of the series numbers with its own
 * cursor: facts and readings are two databases, and registering a known sensor again changes nothing.
 */
export async function registerNewSensors(options: {
  readonly store: CanonicalStore
  readonly newSeries: (after: number, limit: number) => readonly NewSeries[]
  readonly register: (rows: readonly { readonly device: string; readonly name: string }[]) => Promise<unknown>
}): Promise<void> {
  for (;;) {
    const after = options.store.transact((tx) => tx.cursor('sensors'))
    const found = options.newSeries(after, BATCH)
    const last = found.at(-1)
    if (last === undefined) return
    await options.register(found.map(({ device, sensor }) => ({ device, name: sensor })))
    options.store.transact((tx) => {
      tx.setCursor('sensors', last.no)
    })
  }
}

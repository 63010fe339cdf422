import { type HeldDeskParts, openHeldDesk } from '../../app/core/held.ts'
import { decodeRecord, Problem } from '../../domain/index.ts'
import type { Gateway, ReadmissionRecord } from '../../gateway/index.ts'
import { ingestStretch } from '../../ingest/index.ts'
import type { CanonicalStore, HeldPort } from '../../store/index.ts'

/** The held desk of a core that has ingested what is in `journal` when a record has to be judged again. */
export function stageHeld({
  journal,
  canonical,
  gateway,
  ...parts
}: Omit<HeldDeskParts, 'record'> & {
  readonly journal: readonly Uint8Array[]
  readonly canonical: CanonicalStore
  readonly gateway: Gateway
}): HeldPort {
  const record = async (index: number) => {
    const bytes = journal[index]
    if (bytes !== undefined) return decodeRecord(bytes)
    throw new Problem('not-found', { what: `There is no record ${index}.`, remedy: 'Take one there is.' })
  }
  const desk = openHeldDesk({ ...parts, record })
  const terms = { acceptFromMs: 0, expectedIntervalMs: 300_000 }
  desk.gateway({
    closed: false,
    call: async (_, call) => {
      const index = await gateway.readmit(call as ReadmissionRecord)
      const bytes = journal[index] ?? new Uint8Array()
      canonical.transact((tx) => ingestStretch(tx, [{ index, bytes }], () => terms))
      return index
    },
    notify: () => undefined,
    onClose: () => undefined,
    close: () => undefined,
  })
  return desk
}

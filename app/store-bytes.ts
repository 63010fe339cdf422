import { bytesOf } from './doors/folders.ts'
import type { DataLayout } from './layout.ts'

/** What the stores take on disk, bytes; databases with their WAL. */
export type StoreBytes = Readonly<Record<'journal' | 'readings' | 'facts' | 'audit', number>>

/** Measures the stores; 0 for one that is not there. */
export async function storeBytes(layout: DataLayout): Promise<StoreBytes> {
  const withLog = async (path: string): Promise<number> =>
    (await bytesOf(path)) + (await bytesOf(`${path}-wal`))
  const [journal, readings, facts, audit] = await Promise.all([
    bytesOf(layout.journal),
    withLog(layout.readings),
    withLog(layout.facts),
    bytesOf(layout.audit),
  ])
  return { journal, readings, facts, audit }
}

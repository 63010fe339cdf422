import type { Clock } from '../../domain/index.ts'
import { lockDataDirectory, type LockHolder } from '../../store/index.ts'
import { writeAgain } from '../core/index.ts'
import { connectLocal } from '../doors/sockets.ts'
import { requireFormat } from '../format.ts'
import type { DataLayout } from '../layout.ts'
import { openLink } from '../link/index.ts'
import { openStores } from '../stores.ts'

/**
 * Has every reading written to InfluxDB again, from the first: by the core that runs, or by the next one. Points that
 * are no readings any more stay there. Answers whether a core runs. Throws `configuration-invalid` when one runs that
 * writes to no InfluxDB, `data-directory-locked` when one runs and does not answer.
 */
export async function rebuildInflux(options: {
  readonly layout: DataLayout
  readonly holder: LockHolder
  readonly clock: Clock
}): Promise<boolean> {
  const { layout, holder, clock } = options
  const channel = await connectLocal(layout.socket)
  if (channel !== undefined) {
    const link = openLink(channel, {})
    try {
      await link.call('influx-again', {})
      return true
    } finally {
      link.close()
    }
  }
  await requireFormat(layout)
  const lock = lockDataDirectory({ path: layout.root, role: 'core', holder })
  try {
    const stores = await openStores(layout, clock)
    stores.store.transact((tx) => {
      writeAgain(tx, clock)
    })
    await stores.close()
    return false
  } finally {
    lock.release()
  }
}

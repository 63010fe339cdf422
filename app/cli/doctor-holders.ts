import { isDataDirectoryLocked, lockHolder } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { processIdentity } from '../doors/terminal.ts'

/**
 * Ids of the processes that hold a role of the data directory, those that are known on this machine; undefined when
 * nobody holds one. The role `api` holds nothing, and in `start` one process holds both.
 */
export function holdersOf({ data_dir: path }: Configuration): readonly number[] | undefined {
  const roles = ['gateway', 'core'].filter((role) => isDataDirectoryLocked({ path, role }))
  if (roles.length === 0) return undefined
  const { host } = processIdentity()
  const pids = roles.flatMap((role) => {
    const holder = lockHolder({ path, role })
    return holder?.host === host ? [holder.pid] : []
  })
  return [...new Set(pids)]
}

import { logFolders, type Logs } from '../../app/doors/log.ts'
import type { Log } from '../../domain/index.ts'

/** One log in the place of that of every folder. */
export function logsTo(log: Log): Logs {
  return Object.fromEntries(logFolders.map((folder) => [folder, log])) as Record<keyof Logs, Log>
}

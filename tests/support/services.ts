import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian keeps servers where an ordinary account's PATH does not look, and PostgreSQL 15 in a folder of its own. */
const folders = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/sbin',
  '/sbin',
  '/usr/lib/postgresql/15/bin',
]

/** Where a program is; undefined when it is not installed. */
export function programPath(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/**
 * Why tests that need a program cannot run here; undefined when they can. The skip is said loudly, and with
 * `CI=true` it is an error instead: there, nothing may be skipped.
 */
export function missingProgram(name: string, debianPackage: string): string | undefined {
  if (programPath(name) !== undefined) return undefined
  const reason = `${name} is not installed (Debian package ${debianPackage})`
  if (process.env['CI'] === 'true') throw new Error(`${reason}; with CI=true it must be.`)
  console.warn(`SKIPPED, for ${reason}.`)
  return reason
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

import { connect, sqliteProblem } from './readings/sqlite.ts'

/** Which versions the files of a data directory are of. */
export interface SchemaVersions {
  readonly readings: number
  /** Name of the newest migration of the facts; null when none has run. */
  readonly facts: string | null
}

/**
 * The versions of both files as they are, newer or older ones too; nothing is changed. Throws
 * `Problem('core-unavailable' | 'store-damaged' | 'disk-full')` when one cannot be read.
 */
export function schemaVersionsOf(paths: {
  readonly readings: string
  readonly facts: string
}): SchemaVersions {
  const readings = valueIn(paths.readings, 'pragma user_version')
  const facts = valueIn(paths.facts, 'select max(name) from kysely_migration')
  return { readings: Number(readings), facts: typeof facts === 'string' ? facts : null }
}

function valueIn(path: string, sql: string): unknown {
  const database = connect(path, true)
  try {
    return Object.values(database.prepare(sql).get() ?? {})[0] ?? null
  } catch (thrown) {
    throw sqliteProblem(thrown, path)
  } finally {
    database.close()
  }
}

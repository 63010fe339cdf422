import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openFacts, openFactsReads } from '../../store/index.ts'
import type { FactsDatabase } from './facts-promises.ts'

/** A facts database in a SQLite file of its own. */
export async function createSqlite(): Promise<FactsDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'isotherm-facts-'))
  const path = join(directory, 'facts.sqlite')
  return {
    open: (clock) => openFacts({ path, clock }),
    reads: () => openFactsReads({ path }),
    execute: async (statement) => {
      const raw = new DatabaseSync(path)
      try {
        return raw
          .prepare(statement)
          .all()
          .map((row) => ({ ...row }))
      } finally {
        raw.close()
      }
    },
    remove: async () => {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

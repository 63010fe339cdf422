import assert from 'node:assert/strict'
import type { FactTable, FactTables } from '../../domain/index.ts'
import { type Act, appendFact } from './act.ts'
import { history } from './rows.ts'
import type { FactKey, FactValues } from './schema.ts'
import { ownColumns } from './schema.ts'

/**
 * Changes an entity from instant `fromMs` on, all in one act. A row that holds across the instant is superseded
 * by a copy closed there, and a new row opens there; a row that starts later is superseded by one of the same
 * period with the change. Answers the row that holds from now on. The entity must exist.
 */
export async function changeFrom<T extends FactTable>(
  act: Act,
  table: T,
  key: FactKey<T>,
  fromMs: number,
  changed: Partial<FactValues<T>>,
): Promise<FactTables[T]> {
  let last: FactTables[T] | undefined
  for (const row of await history(act.tx, table, key)) {
    if (row.validTo !== null && row.validTo <= fromMs) continue
    const { validFrom, validTo, fact } = row
    const before = ownColumns(table, row)
    const after = { ...before, ...changed }
    if (validFrom < fromMs) {
      await appendFact(act, table, before, { validFrom, validTo: fromMs, supersedes: fact })
      last = await appendFact(act, table, after, { validFrom: fromMs, validTo, supersedes: null })
    } else {
      last = await appendFact(act, table, after, { validFrom, validTo, supersedes: fact })
    }
  }
  assert(last !== undefined, `nothing of ${table} holds at or after the change`)
  return last
}

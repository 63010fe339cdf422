import assert from 'node:assert/strict'
import type { FactColumns, FactTable, FactTables } from '../../domain/index.ts'
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

/**
 * States what holds for an entity from instant `fromMs` until its next recorded change, all in one act. A row that
 * holds across the instant is superseded by a copy closed there; later rows stay as they are. Answers the new row.
 */
export async function changeUntilNext<T extends FactTable>(
  act: Act,
  table: T,
  values: FactValues<T> & FactKey<T>,
  fromMs: number,
): Promise<FactTables[T]> {
  const rows = await history(act.tx, table, values)
  const row = rowAt(rows, fromMs)
  if (row === undefined) {
    const next = rows.find(({ validFrom }) => validFrom > fromMs)
    return appendFact(act, table, values, {
      validFrom: fromMs,
      validTo: next?.validFrom ?? null,
      supersedes: null,
    })
  }
  const { validFrom, validTo, fact } = row
  if (validFrom === fromMs) return appendFact(act, table, values, { validFrom, validTo, supersedes: fact })
  await appendFact(act, table, ownColumns(table, row), { validFrom, validTo: fromMs, supersedes: fact })
  return appendFact(act, table, values, { validFrom: fromMs, validTo, supersedes: null })
}

/** The row of a history that holds at the instant (epoch ms). */
export function rowAt<Row extends FactColumns>(rows: readonly Row[], atMs: number): Row | undefined {
  return rows.find(({ validFrom, validTo }) => validFrom <= atMs && (validTo === null || atMs < validTo))
}

/** The rows that hold at any instant of [fromMs, toMs), epoch ms, null = open. */
export function rowsDuring<Row extends FactColumns>(
  rows: readonly Row[],
  fromMs: number,
  toMs: number | null,
): readonly Row[] {
  return rows.filter(
    ({ validFrom, validTo }) => (toMs === null || validFrom < toMs) && (validTo === null || validTo > fromMs),
  )
}

import type { FactColumns } from '../../domain/index.ts'
import { instantText, instantTextOrNull, isName, Problem } from '../../domain/index.ts'

/** More than this at a time would hold up the query thread. */
const LIMIT_MAX = 1_000

/** How many rows to read for a page: one more tells whether there is a next. Throws `bad-request` unless 1 to 1,000. */
export function rowsFor(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit + 1
  throw new Problem('bad-request', {
    what: `A page of ${limit} items cannot be read.`,
    remedy: `Use a limit of 1 to ${LIMIT_MAX}.`,
  })
}

/** The cursor of a page could not have come from the page before. */
export function badCursor(after: string): Problem {
  return new Problem('bad-request', {
    what: `"${after.slice(0, 200)}" is not where a page ends.`,
    remedy: 'Give the `next` of the page before, unchanged.',
  })
}

/** The cursor of a list ordered by names and the begin of a period. */
export function periodCursor(names: readonly string[], validFrom: number): string {
  return [...names, validFrom].join('/')
}

/** Reads a `periodCursor` of `count` names. Throws `bad-request`. */
export function parsePeriodCursor(after: string, count: number) {
  const parts = after.split('/')
  const fromMs = parts.pop() ?? ''
  if (parts.length !== count || !parts.every(isName) || !/^-?\d{1,15}$/.test(fromMs)) throw badCursor(after)
  return { names: parts, fromMs: Number(fromMs) }
}

/** Columns that tell since when a fact holds and who recorded it when. */
export const recordedColumns = ['it.validFrom', 'it.recordedAt', 'it.recordedBy'] as const

/** The same with the end of the period, null while it is open. */
export function periodItem(row: Pick<FactColumns, 'validFrom' | 'validTo' | 'recordedAt' | 'recordedBy'>) {
  const { validFrom, ...recorded } = recordedItem(row)
  return { validFrom, validTo: instantTextOrNull(row.validTo), ...recorded }
}

/** The times and the recorder of a fact as lists show them. */
export function recordedItem(row: Pick<FactColumns, 'validFrom' | 'recordedAt' | 'recordedBy'>) {
  return {
    validFrom: instantText(row.validFrom),
    recordedAt: instantText(row.recordedAt),
    recordedBy: row.recordedBy,
  }
}

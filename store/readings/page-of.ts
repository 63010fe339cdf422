import { Problem } from '../../domain/index.ts'
import type { Page } from './canonical-port.ts'

/** Cuts the one row too many, which only tells that there is a next page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  keyOf: (row: Row) => string,
): Page<Item> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return { items: kept.map(itemOf), next: rows.length > limit && last !== undefined ? keyOf(last) : null }
}

/** Throws `Problem('bad-request')`: the cursor is none of ours. */
export function badPageCursor(after: string): never {
  throw new Problem('bad-request', {
    what: `after is ${JSON.stringify(after.slice(0, 100))}, which no page has answered as next.`,
    remedy: 'Pass the next of the page before unchanged, or leave after out.',
  })
}

import { Problem } from '../../domain/index.ts'
import type { Period } from './port.ts'

/** Rows of one answer; about 20 MB as JSON. Longer histories are read in pages. */
export const ROWS_MAX = 100_000
/** Buckets of one answer: two years by the hour. */
export const BUCKETS_MAX = 20_000

/** Throws `Problem('bad-request')` unless `limit` is a whole number from 1 to `ROWS_MAX`. */
export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= ROWS_MAX) return
  throw new Problem('bad-request', {
    what: `limit is ${limit}; one answer has 1 to ${ROWS_MAX} rows.`,
    remedy: 'Ask for less and follow with the next page or period.',
  })
}

/** Throws `Problem('bad-request')` unless both ends are whole milliseconds. */
export function checkPeriod({ fromMs, toMs }: Period): void {
  if (Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs)) return
  throw new Problem('bad-request', {
    what: `The period from ${fromMs} to ${toMs} is not in whole milliseconds.`,
    remedy: 'Give both ends as epoch milliseconds.',
  })
}

/** Throws `Problem('bad-request')` unless `stepMs` is a whole number of milliseconds above 0. */
export function checkStep(stepMs: number): void {
  if (Number.isSafeInteger(stepMs) && stepMs > 0) return
  throw new Problem('bad-request', {
    what: `The step of ${stepMs} ms is not a positive whole number.`,
    remedy: 'Give the width of a bucket in milliseconds.',
  })
}

/** Throws `Problem('bad-request')` when an answer has more buckets than allowed. */
export function checkBucketCount(count: number): void {
  if (count <= BUCKETS_MAX) return
  throw new Problem('bad-request', {
    what: `The period holds more than ${BUCKETS_MAX} buckets.`,
    remedy: 'Ask for a longer step or a shorter period.',
  })
}

/** Throws `Problem('bad-request')`: the cursor is none of ours. */
export function badPageCursor(after: string): never {
  throw new Problem('bad-request', {
    what: `after is ${JSON.stringify(after.slice(0, 100))}, which no page has answered as next.`,
    remedy: 'Pass the next of the page before unchanged, or leave after out.',
  })
}

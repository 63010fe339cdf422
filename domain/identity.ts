import type { Measurements } from './reading.ts'
import { quantities } from './reading.ts'

/** How an arriving reading relates to the one that stands under the same identity. */
export type Resolution =
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'complement'; readonly added: Measurements }
  | { readonly outcome: 'conflict'; readonly quantity: keyof Measurements }

/**
 * Compares field by field, with one verdict per reading: conflict (a field with another value) before
 * complement (a new field) before duplicate (design section 5). Records are resolved in (receivedAt, log,
 * index) order, so `standing` is always the earlier one and never changes value. A reading nobody stands
 * against is simply stored.
 */
export function resolve(standing: Measurements, arriving: Measurements): Resolution {
  const added: { -readonly [Q in keyof Measurements]: Measurements[Q] } = {}
  let addedCount = 0
  for (const quantity of quantities) {
    const value = arriving[quantity]
    if (value === undefined || value === standing[quantity]) continue
    if (standing[quantity] !== undefined) return { outcome: 'conflict', quantity }
    Object.assign(added, { [quantity]: value })
    addedCount += 1
  }
  return addedCount === 0 ? { outcome: 'duplicate' } : { outcome: 'complement', added }
}

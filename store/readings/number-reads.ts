import type { CanonicalReads, HeldKey } from './canonical-port.ts'
import { WHOLE_MESSAGE } from './schema.ts'
import type { Prepare } from './sqlite.ts'

/** So many rows of an index are gone through within a millisecond or two. */
const SLICE_ROWS = 10_000
/** No record has this index. */
const BEFORE_ALL: HeldKey = { index: -1, item: null }

/** Counts for whoever watches the system; the caller remembers them. */
export function numberReads(prepare: Prepare): Pick<CanonicalReads, 'heldSlice' | 'sensorsAtFault'> {
  const ofReason =
    'from held indexed by held_reason where reason = ? and (idx, item) > (?, ?) and decided_idx is null'
  const last = prepare<{ readonly idx: number; readonly item: number }>(
    `select idx, item ${ofReason} order by idx, item limit 1 offset ${SLICE_ROWS - 1}`,
  )
  const rest = prepare<{ readonly count: number }>(`select count(*) as count ${ofReason}`)
  const atFault = prepare<{ readonly count: number }>(
    `select count(*) as count from series s
     where (select max(f.t) from fault f where f.series = s.no) >
       coalesce((select max(r.t) from reading r where r.series = s.no), -9e15)`,
  )
  return {
    heldSlice: (reason, after = BEFORE_ALL) => {
      const key = [reason, after.index, after.item ?? WHOLE_MESSAGE] as const
      const end = last.get(...key)
      if (end === undefined) return { count: rest.get(...key)?.count ?? 0, next: null }
      const { idx: index, item } = end
      return { count: SLICE_ROWS, next: { index, item: item === WHOLE_MESSAGE ? null : item } }
    },
    sensorsAtFault: () => atFault.get()?.count ?? 0,
  }
}

import type { HeldReason } from '../../domain/index.ts'
import type { CanonicalReads } from './canonical-port.ts'
import type { Prepare } from './sqlite.ts'

/** Counts for whoever watches the system; the caller remembers them. */
export function numberReads(prepare: Prepare): Pick<CanonicalReads, 'heldByReason' | 'sensorsAtFault'> {
  const held = prepare<{ readonly reason: HeldReason; readonly count: number }>(
    'select reason, count(*) as count from held indexed by held_reason group by reason',
  )
  const atFault = prepare<{ readonly count: number }>(
    `select count(*) as count from series s
     where (select max(f.t) from fault f where f.series = s.no) >
       coalesce((select max(r.t) from reading r where r.series = s.no), -9e15)`,
  )
  return {
    heldByReason: () => held.all().map((row) => ({ ...row })),
    sensorsAtFault: () => atFault.get()?.count ?? 0,
  }
}

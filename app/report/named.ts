import type { LotFact } from '../../domain/index.ts'
import type { Named, ReportLot, ReportSite } from '../../reports/index.ts'
import type { FactsView } from '../../store/index.ts'

/** Names as a report prints them; a thing the facts do not have goes by its id. */
export function namesIn(view: FactsView) {
  const named = (id: string, fact: Omit<Named, 'id'> | undefined): Named =>
    fact === undefined ? { id, name: id, nameEn: null } : { id, name: fact.name, nameEn: fact.nameEn }
  return {
    place: (id: string): Named => named(id, view.place(id)),
    point: (id: string): Named => named(id, view.point(id)),
    product: (id: string): Named => named(id, view.product(id)),
    site: (id: string): ReportSite => {
      const fact = view.site(id)
      return { ...named(id, fact), zone: fact?.zone ?? 'UTC' }
    },
    lot: ({ id, number, product, maker }: LotFact): ReportLot => ({
      id,
      number,
      product: named(product, view.product(product)),
      maker,
    }),
  }
}

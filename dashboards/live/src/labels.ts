import type { Lot, Place, Point, Product, Stock } from './answers.ts'
import { isJudged, type Label } from './standing.ts'

/** What is asked of the catalogue. */
export interface Shelves {
  readonly places: ReadonlyMap<string, Pick<Place, 'parent'>>
  readonly points: readonly Point[]
  readonly stock: readonly Stock[]
  readonly lots: ReadonlyMap<string, Pick<Lot, 'product'>>
  readonly products: ReadonlyMap<string, Product>
}

/**
 * The labels of what lies where the points of a place speak for it. What lies in a place is spoken for by the points of
 * the nearest one, itself or around it, that has any in it; a test holds this together with the server's.
 */
export function labelsAt(known: Shelves, place: string): readonly Label[] {
  const measured = new Set(known.points.filter(isJudged).flatMap((point) => around(known, point.place)))
  const here = new Set(around(known, place))
  const products = known.stock
    .filter((held) => here.has(around(known, held.place).find((id) => measured.has(id)) ?? ''))
    .map(({ lot }) => known.lots.get(lot)?.product ?? '')
  return [...new Set(products)].flatMap((id) => known.products.get(id) ?? [])
}

/** The place and those around it, itself first. */
function around(known: Shelves, place: string): readonly string[] {
  const parent = known.places.get(place)?.parent ?? null
  return parent === null ? [place] : [place, ...around(known, parent)]
}

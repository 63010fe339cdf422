import type { Lot, Place, Point, Product, Stock } from './answers.ts'
import { sorted } from './sorted.ts'
import { isJudged, type Label } from './standing.ts'

/** What is asked of the catalogue. */
export interface Shelves {
  readonly places: ReadonlyMap<string, Pick<Place, 'parent'>>
  readonly points: readonly Point[]
  readonly stock: readonly Stock[]
  readonly lots: ReadonlyMap<string, Pick<Lot, 'product'>>
  readonly products: ReadonlyMap<string, Product>
}

/** Products by where in the list of stock the first of them stands. */
type Products = ReadonlyMap<string, number>

/**
 * The labels of what lies where the points of a place speak for it, place by place, in the order of the stock. What
 * lies in a place is spoken for by the points of the nearest one, itself or around it, that has any in it; a test holds
 * this together with the server's. Points and stock are gone through once for all places, not once for each.
 */
export function labelsOfPlaces(known: Shelves): ReadonlyMap<string, readonly Label[]> {
  const covered = productsByCover(known)
  const labels = [...known.places.keys()].map((place): [string, readonly Label[]] => {
    const held = around(known, place).flatMap((id) => [...(covered.get(id) ?? [])])
    const products = new Set(sorted(held, ([, a], [, b]) => a - b).map(([id]) => id))
    return [place, [...products].flatMap((id) => known.products.get(id) ?? [])]
  })
  return new Map(labels)
}

/** Which products lie where the points of a place are the nearest. */
function productsByCover(known: Shelves): ReadonlyMap<string, Products> {
  const measured = measuredPlaces(known)
  const covers = new Map<string, string | undefined>()
  const covered = new Map<string, Map<string, number>>()
  for (const [nth, { lot, place }] of known.stock.entries()) {
    if (!covers.has(place))
      covers.set(
        place,
        around(known, place).find((id) => measured.has(id)),
      )
    const cover = covers.get(place)
    if (cover === undefined) continue
    const products = covered.get(cover) ?? new Map<string, number>()
    covered.set(cover, products)
    const product = known.lots.get(lot)?.product ?? ''
    if (!products.has(product)) products.set(product, nth)
  }
  return covered
}

/** The places that have judged points in them. */
function measuredPlaces(known: Shelves): ReadonlySet<string> {
  const places = new Set(known.points.filter(isJudged).map(({ place }) => place))
  return new Set([...places].flatMap((place) => around(known, place)))
}

/** The place and those around it, itself first. */
function around(known: Shelves, place: string): readonly string[] {
  const parent = known.places.get(place)?.parent ?? null
  return parent === null ? [place] : [place, ...around(known, parent)]
}

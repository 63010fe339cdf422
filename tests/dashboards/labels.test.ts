import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOfPlaces, type Shelves } from '../../dashboards/live/src/labels.ts'

const roles = ['product', 'air', 'ambient'] as const

/** One place of each: which one it lies in, the role of its point, and what lies there; place 0 lies in none. */
type Told = readonly {
  parent: number | null
  role: (typeof roles)[number] | undefined
  lots: readonly number[]
}[]

const told: fc.Arbitrary<Told> = fc.array(
  fc.record({
    parent: fc.option(fc.nat(20), { freq: 4 }),
    role: fc.constantFrom(...roles, undefined),
    lots: fc.array(fc.nat(3), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
)

/** Lot `n` is of product `n`, whose label begins at `n` degrees; there is no product 3. */
function shelvesOf(places: Told): Shelves {
  const parentOf = ({ parent }: Told[number], nth: number): string | null =>
    parent === null || nth === 0 ? null : `${parent % nth}`
  const points = places.flatMap(({ role }, nth) =>
    role === undefined ? [] : [{ id: `p-${nth}`, site: 's', place: `${nth}`, name: '', nameEn: null, role }],
  )
  const product = (id: string) => ({ id, name: id, nameEn: null, rangeMax: 8, freezeSensitive: false })
  return {
    places: new Map(places.map((place, nth) => [`${nth}`, { parent: parentOf(place, nth) }])),
    points,
    stock: places.flatMap(({ lots }, nth) =>
      lots.map((lot) => ({ lot: `${lot}`, place: `${nth}`, quantity: 1 })),
    ),
    lots: new Map(['0', '1', '2', '3'].map((id) => [id, { product: id }])),
    products: new Map(['0', '1', '2'].map((id) => [id, { ...product(id), rangeMin: Number(id) }])),
  }
}

/** As the law says it, place by place: the products of what is covered by the place or one around it. */
function lawOf({ places, points, stock }: Shelves, place: string): readonly string[] {
  const around = (id: string): readonly string[] => {
    const parent = places.get(id)?.parent ?? null
    return parent === null ? [id] : [id, ...around(parent)]
  }
  const isMeasured = (id: string): boolean =>
    points.some((point) => point.role !== 'ambient' && around(point.place).includes(id))
  const held = stock.filter((each) => {
    const cover = around(each.place).find(isMeasured)
    return cover !== undefined && around(place).includes(cover)
  })
  return [...new Set(held.map(({ lot }) => lot))].filter((id) => id !== '3')
}

test('the labels of a place are those of what its points speak for, in the order of the stock', () => {
  const law = fc.property(told, (places) => {
    const known = shelvesOf(places)
    const found = [...labelsOfPlaces(known)].map(([id, labels]) => [
      id,
      labels.map((each) => `${each.rangeMin}`),
    ])
    expect(found).toEqual([...known.places.keys()].map((id) => [id, lawOf(known, id)]))
  })
  fc.assert(law, { numRuns: 500 })
})

test('points, stock and places are looked at a few times only, however many places there are', () => {
  for (const rooms of [10, 100, 1_000]) {
    const each: Told = [
      { parent: null, role: 'air', lots: [0, 1, 2, 0, 1] },
      { parent: 0, role: undefined, lots: [2] },
    ]
    const known = shelvesOf(Array.from({ length: rooms }, () => each).flat())
    let looks = 0
    const looked = <Found>(found: Found): Found => {
      looks += 1
      return found
    }
    const places = new Map(known.places)
    places.get = (id) => looked(known.places.get(id))
    const atPlace = <Item extends { readonly place: string }>(item: Item): Item =>
      Object.defineProperty({ ...item }, 'place', { get: () => looked(item.place) })
    labelsOfPlaces({ ...known, places, points: known.points.map(atPlace), stock: known.stock.map(atPlace) })
    expect(looks).toBeLessThanOrEqual(20 * rooms)
  }
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeTimeInBand } from '../../alerts/index.ts'
import {
  coverOf,
  lifeWithin,
  placesConcerned,
  placesSpokenFor,
  pointDays,
  staysIn,
} from '../../batches/index.ts'
import { City } from './city.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS

/** A room with a measured shelf and a bare one in it, and a fridge beside it. */
function city(): City {
  return new City()
    .addPlace('room')
    .addPlace('shelf', 'room', 'compartment')
    .addPlace('bare', 'room', 'compartment')
    .addPlace('fridge', null, 'refrigerator')
    .addPoint('room-1', 'room')
    .addPoint('shelf-1', 'shelf')
    .addPoint('outside', 'room', 'ambient')
    .addPoint('fridge-1', 'fridge')
}

test('a point speaks for the places of its unit that have none nearer', () => {
  expect(placesSpokenFor(city(), 'room-1')).toEqual(['room', 'bare'])
  expect(placesSpokenFor(city(), 'shelf-1')).toEqual(['room', 'shelf', 'bare'])
  expect(placesSpokenFor(city(), 'outside')).toEqual([])
  expect(placesSpokenFor(city(), 'fridge-1')).toEqual(['fridge'])
  expect(placesSpokenFor(city(), 'nowhere')).toEqual([])
})

test('a point speaks for exactly the places that it covers, however they are nested', () => {
  const nested = fc.array(
    fc.record({ parent: fc.nat(20), role: fc.constantFrom('product', 'air', 'ambient', undefined) }),
    { minLength: 1, maxLength: 12 },
  )
  const law = fc.property(nested, (places) => {
    const facts = new City()
    for (const [nth, { parent, role }] of places.entries()) {
      facts.addPlace(`${nth}`, nth === 0 ? null : `${parent % nth}`)
      if (role !== undefined) facts.addPoint(`p-${nth}`, `${nth}`, role)
    }
    for (const { id } of facts.points) {
      const covered = facts.places.filter((place) =>
        coverOf(facts, place.id)?.points.some((point) => point.id === id),
      )
      expect([...placesSpokenFor(facts, id)].toSorted()).toEqual(covered.map((place) => place.id).toSorted())
    }
  })
  fc.assert(law, { numRuns: 500 })
})

test('each part of a unit is looked at a few times only, however many there are', () => {
  for (const parts of [10, 100, 1_000]) {
    const facts = new City().addPlace('room').addPoint('p', 'room')
    for (let nth = 0; nth < parts; nth += 1) facts.addPlace(`bin-${nth}`, 'room', 'compartment')
    let looks = 0
    const counted = <Found>(look: (id: string) => Found) => {
      return (id: string): Found => {
        looks += 1
        return look(id)
      }
    }
    facts.place = counted(facts.place)
    facts.childrenOf = counted(facts.childrenOf)
    facts.pointsOf = counted(facts.pointsOf)
    expect(placesSpokenFor(facts, 'p')).toHaveLength(parts + 1)
    expect(looks).toBeLessThanOrEqual(3 * parts + 10)
  }
})

test('what a point has to tell concerns the places it speaks for, or all of its place', () => {
  expect(placesConcerned(city(), 'shelf-1')).toEqual(['room', 'shelf', 'bare'])
  expect(placesConcerned(city(), 'outside')).toEqual(['room', 'shelf', 'bare'])
  expect(placesConcerned(city(), 'nowhere')).toEqual([])
})

test('a stay begins with what was there, and goes on while the quantity changes', () => {
  const facts = city()
    .addStock('l', 'bare', 0, 100, 40)
    .addStock('l', 'bare', 100, 200, 30)
    .addStock('l', 'bare', 300, null, 7)
    .addStock('l', 'room', 150, 250, 5)
    .addStock('k', 'room', 100, 120, 9)
    .addStock('l', 'fridge', 0, null)
  expect(staysIn(facts, ['room', 'bare'], { fromMs: 50, toMs: 400 })).toEqual([
    { lot: 'l', place: 'bare', quantity: 40, fromMs: 50, toMs: 200 },
    { lot: 'k', place: 'room', quantity: 9, fromMs: 100, toMs: 120 },
    { lot: 'l', place: 'room', quantity: 5, fromMs: 150, toMs: 250 },
    { lot: 'l', place: 'bare', quantity: 7, fromMs: 300, toMs: 400 },
  ])
  expect(staysIn(facts, ['room', 'bare'], { fromMs: 110, toMs: 150 })).toMatchObject([
    { lot: 'k', toMs: 120 },
    { lot: 'l', quantity: 30, fromMs: 110, toMs: 150 },
  ])
})

test('a point is watched day by day: what was read there, and what was not known', () => {
  const facts = city()
    .addDevice(5 * MINUTE_MS)
    .addPlacement('a', 'fridge-1', 0, DAY_MS + 60 * MINUTE_MS)
  const readings = [0, 5, 1_438, 1_442, 1_499, 1_501].map((minute) => minute * MINUTE_MS)
  const point = facts.point('fridge-1')
  if (point === undefined) throw new Error('there is such a point')
  const parts = {
    facts,
    sweep: placeTimeInBand,
    temperatures: ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
      readings.filter((tMs) => fromMs <= tMs && tMs < toMs).map((tMs) => ({ tMs, temperatureMilliC: 5_000 })),
  }
  const days = [...pointDays(parts, point, { fromMs: 0, toMs: 2 * DAY_MS }, 2 * DAY_MS)]
  expect(days.map((day) => day.readings.map(({ tMs }) => tMs / MINUTE_MS))).toEqual([
    [0, 5, 1_438],
    // the reading at 1,501 came when the sensor was no longer there
    [1_442, 1_499],
  ])
  // a reading speaks for 15 minutes; the last one of the first day into the second; a placement that ends is silent
  expect(days.map(({ unknownMs }) => unknownMs / MINUTE_MS)).toEqual([1_440 - 20 - 2, 1_440 - 2 - 15 - 1])
})

test('nobody expects anything of a point before it is there, or after its place was retired', () => {
  const facts = city()
  const [retired] = facts.places.splice(3, 1)
  if (retired === undefined) throw new Error('there is such a place')
  facts.places.push({ ...retired, validFrom: 500, state: 'retired' })
  const point = facts.points.find(({ id }) => id === 'fridge-1')
  if (point === undefined) throw new Error('there is such a point')
  const later = { ...point, validFrom: 100 }
  expect(lifeWithin(facts, later, { fromMs: 0, toMs: 1_000 })).toEqual({ fromMs: 100, toMs: 500 })
  expect(lifeWithin(facts, later, { fromMs: 200, toMs: 300 })).toEqual({ fromMs: 200, toMs: 300 })
  expect(lifeWithin(facts, later, { fromMs: 500, toMs: 1_000 })).toBeUndefined()
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linkOf, segmentsOf, whereaboutsAround, whereaboutsOf } from '../../batches/index.ts'
import { isJudgedRole } from '../../domain/index.ts'
import { City } from './city.ts'

const all = { fromMs: 0, toMs: 1_000 }

/** A room with a shelf and a box in it, and a fridge beside it. */
function city(): City {
  return new City()
    .addPlace('room')
    .addPlace('shelf', 'room', 'compartment')
    .addPlace('bare', 'room', 'compartment')
    .addPlace('fridge', null, 'refrigerator')
    .addPlace('cupboard')
    .addPoint('room-1', 'room')
    .addPoint('shelf-1', 'shelf')
    .addPoint('outside', 'room', 'ambient')
    .addPoint('fridge-1', 'fridge')
}

function shown(segments: ReturnType<typeof segmentsOf>): string[] {
  return segments.map(({ sensor, point, fromMs, toMs }) => `${sensor}@${point} ${fromMs}-${toMs}`)
}

describe('segments', () => {
  test('of a point are its judged placements, cut to the period; secondary ones when asked for', () => {
    const facts = city()
      .addPlacement('a', 'room-1', 100, 300)
      .addPlacement('b', 'room-1', 200, 400, 'secondary')
      .addPlacement('c', 'room-1', 300)
    const room = { by: 'point', point: 'room-1' } as const
    expect(shown(segmentsOf(facts, room, { fromMs: 150, toMs: 350 }))).toEqual([
      'a@room-1 150-300',
      'c@room-1 300-350',
    ])
    const both = segmentsOf(facts, room, all, { secondary: true })
    expect(both.map(({ sensor, standing }) => [sensor, standing])).toEqual([
      ['a', 'judged'],
      ['b', 'secondary'],
      ['c', 'judged'],
    ])
    expect(segmentsOf(facts, { by: 'point', point: 'unknown' }, all)).toEqual([])
    expect(segmentsOf(facts, room, { fromMs: 0, toMs: 100 })).toEqual([])
  })

  test('of a place are those of places nested in it too', () => {
    const facts = city()
      .addPlacement('a', 'room-1', 0)
      .addPlacement('b', 'shelf-1', 0)
      .addPlacement('c', 'outside', 0)
      .addPlacement('d', 'fridge-1', 0)
    expect(shown(segmentsOf(facts, { by: 'place', place: 'room' }, all))).toEqual([
      'a@room-1 0-1000',
      'b@shelf-1 0-1000',
      'c@outside 0-1000',
    ])
    expect(shown(segmentsOf(facts, { by: 'place', place: 'shelf' }, all))).toEqual(['b@shelf-1 0-1000'])
  })

  test('of a lot follow it; a place without points takes the nearest around it; none beyond that', () => {
    const facts = city()
      .addPlacement('a', 'room-1', 0)
      .addPlacement('b', 'shelf-1', 0)
      .addPlacement('c', 'outside', 0)
      .addPlacement('d', 'fridge-1', 0)
      .addStock('l', 'fridge', 100, 200)
      .addStock('l', 'bare', 200, 300)
      .addStock('l', 'shelf', 300, 400)
      .addStock('l', 'cupboard', 400, null)
    expect(shown(segmentsOf(facts, { by: 'lot', lot: 'l' }, all))).toEqual([
      'd@fridge-1 100-200',
      'a@room-1 200-300',
      'b@shelf-1 200-400',
    ])
    const isSeen = ({ id }: { id: string }): boolean => id !== 'fridge' && id !== 'bare'
    expect(shown(segmentsOf(facts, { by: 'lot', lot: 'l' }, all, { isSeen }))).toEqual(['b@shelf-1 300-400'])
  })
})

test('a link names point, place, site and lots at its instant', () => {
  const facts = city()
    .addPlacement('a', 'room-1', 100, 200)
    .addStock('in-room', 'room', 0, 150)
    .addStock('in-bare', 'bare', 0, null)
    .addStock('in-shelf', 'shelf', 0, null)
  const where = { site: 'site', place: 'room', point: 'room-1', standing: 'judged' }
  expect(linkOf(facts, 'd', 'a', 100)).toEqual({ ...where, lots: ['in-bare', 'in-room'] })
  expect(linkOf(facts, 'd', 'a', 150)).toEqual({ ...where, lots: ['in-bare'] })
  expect(linkOf(facts, 'd', 'a', 99)).toBeUndefined()
  expect(linkOf(facts, 'd', 'a', 200)).toBeUndefined()
})

const names = ['room', 'shelf', 'bare', 'fridge', 'cupboard'] as const
const period = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 50 }))
const furnished = fc
  .record({
    moves: fc.array(
      fc.tuple(
        fc.constantFrom('room-1', 'shelf-1', 'outside', 'fridge-1'),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(10),
        fc.constantFrom('judged', 'secondary'),
      ),
      { maxLength: 6 },
    ),
    stock: fc.array(fc.tuple(fc.constantFrom('l', 'm'), fc.constantFrom(...names), period), { maxLength: 6 }),
  })
  .map(({ moves, stock }) => {
    const facts = city()
    for (const sensor of ['a', 'b']) {
      let fromMs = 0
      for (const [point, length, pause, standing] of sensor === 'a' ? moves : moves.toReversed()) {
        facts.addPlacement(sensor, point, fromMs, fromMs + length, standing)
        fromMs += length + pause
      }
    }
    for (const [lot, place, [fromMs, length]] of stock) facts.addStock(lot, place, fromMs, fromMs + length)
    return facts
  })

test('both directions agree, and no two segments of a sensor overlap', () => {
  fc.assert(
    fc.property(furnished, fc.nat(160), fc.constantFrom('a', 'b'), (facts, tMs, sensor) => {
      const link = linkOf(facts, 'd', sensor, tMs)
      const holds = (segment: { sensor: string; fromMs: number; toMs: number }): boolean =>
        segment.sensor === sensor && segment.fromMs <= tMs && tMs < segment.toMs
      for (const lot of ['l', 'm']) {
        const segments = segmentsOf(facts, { by: 'lot', lot }, all)
        expect(segments.filter(holds)).toHaveLength(link?.lots.includes(lot) === true ? 1 : 0)
      }
      const role = facts.points.find(({ id }) => id === link?.point)?.role ?? 'ambient'
      expect(!isJudgedRole(role) && (link?.lots.length ?? 0) > 0).toBe(false)
      for (const point of facts.points) {
        const there = segmentsOf(facts, { by: 'point', point: point.id }, all, { secondary: true })
        expect(there.some(holds)).toBe(link?.point === point.id)
      }
    }),
    { numRuns: 500 },
  )
})

test('where a sensor was around an instant is where it was at each of those, and as far as that is known', () => {
  fc.assert(
    fc.property(furnished, fc.nat(300), fc.constantFrom('a', 'b', 'none'), (facts, tMs, sensor) => {
      const { fromMs, toMs, where } = whereaboutsAround(facts, 'd', sensor, tMs)
      expect(where).toEqual(whereaboutsOf(facts, 'd', sensor, tMs))
      expect(fromMs <= tMs && tMs < toMs).toBe(true)
      const [first, last] = [Math.max(fromMs, -1), Math.min(toMs, 400) - 1]
      for (let at = first; at <= last; at += 1) expect(whereaboutsOf(facts, 'd', sensor, at)).toEqual(where)
      const isStart = (edge: number): boolean =>
        facts.placements.some((row) => row.sensor === sensor && [row.validFrom, row.validTo].includes(edge))
      for (const edge of [fromMs, toMs]) expect(!Number.isFinite(edge) || isStart(edge)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

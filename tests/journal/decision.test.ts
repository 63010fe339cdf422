import { describe, expect, test } from 'vitest'
import {
  type Decision,
  decide,
  headerStates,
  matches,
  type Place,
  reaches,
  rows,
  sights,
} from '../../journal/decision.ts'

const places: readonly Place[] = headerStates.flatMap((header) =>
  sights.flatMap((sight) =>
    [true, false].flatMap((confirmed) => reaches.map((reach) => ({ header, sight, confirmed, reach }))),
  ),
)

describe('the decision table', () => {
  test('has exactly one row for each of all 440 places', () => {
    expect(places.length).toBe(5 * 11 * 2 * 4)
    const unclear = places.filter((place) => rows.filter((row) => matches(row, place)).length !== 1)
    expect(unclear).toEqual([])
  })

  test('has no row that is never used, and a why on each', () => {
    const used = new Set(places.map((place) => decide(place)))
    expect(rows.filter((row) => !used.has(row))).toEqual([])
    expect(rows.filter((row) => row.why.length < 20)).toEqual([])
  })

  test('changes a file only at the unconfirmed end of the last segment', () => {
    const changing: readonly Decision[] = ['cut tail', 'remove segment', 'write again']
    const touched = places.filter((place) => changing.includes(decide(place).decision))
    expect(touched.length).toBeGreaterThan(0)
    expect(touched.filter((place) => place.confirmed || place.reach !== 'last')).toEqual([])
  })

  test('takes records only from whole frames behind a good header, before the next segment', () => {
    const taking: readonly Decision[] = ['keep', 'write again']
    const taken = places.filter(
      (place) => taking.includes(decide(place).decision) && place.sight !== 'confirmation',
    )
    expect(taken).toEqual(
      places.filter(
        ({ header, sight, reach }) =>
          header === 'good' && sight === 'records' && (reach === 'last' || reach === 'before'),
      ),
    )
  })

  test('leaves a segment for the next one only where that begins', () => {
    const leaving = places.filter((place) => decide(place).decision === 'go on')
    expect(leaving.map(({ header, sight, reach }) => `${header}, ${sight}, ${reach}`)).toEqual([
      'good, end, at',
      'good, end, at',
    ])
  })

  test('cuts every kind of unfinished write', () => {
    const cut = places.filter((place) => decide(place).decision === 'cut tail')
    expect(cut.map((place) => place.sight)).toEqual([
      'torn header',
      'torn payload',
      'bad payload',
      'bad header',
      'zeros',
      'foreign bytes',
    ])
  })

  test('refuses a format it does not know whatever else it sees, and nothing else for that reason', () => {
    const refused = places.filter((place) => decide(place).decision === 'refuse version')
    expect(refused).toEqual(places.filter((place) => place.header === 'unknown version'))
  })
})

import * as fc from 'fast-check'
import type { PointInput, PointReading, RuleInForce, Span } from '../../alerts/index.ts'
import {
  type Duty,
  duties,
  type GapPolicy,
  type Rule,
  type RunMode,
  type TemperatureRule,
  withLabel,
} from '../../domain/index.ts'
import { MINUTE_MS, minute, ruleOf } from './series.ts'

/** SEED repeats a run, RUNS makes it longer or shorter. */
export function runsOf(numRuns: number): { numRuns: number; seed?: number } {
  const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }
  return { numRuns: Number(process.env.RUNS ?? numRuns), ...seed }
}

/** Values on both sides of, and exactly at, the limits that the rules below use. */
const values = [
  5000,
  5000,
  7500,
  7999,
  8000,
  8001,
  8500,
  9000,
  12000,
  2000,
  1999,
  1000,
  -499,
  -500,
  -501,
  60_000,
  85_000,
  85_000,
  null,
]
/** Steps around the interval and both floors of the gap, and some long silence. */
const steps = [0, 1, 2, 4, 5, 5, 5, 5, 6, 10, 14, 15, 16, 29, 30, 31, 61]

/** Readings that stay out for a while, come back, fall silent; whole minutes, ascending. */
export const readingRows: fc.Arbitrary<PointReading[]> = fc
  .array(
    fc.record({
      step: fc.constantFrom(...steps),
      value: fc.constantFrom(...values),
      repeat: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 14 },
  )
  .map((items) => {
    let at = -5
    return items.flatMap(({ step, value, repeat }) =>
      Array.from({ length: repeat }, () => {
        at += step
        return { tMs: minute(Math.max(0, at)), value }
      }),
    )
  })

/** Cuts time into pieces, each with something or nothing; the last one is open. */
function pieces<T>(content: fc.Arbitrary<T | null>, most: number): fc.Arbitrary<(Span & { content: T })[]> {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 120 }), content), { minLength: 1, maxLength: most })
    .map((items) => {
      let from = 0
      return items.flatMap(([length, value], index) => {
        const fromMs = minute(from)
        from += length
        const toMs = index === items.length - 1 ? null : minute(from)
        return value === null ? [] : [{ fromMs, toMs, content: value }]
      })
    })
}

const mostly = <T>(usual: T, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 2 }, { arbitrary, weight: 1 })

const always: Span = { fromMs: minute(0), toMs: null }
const judgedDuties: Duty[] = ['in-service', 'loading', 'on-trip']

/**
 * Versions of a rule: its text changes from piece to piece, and between some there is none. Given the end of a label,
 * what has it lies there during every other piece.
 */
function versions(
  id: string,
  texts: readonly string[],
  labelMilliC: number | null = null,
): fc.Arbitrary<RuleInForce[]> {
  const [first = ''] = texts
  const usual = [{ ...always, content: first }]
  return mostly(usual, pieces(fc.option(fc.constantFrom(...texts), { freq: 3 }), 4)).map((spans) =>
    spans.map(({ fromMs, toMs, content }, index) => {
      const version = { fromMs, toMs, packVersion: index + 1 }
      const rule = { ...ruleOf(content), id, duties: judgedDuties }
      return index % 2 === 0 || labelMilliC === null
        ? { ...version, rule }
        : labelled(version, rule, labelMilliC)
    }),
  )
}

function labelled(version: Span & { packVersion: number }, rule: Rule, limitMilliC: number): RuleInForce {
  if (rule.quantity !== 'temperature') throw new Error('labels are about temperatures')
  const label = { product: 'narrow', limitMilliC }
  return { ...version, rule: withLabel(rule, label), label }
}

const rules = fc
  .tuple(
    versions('a/warm', ['> 8', '>= 8', '> 8.5'], 7_500),
    versions('a/cold', ['< 2', '<= 2'], 5_000),
    versions('b/heat', ['> 8 for 30', '>= 8 for 12', '> 8 for 45', '> 8.2'], 7_999),
    versions('c/count', ['> 8 for 30 count', '> 8 for 20', '>= 8 for 25 reset']),
    versions('c/reset', ['<= 2 for 12 reset', '< 2 for 20 count']),
    versions('b/freeze', ['<= -0.5 for 60', '< -0.5 for 20']),
  )
  .map((chains) => chains.flat())

/** A judged point with any history and facts. */
export const anyPoint: fc.Arbitrary<PointInput> = fc.record({
  point: fc.constant('point'),
  quantity: fc.constant('temperature'),
  place: fc.constant('place'),
  zone: fc.constant('Asia/Shanghai'),
  placeKind: fc.constantFrom('refrigerator', 'vehicle'),
  role: mostly('product', fc.constantFrom('air', 'ambient')),
  life: mostly(always, fc.constant({ fromMs: minute(20), toMs: minute(200) })),
  placements: mostly<Span[]>(
    [always],
    pieces(fc.constantFrom(true, true, null), 4).map((spans) =>
      spans.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
    ),
  ),
  expectedIntervals: pieces(fc.constantFrom(1, 5, 10, null), 3).map((spans) =>
    spans.map(({ fromMs, toMs, content }) => ({ fromMs, toMs, expectedIntervalMs: content * MINUTE_MS })),
  ),
  duties: mostly<(Span & { duty: Duty })[]>(
    [{ ...always, duty: 'in-service' }],
    pieces(fc.constantFrom(...duties, null), 5).map((spans) =>
      spans.map(({ fromMs, toMs, content }) => ({ fromMs, toMs, duty: content })),
    ),
  ),
  rules,
  readings: readingRows,
})

/** An instant up to which the newest value extends. */
export const anyAsOf: fc.Arbitrary<number> = fc.integer({ min: 0, max: 500 }).map(minute)

/** Midnight there is at minute 180 of the series. */
const zone = 'America/Sao_Paulo'
const anyWindow = fc.constantFrom('day', 'trip')
/** Longer than any of the minutes above, and shorter than the series. */
const anyWindowMs = fc.integer({ min: 46, max: 150 }).map((minutes) => minutes * MINUTE_MS)

/** A gap does not undo what was added up. */
const policyOf = ({ gapPolicy }: TemperatureRule): GapPolicy => (gapPolicy === 'reset' ? 'pause' : gapPolicy)

/** A point with any history, whose rules add time up; a version may change the limit and the minutes. */
export const anySum: fc.Arbitrary<PointInput> = fc
  .tuple(anyPoint, anyWindow)
  .map(([point, window]) => summed(point, (durationMs) => ({ kind: 'cumulative', durationMs, window })))

/** The same, whose window ends at every instant. */
export const anyRolling: fc.Arbitrary<PointInput> = fc
  .tuple(anyPoint, anyWindowMs)
  .map(([point, windowMs]) =>
    summed(point, (durationMs) => ({ kind: 'cumulative', durationMs, window: 'rolling', windowMs })),
  )

function summed(point: PointInput, modeOf: (durationMs: number) => RunMode): PointInput {
  const rules = point.rules.flatMap(({ rule, ...inForce }): RuleInForce[] => {
    if (rule.quantity !== 'temperature') return []
    const mode = modeOf(rule.mode.kind === 'continuous' ? rule.mode.durationMs : 15 * MINUTE_MS)
    return [{ ...inForce, rule: { ...rule, mode, gapPolicy: policyOf(rule) } }]
  })
  return { ...point, zone, rules }
}

/** A point with any history, whose rules also ask how far apart its temperatures were recorded, or only that. */
export const anyRecorded: fc.Arbitrary<PointInput> = fc
  .tuple(
    anyPoint,
    fc.boolean(),
    versions('d/slow', ['recorded every 15', 'recorded every 5', 'recorded every 30']),
    versions('d/warm', ['recorded every 2 while > 8', 'recorded every 5 while >= 8', 'recorded every 4']),
    versions('d/cold', ['recorded every 5 while <= 2', 'recorded every 2 while < 2']),
  )
  .map(([point, isOnly, ...chains]) => ({
    ...point,
    rules: [...(isOnly ? [] : point.rules), ...chains.flat()],
  }))

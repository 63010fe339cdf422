import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RuleInForce } from '../../alerts/index.ts'
import { labelsBy, underLabels } from '../../app/core/judge/labels.ts'
import { placesSpokenFor } from '../../batches/index.ts'
import { labelsOfPlaces } from '../../dashboards/live/src/labels.ts'
import type { Operator, TemperatureRule } from '../../domain/index.ts'
import { City } from '../batches/city.ts'

// A unit with two points, of which the one in the drawer speaks for the drawer. Lots are named after their products.

const labels: Readonly<Record<string, readonly [number, number]>> = {
  narrow: [3, 6],
  alike: [3, 6],
  warmer: [4, 25],
  usual: [2, 8],
  frozen: [-50, -20],
}

const plain = new City()

class Shelves extends City {
  override lot = (id: string) => ({ ...plain.lot(id), product: id })
  override product = (id: string) => {
    const [minC, maxC] = labels[id] ?? [0, 0]
    return { ...plain.product(id), rangeMinMilliC: minC * 1_000, rangeMaxMilliC: maxC * 1_000 }
  }
}

function shelves(): Shelves {
  const facts = new Shelves()
  facts.addPlace('unit').addPlace('drawer', 'unit', 'compartment').addPlace('bare', 'unit', 'compartment')
  facts.addPoint('p', 'unit').addPoint('d', 'drawer').addPoint('outside', 'unit', 'ambient')
  return facts
}

function rule(text: string, more: Partial<TemperatureRule> = {}): RuleInForce {
  const [operator, limit] = text.split(' ') as [Operator, string]
  const common = { level: 'range', gapPolicy: 'pause', severity: 'alarm', clause: '', source: '' } as const
  const applies = { roles: ['product'], duties: ['in-service'], confidence: 'seen' } as const
  const temperature = { quantity: 'temperature', operator, limitMilliC: Number(limit) * 1_000 } as const
  const made = { id: 'r', mode: { kind: 'instant' }, ...common, ...applies, ...temperature, ...more } as const
  return { packVersion: 1, rule: made, fromMs: 0, toMs: 100 }
}

/** `> 8 0-10; > 6 10-100 narrow` */
function shown(rules: readonly RuleInForce[]): string {
  return rules
    .map(({ rule: { id: _id, ...held }, label, fromMs, toMs }) => {
      if (held.quantity !== 'temperature') throw new Error('only temperatures are shown')
      const by = label === undefined ? '' : ` ${label.product}`
      return `${held.operator} ${held.limitMilliC / 1_000} ${fromMs}-${toMs ?? ''}${by}`
    })
    .join('; ')
}

type Stock = readonly (readonly [lot: string, fromMs: number, toMs: number | null, place?: string])[]

const cases: readonly (readonly [string, string, Stock, string])[] = [
  ['nothing in stock', '> 8', [], '> 8 0-100'],
  ['as the place asks', '> 8', [['usual', 0, null]], '> 8 0-100'],
  ['an end that is out for the rule is no tighter', '>= 6', [['narrow', 0, null]], '>= 6 0-100'],
  ['an inclusive limit becomes a strict one', '>= 8', [['narrow', 0, null]], '> 6 0-100 narrow'],
  ['the first value beyond the label is what counts', '> 6.001', [['narrow', 0, null]], '> 6 0-100 narrow'],
  ['while it lies there', '> 8', [['narrow', 10, 40]], '> 8 0-10; > 6 10-40 narrow; > 8 40-100'],
  ['the cold side', '<= 1', [['narrow', 10, 40]], '<= 1 0-10; < 3 10-40 narrow; <= 1 40-100'],
  ['a wider end loosens nothing', '> 8', [['warmer', 0, null]], '> 8 0-100'],
  ['each side by itself', '< 2', [['warmer', 0, null]], '< 4 0-100 warmer'],
  [
    'the tightest of several',
    '< 2',
    [
      ['narrow', 0, 50],
      ['warmer', 20, 70],
    ],
    '< 3 0-20 narrow; < 4 20-70 warmer; < 2 70-100',
  ],
  ['before the rule and after it', '> 8', [['narrow', -50, 200]], '> 6 0-100 narrow'],
  [
    'never while it holds',
    '> 8',
    [
      ['narrow', -50, 0],
      ['narrow', 100, null],
    ],
    '> 8 0-100',
  ],
  [
    'taken out and put back at once',
    '> 8',
    [
      ['narrow', 10, 40],
      ['narrow', 40, 60],
    ],
    '> 8 0-10; > 6 10-60 narrow; > 8 60-100',
  ],
  [
    'the same lot in two places',
    '> 8',
    [
      ['narrow', 10, 40],
      ['narrow', 20, 60, 'bare'],
    ],
    '> 8 0-10; > 6 10-60 narrow; > 8 60-100',
  ],
  [
    'another with the same label changes nothing',
    '> 8',
    [
      ['narrow', 10, null],
      ['alike', 30, 50],
    ],
    '> 8 0-10; > 6 10-100 narrow',
  ],
  [
    'until it is alone',
    '> 8',
    [
      ['narrow', 10, 40],
      ['alike', 30, null],
    ],
    '> 8 0-10; > 6 10-40 narrow; > 6 40-100 alike',
  ],
  [
    'both at once: the first by its name',
    '> 8',
    [
      ['narrow', 10, null],
      ['alike', 10, null],
    ],
    '> 8 0-10; > 6 10-100 alike',
  ],
  ['what another point speaks for', '> 8', [['narrow', 0, null, 'drawer']], '> 8 0-100'],
  ['another kind of place altogether', '> 8', [['frozen', 10, null]], '> 8 0-10; > -20 10-100 frozen'],
]

describe('the limit of a rule at a point', () => {
  test.each(cases)('%s', (_name, text, stock, expected) => {
    const facts = shelves()
    for (const [lot, fromMs, toMs, place = 'bare'] of stock) facts.addStock(lot, place, fromMs, toMs)
    expect(shown(underLabels(labelsBy(facts), 'p', [rule(text)]))).toBe(expected)
  })
})

test('rules about something else than the required range keep their limit', () => {
  const facts = shelves().addStock('frozen', 'unit', 10, null)
  const own: readonly RuleInForce[] = [
    rule('> 8', { level: 'critical' }),
    rule('> 15', { ownLimit: true }),
    rule('> 8', {
      mkt: { limitMilliC: 8_000, windowMs: 1, appliesFromMilliC: 0, appliesToMilliC: 1, excursionMs: 1 },
    }),
  ]
  expect(shown(underLabels(labelsBy(facts), 'p', own))).toBe(
    '> 8 0-100; > 15 0-100; > 8 0-10; > -20 10-100 frozen',
  )
  expect(shown(underLabels(labelsBy(facts), 'outside', [rule('> 8')]))).toBe('> 8 0-100')
})

test('an open rule stays open, and each version is tightened by itself', () => {
  const facts = shelves().addStock('narrow', 'unit', 10, null)
  const versions = [rule('> 5'), { ...rule('> 8'), packVersion: 2, fromMs: 100, toMs: null }]
  expect(shown(underLabels(labelsBy(facts), 'p', versions))).toBe('> 5 0-100; > 6 100- narrow')
})

const stay = fc.record({
  lot: fc.constantFrom('narrow', 'alike', 'warmer', 'usual'),
  place: fc.constantFrom('unit', 'bare', 'drawer'),
  fromMs: fc.nat(30),
  lengthMs: fc.option(fc.nat(8), { freq: 20 }),
})

test('at each instant the label that holds is the tightest of what lies there, in as few pieces as can be', () => {
  const law = fc.property(
    fc.array(stay, { maxLength: 10, size: 'max' }),
    fc.constantFrom('> 8', '< 2'),
    (stays, text) => {
      const facts = shelves()
      const isIn = stays.map(({ lot, place, fromMs, lengthMs }) => {
        const toMs = lengthMs === null ? null : fromMs + lengthMs
        facts.addStock(lot, place, fromMs, toMs)
        return (tMs: number) => place !== 'drawer' && fromMs <= tMs && (toMs === null || tMs < toMs)
      })
      const found = underLabels(labelsBy(facts), 'p', [rule(text)])
      for (let tMs = 0; tMs < 50; tMs += 1) {
        const lying = stays.filter((_, nth) => isIn[nth]?.(tMs)).map(({ lot }) => labels[lot] ?? [0, 0])
        const limitC =
          text === '> 8'
            ? Math.min(8, ...lying.map(([, maxC]) => maxC))
            : Math.max(2, ...lying.map(([minC]) => minC))
        const held = found.filter(({ fromMs, toMs }) => fromMs <= tMs && (toMs === null || tMs < toMs))
        const limits = held.map((each) => (each.rule.quantity === 'temperature' ? each.rule.limitMilliC : 0))
        expect([tMs, limits]).toEqual([tMs, [limitC * 1_000]])
      }
      const names = found.map(({ label }) => label?.product ?? '')
      expect(names.filter((name, nth) => name === names[nth - 1])).toEqual([])
    },
  )
  fc.assert(law, { numRuns: 1_000 })
})

test('the page finds the same labels as the server', () => {
  const places = ['unit', 'drawer', 'bare', 'outside', 'alone']
  const facts = shelves().addPlace('outside').addPlace('alone', 'outside', 'compartment')
  facts.addPoint('a', 'alone')
  const names = Object.keys(labels)
  const stock = names.map((lot, nth) => ({ lot, place: places[nth] ?? '', quantity: 1 }))
  for (const { lot, place } of stock) facts.addStock(lot, place, 0, null)
  const answered = (id: string) => {
    const [rangeMin, rangeMax] = labels[id] ?? [0, 0]
    return { id, name: id, nameEn: null, rangeMin, rangeMax, freezeSensitive: false }
  }
  const known = {
    places: new Map(facts.places.map((place) => [place.id, place])),
    points: facts.points.map((point) => ({ ...point, site: 'site' })),
    stock,
    lots: new Map(names.map((id) => [id, { product: id }])),
    products: new Map(names.map((id) => [id, answered(id)])),
  }
  const page = labelsOfPlaces(known)
  for (const { id, place } of facts.points.filter(({ role }) => role === 'product')) {
    const spoken = placesSpokenFor(facts, id)
    const held = stock.filter((each) => spoken.includes(each.place)).map(({ lot }) => labels[lot])
    const told = (page.get(place) ?? []).map(({ rangeMin, rangeMax }) => [rangeMin, rangeMax])
    expect([id, told]).toEqual([id, held])
    expect(held.length).toBeGreaterThan(0)
  }
})

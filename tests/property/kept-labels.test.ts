import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeptLabels } from '../../app/core/judge/kept-labels.ts'
import { labelsBy } from '../../app/core/judge/labels.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import { Problem, takesLabel, type TemperatureRule } from '../../domain/index.ts'
import { createFactsView } from '../../store/index.ts'
import { act } from '../../store/facts/act.ts'
import { changeFrom } from '../../store/facts/timeline.ts'
import { BUILT_MS, furnish, reason } from '../store/facts/rooms.ts'
import { DAY_MS, FactsHarness, HOUR_MS, LI, MINUTE_MS, START_MS } from '../store/facts/setup.ts'

const RUNS = Number(process.env['RUNS'] ?? 10)
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

const kinds = [
  'receive',
  'receive',
  'receive',
  'move',
  'move',
  'issue',
  'issue',
  'lot',
  'label',
  'point',
  'place',
  'retire',
  'duty',
  'read',
  'rules',
] as const

/** One thing that somebody does, and at which points the labels are then asked for. */
const step = fc.record({
  kind: fc.constantFrom(...kinds),
  place: fc.nat(9),
  other: fc.nat(9),
  lot: fc.nat(5),
  quantity: fc.integer({ min: 1, max: 4 }),
  atMs: fc.integer({ min: -6, max: 0 }).map((hours) => START_MS + hours * HOUR_MS),
  asked: fc.constantFrom('all', 'all', 'one', 'none'),
})

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** Carries out a step; what cannot be done is refused, and then nothing has changed. */
async function carryOut(harness: FactsHarness, told: Step, nth: number): Promise<void> {
  const { kind, quantity, atMs } = told
  const pick = (table: string, index: number): string => {
    const rows = harness.rows(`select distinct id from "${table}" order by rowid`)
    return String(rows[index % rows.length]?.['id'])
  }
  const place = pick('place', told.place)
  const lot = pick('lot', told.lot)
  const since = { fromMs: BUILT_MS, reason }
  const stock = { lot, quantity, atMs, reason }
  const named = { name: '新', ...since }
  const carry = {
    receive: () => harness.do('custody.receive', { ...stock, place }),
    issue: () => harness.do('custody.issue', { ...stock, place }),
    move: () => harness.do('custody.move', { ...stock, from: place, to: pick('place', told.other) }),
    lot: () => newLot(harness, `n-${nth}`, 3 + quantity),
    label: () => relabel(harness, pick('product', told.lot), quantity),
    point: () => {
      const role = quantity === 1 ? 'ambient' : 'air'
      return harness.do('point.create', { ...named, id: `q-${nth}`, place, role })
    },
    place: () => {
      const [row] = harness.rows(`select site from place where id = '${place}'`)
      const nested = { parent: place, site: String(row?.['site']), kind: 'compartment' } as const
      return harness.do('place.create', { ...named, ...nested, id: `c-${nth}` })
    },
    retire: () => harness.do('place.retire', { id: place, reason }),
    duty: () => harness.do('duty.set', { place, duty: 'maintenance', fromMs: atMs, reason }),
    read: async () => undefined,
    rules: async () => undefined,
  }[kind]
  try {
    await carry()
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === 'internal') throw thrown
  }
}

/** A product whose label is 2 to `maxC` degrees, and a lot of it. */
async function newLot(harness: FactsHarness, id: string, maxC: number): Promise<void> {
  const range = { rangeMinMilliC: 2_000, rangeMaxMilliC: maxC * 1_000 }
  await harness.do('product.create', {
    id,
    name: id,
    freezeSensitive: false,
    lightSensitive: false,
    ...range,
  })
  await harness.do('lot.create', { id, product: id, number: id, maker: 'm', expiresOn: '2028-10-31' })
}

/** No command corrects a label yet; the facts can. */
async function relabel(harness: FactsHarness, id: string, quantity: number): Promise<void> {
  const [row] = harness.rows(`select valid_from from product where id = '${id}'`)
  const changed = { rangeMinMilliC: quantity * 1_000, rangeMaxMilliC: 3_000 + quantity * 1_000 }
  await harness.facts.transact(async (tx) => {
    const done = await act(tx, { kind: 'correct', actor: LI, subject: id, reason: '', old: null, new: null })
    await changeFrom(done, 'product', { id }, Number(row?.['valid_from']), changed)
  })
}

test('labels that are kept are those found afresh, whatever is done', async () => {
  const packs = await readRulePacks()
  const ofPack = (id: string): readonly TemperatureRule[] =>
    packs.filter((pack) => pack.id === id).flatMap(({ rules }) => rules.filter(takesLabel))
  const law = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
    async (steps) => {
      const harness = await FactsHarness.open()
      try {
        const view = createFactsView()
        harness.facts.onChange((change) => view.apply(change))
        view.load(await harness.facts.snapshot())
        await harness.city()
        await furnish(harness)
        await newLot(harness, 'narrow', 6)
        const kept = new KeptLabels(view)
        let rules = ofPack('cn-gsp-storage')
        const check = (points: readonly string[]): void => {
          for (const point of points)
            expect([point, kept.of(point, rules)]).toEqual([point, labelsBy(view)(point, rules)])
        }
        for (const [nth, told] of steps.entries()) {
          harness.clock.now += told.quantity * MINUTE_MS
          await carryOut(harness, told, nth)
          if (told.kind === 'read') view.load(await harness.facts.snapshot())
          if (told.kind === 'rules')
            rules = told.place < 5 ? ofPack('cn-gsp-storage') : ofPack('us-cdc-freezer')
          const all = view.pointIds()
          if (told.asked !== 'none') check(told.asked === 'all' ? all : all.slice(0, 1))
        }
        check(view.pointIds())
      } finally {
        await harness.close()
      }
    },
  )
  await fc.assert(law, { numRuns: RUNS, ...seed })
}, 120_000)

test('the stock of a place is gone through again when it has changed, or what there is, and never else', async () => {
  const harness = await FactsHarness.open()
  try {
    const view = createFactsView()
    harness.facts.onChange((change) => view.apply(change))
    view.load(await harness.facts.snapshot())
    await harness.city()
    await furnish(harness)
    await newLot(harness, 'narrow', 6)
    const rules = (await readRulePacks()).flatMap((pack) => pack.rules.filter(takesLabel))
    const looked: string[] = []
    const stockOf = view.stockOf.bind(view)
    view.stockOf = (place, period) => {
      looked.push(place)
      return stockOf(place, period)
    }
    const kept = new KeptLabels(view)
    const after = async (done?: Promise<unknown>): Promise<readonly string[]> => {
      await done
      looked.length = 0
      for (const point of ['room-1', 'shelf-1', 'fridge-1']) kept.of(point, [...rules])
      return looked
    }
    const stock = { lot: 'narrow', quantity: 4, atMs: START_MS - DAY_MS, reason }
    const all = ['room', 'room', 'shelf', 'fridge']
    expect(await after()).toEqual(all)
    expect(await after()).toEqual([])
    const duty = { place: 'room', duty: 'maintenance', fromMs: START_MS, reason } as const
    expect(await after(harness.do('duty.set', duty))).toEqual([])
    expect(await after(harness.do('device.create', { id: 'd-9', site: 'depot', kind: 'real' }))).toEqual([])
    expect(await after(harness.do('custody.receive', { ...stock, place: 'box' }))).toEqual([])
    expect(await after(harness.do('custody.receive', { ...stock, place: 'fridge' }))).toEqual(['fridge'])
    // the point on the shelf speaks for the room around it too
    expect(await after(harness.do('custody.receive', { ...stock, place: 'room' }))).toEqual(all.slice(0, 3))
    expect(await after(harness.do('custody.receive', { ...stock, place: 'shelf' }))).toEqual([
      'room',
      'shelf',
    ])
    expect(await after(newLot(harness, 'late', 5))).toEqual(all)
    expect(await after(harness.facts.snapshot().then((snapshot) => view.load(snapshot)))).toEqual(all)
  } finally {
    await harness.close()
  }
})

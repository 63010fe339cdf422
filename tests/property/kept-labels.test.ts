import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeptLabels } from '../../app/core/judge/kept-labels.ts'
import { labelsBy } from '../../app/core/judge/labels.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import { Problem, takesLabel, type TemperatureRule } from '../../domain/index.ts'
import { createFactsView, type FactsView } from '../../store/index.ts'
import { type Act, act } from '../../store/facts/act.ts'
import { changeFrom } from '../../store/facts/timeline.ts'
import { BUILT_MS, furnish, reason } from '../store/facts/rooms.ts'
import { DAY_MS, FactsHarness, HOUR_MS, LI, MINUTE_MS, START_MS } from '../store/facts/setup.ts'

const RUNS = Number(process.env['RUNS'] ?? 10)
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

const packs = await readRulePacks()
const since = { fromMs: BUILT_MS, reason }
const inFridge = { site: 'ward', parent: 'fridge', kind: 'compartment', name: '抽屉', ...since } as const
const narrow = { lot: 'narrow', quantity: 4, atMs: START_MS - DAY_MS, reason }

/** The rules of a pack, or of all, that take a label. */
function rulesOf(id?: string): readonly TemperatureRule[] {
  return packs
    .filter((pack) => id === undefined || pack.id === id)
    .flatMap(({ rules }) => rules.filter(takesLabel))
}

/** The furnished city, with a drawer in the fridge and a lot `narrow`, labelled 2 to 6, and a view of it. */
async function inCity(story: (harness: FactsHarness, view: FactsView) => Promise<void>): Promise<void> {
  const harness = await FactsHarness.open()
  try {
    const view = createFactsView()
    harness.facts.onChange((change) => view.apply(change))
    view.load(await harness.facts.snapshot())
    await harness.city()
    await furnish(harness)
    await newLot(harness, 'narrow', 6)
    await harness.do('place.create', { ...inFridge, id: 'drawer' })
    await story(harness, view)
  } finally {
    await harness.close()
  }
}

/** A product whose label is 2 to `maxC` degrees, and a lot of it. */
async function newLot(harness: FactsHarness, id: string, maxC: number): Promise<void> {
  const range = { rangeMinMilliC: 2_000, rangeMaxMilliC: maxC * 1_000 }
  const product = { id, name: id, freezeSensitive: false, lightSensitive: false, ...range }
  await harness.do('product.create', product)
  await harness.do('lot.create', { id, product: id, number: id, maker: 'm', expiresOn: '2028-10-31' })
}

/** No command corrects a product or a lot yet; the facts can. */
async function correct(
  harness: FactsHarness,
  subject: string,
  change: (done: Act) => Promise<unknown>,
): Promise<void> {
  await harness.facts.transact(async (tx) => {
    await change(await act(tx, { kind: 'correct', actor: LI, subject, reason: '', old: null, new: null }))
  })
}

function relabel(harness: FactsHarness, id: string, minC: number): Promise<void> {
  const range = { rangeMinMilliC: minC * 1_000, rangeMaxMilliC: (minC + 3) * 1_000 }
  return correct(harness, id, (done) => changeFrom(done, 'product', { id }, BUILT_MS, range))
}

function relot(harness: FactsHarness, id: string, product: string): Promise<void> {
  return correct(harness, id, (done) => changeFrom(done, 'lot', { id }, BUILT_MS, { product }))
}

const kinds = ['lot', 'relabel', 'relot', 'point', 'place', 'retire', 'duty', 'read', 'rules'] as const
const moves = ['receive', 'receive', 'receive', 'move', 'move', 'issue', 'issue'] as const

/** One thing that somebody does, and at which points the labels are then asked for. */
const step = fc.record({
  kind: fc.constantFrom(...moves, ...kinds),
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
  const other = pick('place', told.other)
  const lot = pick('lot', told.lot)
  const stock = { lot, quantity, atMs, reason }
  const [{ site } = {}] = harness.rows(`select site from place where id = '${place}'`)
  const part = { ...inFridge, parent: place, site: String(site) }
  const role = quantity === 1 ? 'ambient' : 'air'
  const carry = {
    receive: () => harness.do('custody.receive', { ...stock, place }),
    issue: () => harness.do('custody.issue', { ...stock, place }),
    move: () => harness.do('custody.move', { ...stock, from: place, to: other }),
    lot: () => newLot(harness, `n-${nth}`, 3 + quantity),
    relabel: () => relabel(harness, pick('product', told.other), quantity),
    relot: () => relot(harness, lot, pick('product', told.other)),
    point: () => harness.do('point.create', { ...since, id: `q-${nth}`, name: '新', place, role }),
    place: () => harness.do('place.create', { ...part, id: `c-${nth}` }),
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

test('labels that are kept are those found afresh, whatever is done', async () => {
  const many = fc.array(step, { minLength: 5, maxLength: 40, size: 'max' })
  const law = fc.asyncProperty(many, (steps) =>
    inCity(async (harness, view) => {
      const kept = new KeptLabels(view)
      let rules = rulesOf('cn-gsp-storage')
      const check = (points: readonly string[]): void => {
        for (const point of points)
          expect([point, kept.of(point, rules)]).toEqual([point, labelsBy(view)(point, rules)])
      }
      for (const [nth, told] of steps.entries()) {
        harness.clock.now += told.quantity * MINUTE_MS
        await carryOut(harness, told, nth)
        if (told.kind === 'read') view.load(await harness.facts.snapshot())
        if (told.kind === 'rules') rules = rulesOf(told.place < 5 ? 'cn-gsp-storage' : 'us-cdc-freezer')
        const all = view.pointIds()
        if (told.asked !== 'none') check(told.asked === 'all' ? all : all.slice(0, 1))
      }
      check(view.pointIds())
    }),
  )
  await fc.assert(law, { numRuns: RUNS, ...seed })
}, 120_000)

const near = { ...since, id: 'near', place: 'drawer', name: '近', role: 'air' } as const
const changes: readonly (readonly [string, (harness: FactsHarness) => Promise<unknown>])[] = [
  ['stock', (harness) => harness.do('custody.issue', { ...narrow, place: 'drawer', atMs: START_MS })],
  ['a label', (harness) => relabel(harness, 'narrow', 2)],
  ['the product of a lot', (harness) => relot(harness, 'narrow', 'bcg')],
  ['a point that is nearer', (harness) => harness.do('point.create', near)],
  [
    'a new place with something in it',
    async (harness) => {
      await harness.do('place.create', { ...inFridge, id: 'tray' })
      await harness.do('custody.receive', { ...narrow, place: 'tray', atMs: START_MS - 2 * DAY_MS })
    },
  ],
]

test.each(changes)('labels follow %s', (_name, change) =>
  inCity(async (harness, view) => {
    await harness.do('custody.receive', { ...narrow, place: 'drawer' })
    const kept = new KeptLabels(view)
    const before = kept.of('fridge-1', rulesOf())
    expect(before.warm).toHaveLength(1)
    await change(harness)
    expect(kept.of('fridge-1', rulesOf())).not.toEqual(before)
    expect(kept.of('fridge-1', rulesOf())).toEqual(labelsBy(view)('fridge-1', rulesOf()))
  }),
)

test('stock is gone through again where it has changed, or when what there is has changed, and never else', () =>
  inCity(async (harness, view) => {
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
      for (const point of ['room-1', 'shelf-1', 'fridge-1']) kept.of(point, rulesOf())
      return looked
    }
    const receive = (place: string) => after(harness.do('custody.receive', { ...narrow, place }))
    // the point on the shelf speaks for the room around it too
    const all = ['room', 'room', 'shelf', 'fridge', 'drawer']
    expect(await after()).toEqual(all)
    expect(await after()).toEqual([])
    const duty = { place: 'room', duty: 'maintenance', fromMs: START_MS, reason } as const
    expect(await after(harness.do('duty.set', duty))).toEqual([])
    expect(await after(harness.do('device.create', { id: 'd-9', site: 'depot', kind: 'real' }))).toEqual([])
    expect(await receive('box')).toEqual([])
    expect(await receive('drawer')).toEqual(['fridge', 'drawer'])
    expect(await receive('room')).toEqual(['room', 'room', 'shelf'])
    expect(await receive('shelf')).toEqual(['room', 'shelf'])
    expect(await after(newLot(harness, 'late', 5))).toEqual(all)
  }))

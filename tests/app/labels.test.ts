import { afterEach, beforeEach, expect, test } from 'vitest'
import { explainAnswers } from '../../app/explain-answers.ts'
import { whatIs } from '../../app/core/incidents/messages.ts'
import { limitSteps } from '../../app/core/influx/limit-steps.ts'
import { TouchedPoints } from '../../app/core/judge/touched-points.ts'
import { ruleAnswers } from '../../app/rule-answers.ts'
import { instantText, ruleOfFinding } from '../../domain/index.ts'
import type { Commands } from '../../store/index.ts'
import {
  type JudgeStage,
  MINUTE_MS,
  openJudgeStage,
  sameAfterRebuild,
  START_MS,
} from '../alerts/judge-stage.ts'

// A freezer judged at -15, with a drawer that has no point of its own, and a fridge judged at 2 to 8.

const reason = 'tested'
const at = (minute: number): number => START_MS + minute * MINUTE_MS
let stage: JudgeStage
beforeEach(async () => {
  stage = await openJudgeStage()
  const since = { fromMs: START_MS, reason }
  const unit = { site: 's', name: '柜', ...since }
  await stage.command('place.create', { id: 'freezer', kind: 'freezer', parent: null, ...unit })
  await stage.command('place.create', { id: 'drawer', kind: 'compartment', parent: 'freezer', ...unit })
  await stage.command('point.create', { id: 'f-1', place: 'freezer', name: '中', role: 'air', ...since })
  await stage.command('placement.start', { device: 'd', sensor: 'f', point: 'f-1', ...since })
  const pack = { pack: 'us-cdc-freezer', version: 1, organisation: 'root' }
  await stage.command('rules.activate', { ...pack, ...since })
  await label('bopv', -50, -20)
  await label('topv', -50, -20)
  await label('deep', -70, -25)
  await label('wide', -60, 8)
})
afterEach(() => stage.close())

/** A product with one lot of the same name. */
async function label(id: string, minC: number, maxC: number): Promise<void> {
  const range = { rangeMinMilliC: minC * 1_000, rangeMaxMilliC: maxC * 1_000 }
  const name = { id, name: id, freezeSensitive: false, lightSensitive: false }
  await stage.command('product.create', { ...name, ...range })
  await stage.command('lot.create', { id, product: id, number: id, maker: 'm', expiresOn: '2028-10-31' })
}

function stock(
  act: 'receive' | 'issue',
  lot: string,
  minute: number,
): Promise<Commands['custody.receive']['output']> {
  return stage.command(`custody.${act}`, { lot, place: 'drawer', quantity: 10, atMs: at(minute), reason })
}

/** Readings every five minutes. */
function measure(fromMinute: number, toMinute: number, celsius: number): void {
  const minutes = Array.from({ length: (toMinute - fromMinute) / 5 }, (_, nth) => fromMinute + nth * 5)
  stage.take(
    'f',
    minutes.map((minute) => [minute, celsius] as const),
  )
}

const labels = () =>
  stage.findings
    .allFindings()
    .toSorted((a, b) => a.startMs - b.startMs)
    .map((each) => (each.kind === 'excursion' ? [each.labelProduct, each.labelMilliC, each.endReason] : []))

test('a freezer at -17 is out from when something labelled -20 is put in, until it is taken out', async () => {
  measure(0, 60, -17)
  await stage.settled()
  expect(stage.rows()).toEqual([])
  await stock('receive', 'bopv', 22)
  await stage.settled()
  expect(stage.rows()).toEqual(['f-1 us-cdc-freezer/warm-range 22- confirmed'])
  expect(labels()).toEqual([['bopv', -20_000, null]])
  await stock('issue', 'bopv', 41)
  await stage.settled()
  expect(stage.rows()).toEqual(['f-1 us-cdc-freezer/warm-range 22-41 confirmed'])
  expect(labels()).toEqual([['bopv', -20_000, 'label-changed']])
  await sameAfterRebuild(stage)
})

test('what is entered late is judged again from when it lay there', async () => {
  measure(0, 30, -17)
  measure(30, 60, -22)
  await stage.settled()
  await stock('receive', 'bopv', 40)
  await stage.settled()
  expect(stage.rows()).toEqual([])
  await stock('receive', 'bopv', 10)
  await stage.settled()
  expect(stage.rows()).toEqual(['f-1 us-cdc-freezer/warm-range 10-30 confirmed'])
  // half of it lay elsewhere, and in the end all of it
  await stock('issue', 'bopv', 12)
  await stage.settled()
  expect(stage.rows()).toEqual(['f-1 us-cdc-freezer/warm-range 10-12 confirmed'])
  await sameAfterRebuild(stage)
})

test('the label itself is allowed, and a label that is wider loosens nothing', async () => {
  measure(0, 20, -20)
  measure(20, 40, -14)
  measure(40, 60, -51)
  await stock('receive', 'bopv', 0)
  await stock('receive', 'wide', 0)
  await stage.settled()
  expect(stage.rows()).toEqual([
    'f-1 us-cdc-freezer/warm-range 20-40 confirmed',
    'f-1 us-cdc-freezer/cold-range 40- confirmed',
  ])
  expect(labels()).toEqual([
    ['bopv', -20_000, 'recovered'],
    [undefined, undefined, null],
  ])
  await sameAfterRebuild(stage)
})

test('each finding is about one limit: under the next label another begins', async () => {
  measure(0, 60, -17)
  await stock('receive', 'bopv', 10)
  await stock('receive', 'deep', 20)
  await stock('issue', 'bopv', 30)
  await stage.settled()
  expect(stage.rows()).toEqual([
    'f-1 us-cdc-freezer/warm-range 10-20 confirmed',
    'f-1 us-cdc-freezer/warm-range 20- confirmed',
  ])
  expect(labels()).toEqual([
    ['bopv', -20_000, 'label-changed'],
    ['deep', -25_000, null],
  ])
  await stock('issue', 'deep', 50)
  await stage.settled()
  expect(labels()[1]).toEqual(['deep', -25_000, 'label-changed'])
  await sameAfterRebuild(stage)
})

test('stock that moves without changing a limit judges nothing again', async () => {
  measure(0, 60, -22)
  await stock('receive', 'bopv', 5)
  await stage.settled()
  const facts = () => stage.findings.judgedPoint('f-1')?.factsJson
  const before = facts()
  const { judged } = stage.numbers()
  await stock('receive', 'bopv', 10)
  await stock('issue', 'bopv', 15)
  await stock('receive', 'topv', 20)
  await stock('receive', 'wide', 25)
  await stage.settled()
  expect(facts()).toBe(before)
  expect(stage.numbers().judged).toBe(judged)
  await stock('receive', 'deep', 35)
  await stage.settled()
  expect(facts()).not.toBe(before)
  expect(stage.numbers().judged).toBeGreaterThan(judged)
})

test('the newest reading is out from the instant on at which something is put in, as long as it speaks', async () => {
  measure(0, 60, -17)
  await stage.settled()
  stage.advanceTo(60)
  await stock('receive', 'bopv', 58)
  await stage.settled()
  expect(stage.rows()).toEqual(['f-1 us-cdc-freezer/warm-range 58- confirmed'])
  await stock('receive', 'deep', 62)
  await stock('issue', 'bopv', 64)
  stage.advanceTo(65)
  measure(65, 70, -26)
  await stage.settled()
  expect(stage.rows()).toEqual([
    'f-1 us-cdc-freezer/warm-range 58-62 confirmed',
    'f-1 us-cdc-freezer/warm-range 62-65 confirmed',
  ])
  await sameAfterRebuild(stage)
})

test('rows of stock, lots, products, places and points name the points whose limits they may change', async () => {
  await stock('receive', 'bopv', 10)
  const { view } = stage
  const touched = new TouchedPoints(view)
  const [held] = view.custodyOf('bopv')
  const [lot, product, other] = [view.lot('bopv'), view.product('bopv'), view.product('deep')]
  const [drawer, room, point] = [view.place('drawer'), view.place('room'), view.point('p-1')]
  if (!held || !lot || !product || !other || !drawer || !room || !point) throw new Error('all are there')
  expect(touched.byFact({ table: 'custody', row: held })).toEqual(['f-1'])
  expect(touched.byFact({ table: 'custody', row: { ...held, place: 'room', quantity: 0 } })).toEqual([
    'p-1',
    'p-2',
  ])
  expect(touched.byFact({ table: 'lot', row: lot })).toEqual(['f-1'])
  expect(touched.byFact({ table: 'product', row: product })).toEqual(['f-1'])
  expect(touched.byFact({ table: 'product', row: other })).toEqual([])
  expect(touched.byFact({ table: 'place', row: drawer })).toEqual(['f-1'])
  expect(touched.byFact({ table: 'place', row: room })).toEqual(['p-1', 'p-2'])
  expect(new Set(touched.byFact({ table: 'point', row: point }))).toEqual(new Set(['p-1', 'p-2']))
})

test('a point that is put into the drawer speaks for what lies there', async () => {
  measure(0, 60, -17)
  await stock('receive', 'bopv', 10)
  await stage.settled()
  expect(stage.rows()).toEqual(['f-1 us-cdc-freezer/warm-range 10- confirmed'])
  const since = { fromMs: START_MS, reason }
  await stage.command('point.create', { id: 'f-2', place: 'drawer', name: '屉', role: 'product', ...since })
  await stage.settled()
  expect(stage.rows()).toEqual([])
  await sameAfterRebuild(stage)
})

test('everything that tells a limit tells the one it was judged by, and whose label it is', async () => {
  measure(0, 60, -17)
  await stock('receive', 'bopv', 10)
  await stock('receive', 'deep', 20)
  await stage.settled()
  const { findings, view, packs } = stage
  const [found] = findings.allFindings()
  if (found === undefined) throw new Error('nothing was found')
  const stores = { findings, view, viewReady: () => Promise.resolve() }
  const told = await explainAnswers(stores)['finding.explain']({ place: 'freezer', id: found.id })
  const when = (minute: number): string => instantText(at(minute))
  expect(told).toMatchObject({
    finding: { label: { product: 'bopv', limit: -20 } },
    rule: { operator: '>', limit: -20 },
    begunBy: 'reading',
    inForce: [
      { operator: '>', limit: -20, labelOf: 'bopv', from: when(10), to: when(20) },
      { operator: '>', limit: -25, labelOf: 'deep', from: when(20), to: null },
    ],
  })
  expect(await ruleAnswers(stores)['rules.where']({ rule: 'us-cdc-freezer/warm-range' })).toMatchObject([
    { point: 'f-1', limit: -15, labelOf: null, to: when(10) },
    { point: 'f-1', limit: -20, labelOf: 'bopv', to: when(20) },
    { point: 'f-1', limit: -25, labelOf: 'deep', to: null },
  ])
  expect(whatIs({ cause: 'warm' }, found, ruleOfFinding(packs, found))).toEqual({
    peakMilliC: -17_000,
    limit: { operator: '>', milliC: -20_000, byLabel: true },
  })
  const steps = limitSteps(view, packs, 'f-1', at(0))
  expect(steps.map(({ fromMs, limits }) => [fromMs, limits.high])).toEqual([
    [at(0), -15],
    [at(10), -20],
    [at(20), -25],
  ])
})

import { gatherExcursions, type ReportQuery } from '../../app/report/gather.ts'
import { marks } from '../../domain/index.ts'
import type { ExcursionReport, ReportIncident } from '../../reports/index.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, START_MS } from '../alerts/judge-stage.ts'

// A cold room with two points and a bare shelf in it, and a fridge beside it. Three lots: one stays in the room, one
// lies on the shelf and is moved to the fridge in the middle of the room's excursion, one comes after it.

/** Why things are entered late. */
export const reason = 'tested'

/** The instant of a minute of the story, epoch ms. */
export function at(minute: number): number {
  return START_MS + minute * MINUTE_MS
}

/** The stage of the story. */
export async function openReportStage(): Promise<JudgeStage> {
  const stage = await openJudgeStage()
  const { command } = stage
  const since = { fromMs: START_MS, reason }
  const inRoom = { site: 's', parent: 'room', name: '层', ...since }
  await command('place.create', { id: 'shelf', kind: 'compartment', ...inRoom })
  const fridge = { site: 's', parent: null, kind: 'refrigerator', name: '冰箱', nameEn: 'Fridge' } as const
  await command('place.create', { id: 'fridge', ...fridge, ...since })
  await command('place.create', { id: 'cupboard', ...fridge, ...since })
  await command('point.create', { id: 'f-1', place: 'fridge', name: '中', role: 'air', ...since })
  await command('placement.start', { device: 'd', sensor: 'c', point: 'f-1', ...since })
  const label = { rangeMinMilliC: 2_000, rangeMaxMilliC: 8_000, freezeSensitive: true, lightSensitive: false }
  await command('product.create', { id: 'hepb', name: '乙肝疫苗', nameEn: 'HepB', ...label })
  for (const id of ['stays', 'moves', 'comes']) {
    const lot = { id, product: 'hepb', number: `N-${id}`, maker: '生物所', expiresOn: '2028-10-31' }
    await command('lot.create', lot)
  }
  await command('custody.receive', { lot: 'stays', place: 'room', quantity: 100, atMs: at(0), reason })
  await command('custody.issue', { lot: 'stays', place: 'room', quantity: 30, atMs: at(60), reason })
  await command('custody.receive', { lot: 'moves', place: 'shelf', quantity: 50, atMs: at(0), reason })
  await command('custody.move', {
    lot: 'moves',
    from: 'shelf',
    to: 'fridge',
    quantity: 50,
    atMs: at(60),
    reason,
  })
  await command('custody.receive', { lot: 'comes', place: 'room', quantity: 9, atMs: at(90), reason })
  await command('custody.receive', { lot: 'comes', place: 'cupboard', quantity: 1, atMs: at(0), reason })
  measure(stage)
  await stage.settled()
  return stage
}

/** Two hours of readings every five minutes, some of which are missing, late, repeated or held. */
function measure(stage: JudgeStage): void {
  const minutes = Array.from({ length: 24 }, (_, index) => index * 5)
  const out = (from: number, to: number, minute: number) => from <= minute && minute < to
  // silent from 20 to 40; too warm from 50 to 80
  const a = minutes.filter((minute) => !out(20, 40, minute))
  stage.take(
    'a',
    a.map((minute) => [minute, out(50, 80, minute) ? 9 : 5] as const),
  )
  stage.take(
    'b',
    minutes.map((minute) => [minute, 5] as const),
  )
  // too cold before the lot comes, too warm after
  stage.take(
    'c',
    minutes.map((minute) => [minute, out(10, 20, minute) ? 1.5 : out(70, 90, minute) ? 8.04 : 5] as const),
  )
  stage.store.transact((tx) => {
    const series = tx.series('d', 'b', START_MS, 100) ?? 0
    const late = {
      atMs: at(7),
      seq: 4,
      receivedAtMs: at(100),
      marks: marks.storeAndForward,
      payloadHash: null,
    }
    const values = { humidityMilliPct: 40_000 }
    tx.insert({ ...late, series, tMs: at(7), sub: 5, index: 9, item: 0, values })
    for (const minute of [15, 15, 55]) tx.repeat({ series, tMs: at(minute), sub: 0 })
    const held = { index: 10, device: 'd', receivedAtMs: at(30), detail: '' } as const
    tx.hold({ ...held, item: 0, reason: 'conflict', excerpt: '{"sensor":"a","temperature":5}' })
    tx.hold({ ...held, index: 11, item: 0, reason: 'conflict', excerpt: '{"sensor":"c","temperature":5}' })
    tx.hold({ ...held, index: 12, item: null, reason: 'malformed-json', excerpt: '{' })
    tx.hold({ ...held, index: 13, item: null, receivedAtMs: at(500), reason: 'malformed-json', excerpt: '{' })
  })
}

/** A report of the room in its two hours, unless told otherwise. */
export function reportOf(
  { reads, findings, view, packs }: JudgeStage,
  given: Partial<ReportQuery>,
  incidents: ReadonlyMap<string, ReportIncident> = new Map(),
): Promise<ExcursionReport> {
  const parts = { reads, findings, view, packs, softwareVersion: '1.2.3', rest: () => Promise.resolve() }
  const query: ReportQuery = {
    subject: { by: 'place', place: 'room' },
    fromMs: at(0),
    toMs: at(120),
    asOfMs: at(24 * 60),
    by: { actor: 'user:u', name: '王芳' },
    isSeen: () => true,
    ...given,
  }
  return gatherExcursions({ ...parts, incidentsOf: () => Promise.resolve(incidents) }, query)
}

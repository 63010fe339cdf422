import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlaceFact } from '../../domain/index.ts'
import { completenessTotals, type ExcursionReport } from '../../reports/index.ts'
import { type JudgeStage, MINUTE_MS, START_MS } from '../alerts/judge-stage.ts'
import { incident } from '../reports/sample.ts'
import { at, openReportStage, reason, reportOf } from './report-stage.ts'

let stage: JudgeStage
beforeAll(async () => {
  stage = await openReportStage()
})
afterAll(() => stage.close())

const ask = (given: Parameters<typeof reportOf>[1], incidents?: Parameters<typeof reportOf>[2]) =>
  reportOf(stage, given, incidents)

/** Findings as point and minutes, with the lots they touched. */
function shown({ rows }: ExcursionReport): unknown[] {
  const minutes = (epochMs: number | null): number | null =>
    epochMs === null ? null : (epochMs - START_MS) / MINUTE_MS
  return rows.map(({ finding, lots }) => [
    finding.point,
    finding.direction,
    `${minutes(finding.startMs)}-${minutes(finding.endMs)}`,
    lots.map(({ lot, place, quantity, fromMs, toMs }) =>
      [lot.id, place.id, quantity, `${minutes(fromMs)}-${minutes(toMs)}`].join(' '),
    ),
  ])
}

describe('a place', () => {
  test('has the excursions at its points, with what lay there while they lasted', async () => {
    const report = await ask({})
    expect(shown(report)).toEqual([
      ['p-1', 'warm', '50-80', ['moves shelf 50 50-60', 'stays room 100 50-80']],
    ])
    expect(report).toMatchObject({
      subject: { by: 'place', place: { id: 'room', name: '库' }, measuredIn: { id: 'room' } },
      demo: true,
      zone: 'Asia/Shanghai',
      generatedMs: at(24 * 60),
      factVersion: stage.view.version,
      softwareVersion: '1.2.3',
      packs: [
        { id: 'cn-gsp-storage', version: 1 },
        { id: 'isotherm-watch', version: 1 },
      ],
    })
    expect(report.rows[0]).toMatchObject({
      site: { id: 's', name: '仓', zone: 'Asia/Shanghai' },
      rule: { id: 'cn-gsp-storage/warm-range', operator: '>', limitMilliC: 8_000, confidence: 'seen' },
      lots: [{ lot: { number: 'N-moves', product: { nameEn: 'HepB' } } }, {}],
      incident: null,
    })
  })

  test('nested in another and without points of its own goes by those around it', async () => {
    const report = await ask({ subject: { by: 'place', place: 'shelf' } })
    expect(report.subject).toMatchObject({ place: { id: 'shelf' }, measuredIn: { id: 'room' } })
    expect(shown(report)).toHaveLength(1)
  })

  test('where nothing is measured is unknown, and not in order', async () => {
    const report = await ask({ subject: { by: 'place', place: 'cupboard' } })
    expect(report.subject).toMatchObject({ measuredIn: null })
    expect(report.completeness.pieces).toEqual([
      {
        place: { id: 'cupboard', name: '冰箱', nameEn: 'Fridge' },
        point: null,
        device: null,
        sensor: null,
        fromMs: at(0),
        toMs: at(120),
        intervalMs: null,
        expected: 0,
        missing: 0,
        stored: 0,
        late: 0,
        duplicate: 0,
        unknownMs: 120 * MINUTE_MS,
      },
    ])
  })

  test('has only what touches the period, told whole', async () => {
    expect(shown(await ask({ fromMs: at(70), toMs: at(75) }))).toEqual([
      ['p-1', 'warm', '50-80', ['moves shelf 50 50-60', 'stays room 100 50-80']],
    ])
    expect(shown(await ask({ fromMs: at(80) }))).toEqual([])
    expect(shown(await ask({ toMs: at(50) }))).toEqual([])
    expect(shown(await ask({ subject: { by: 'place', place: 'fridge' } }))).toEqual([
      ['f-1', 'cold', '10-20', []],
      ['f-1', 'warm', '70-90', ['moves fridge 50 70-90']],
    ])
  })

  test('tells the incident of a finding', async () => {
    const [row] = (await ask({})).rows
    const report = await ask({}, new Map([[row?.finding.id ?? '', incident]]))
    expect(report.rows[0]?.incident).toEqual(incident)
  })
})

describe('a lot', () => {
  test('has the excursions where it lay, while it lay there, and no others', async () => {
    const report = await ask({ subject: { by: 'lot', lot: 'moves' } })
    expect(report.subject).toMatchObject({ by: 'lot', lot: { number: 'N-moves', maker: '生物所' } })
    expect(shown(report)).toEqual([
      ['p-1', 'warm', '50-80', ['moves shelf 50 50-60']],
      ['f-1', 'warm', '70-90', ['moves fridge 50 70-90']],
    ])
    expect(shown(await ask({ subject: { by: 'lot', lot: 'comes' } }))).toEqual([])
    expect(shown(await ask({ subject: { by: 'lot', lot: 'moves' }, fromMs: at(61) }))).toEqual([
      ['f-1', 'warm', '70-90', ['moves fridge 50 70-90']],
    ])
  })

  test('is counted at the points that spoke for it, while they did', async () => {
    const { completeness } = await ask({ subject: { by: 'lot', lot: 'moves' } })
    const spans = completeness.pieces.map(({ point, fromMs, toMs, expected }) => {
      return [point?.id, (fromMs - START_MS) / MINUTE_MS, (toMs - START_MS) / MINUTE_MS, expected]
    })
    expect(spans).toEqual([
      ['f-1', 60, 120, 12],
      ['p-1', 0, 60, 12],
      ['p-2', 0, 60, 12],
    ])
  })

  test('is seen only at places within reach', async () => {
    const isSeen = ({ id }: PlaceFact): boolean => id === 'fridge'
    expect(shown(await ask({ subject: { by: 'lot', lot: 'moves' }, isSeen }))).toEqual([
      ['f-1', 'warm', '70-90', ['moves fridge 50 70-90']],
    ])
    const nowhere = await ask({ subject: { by: 'lot', lot: 'moves' }, isSeen: () => false })
    expect([nowhere.rows, nowhere.completeness.pieces]).toEqual([[], []])
  })
})

describe('completeness', () => {
  test('counts per sensor what was expected, came, came late or twice, and is missing', async () => {
    const { completeness } = await ask({})
    const same = {
      place: { id: 'room', name: '库', nameEn: null },
      device: 'd',
      fromMs: at(0),
      toMs: at(120),
      intervalMs: 300_000,
      expected: 24,
    }
    expect(completeness.pieces).toEqual([
      // a reading speaks for 15 minutes: the one at 15 until 30
      {
        ...same,
        point: { id: 'p-1', name: 'p-1', nameEn: null },
        sensor: 'a',
        missing: 4,
        stored: 20,
        late: 0,
        duplicate: 0,
        unknownMs: 10 * MINUTE_MS,
      },
      {
        ...same,
        point: { id: 'p-2', name: 'p-2', nameEn: null },
        sensor: 'b',
        missing: 0,
        stored: 25,
        late: 1,
        duplicate: 3,
        unknownMs: 0,
      },
    ])
    expect(completeness.held).toEqual([
      { device: 'd', sensor: null, reason: 'malformed-json', count: 1 },
      { device: 'd', sensor: 'a', reason: 'conflict', count: 1 },
    ])
    expect(completenessTotals(completeness)).toMatchObject({ expected: 48, stored: 45, missing: 4, held: 2 })
  })

  test('counts repeats by the time of the reading, and nothing to come', async () => {
    const early = await ask({ toMs: at(20) })
    expect(completenessTotals(early.completeness)).toMatchObject({ expected: 8, duplicate: 2, late: 1 })
    const present = await ask({ fromMs: at(60), asOfMs: at(90), toMs: at(24 * 60) })
    expect(completenessTotals(present.completeness).expected).toBe(12)
    expect(present.toMs).toBe(at(24 * 60))
  })

  test('is cut where another sensor comes, none is there, or another interval is expected', async () => {
    const { command } = stage
    // a day later: the devices are registered at its beginning
    const later = (minute: number): number => at(24 * 60 + minute)
    stage.advanceTo(24 * 60 + 300)
    const spare = { site: 's', parent: null, kind: 'refrigerator', name: '备用' } as const
    await command('place.create', { id: 'spare', ...spare, fromMs: later(0), reason })
    const point = { place: 'spare', name: '中', role: 'product', fromMs: later(0), reason } as const
    await command('point.create', { id: 's-1', ...point })
    await command('device.create', { id: 'e', site: 's', kind: 'simulated', expectedIntervalMs: 600_000 })
    const x = { device: 'd', sensor: 'x', point: 's-1', fromMs: later(10), toMs: later(40), reason }
    await command('placement.start', x)
    await command('placement.start', { device: 'e', sensor: 'main', point: 's-1', fromMs: later(60), reason })
    const faster = { id: 'd', expectedIntervalMs: 60_000, fromMs: later(30), reason }
    await command('device.expected-interval', faster)
    const period = { fromMs: later(0), toMs: later(120), asOfMs: later(300) }
    const { completeness } = await ask({ subject: { by: 'place', place: 'spare' }, ...period })
    const shownPieces = completeness.pieces.map(({ sensor, fromMs, toMs, intervalMs, ...counts }) => {
      const [from, to] = [fromMs, toMs].map((epochMs) => (epochMs - later(0)) / MINUTE_MS)
      return [`${from}-${to}`, sensor, intervalMs, counts.expected, counts.unknownMs / MINUTE_MS]
    })
    expect(shownPieces).toEqual([
      ['0-10', null, null, 0, 10],
      ['10-30', 'x', 300_000, 4, 20],
      ['30-40', 'x', 60_000, 10, 10],
      ['40-60', null, null, 0, 20],
      // registered later than that: what was expected of it first
      ['60-120', 'main', 600_000, 6, 60],
    ])
  })
})

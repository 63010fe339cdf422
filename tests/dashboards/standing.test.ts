import { describe, expect, test } from 'vitest'
import type { Finding, LivePoint, Place, Point, RulePack } from '../../dashboards/live/src/answers.ts'
import {
  defaultDuty,
  limitsFor,
  maxGapMs,
  type PlaceFacts,
  placeStanding,
  type State,
} from '../../dashboards/live/src/standing.ts'
import {
  defaultDuty as engineDuty,
  maxGapMs as engineGapMs,
  maxGapFloorMs,
  placeKinds,
} from '../../domain/index.ts'

const NOW_MS = Date.parse('2026-11-23T03:00:00Z')
const MINUTE_MS = 60_000

const place: Place = {
  id: 'room',
  site: 'depot',
  organisation: 'logistics',
  parent: null,
  kind: 'cold-room',
  name: '冷藏库',
  nameEn: null,
  state: 'active',
}
const points = ['a', 'b'].map((id): Point => ({ id, place: 'room', name: id, nameEn: null, role: 'product' }))
const facts: PlaceFacts = {
  place,
  points,
  limits: [
    { limit: 8, direction: 'warm', level: 'range', duties: ['in-service'] },
    { limit: 2, direction: 'cold', level: 'range', duties: ['in-service'] },
  ],
  duty: 'in-service',
  hasFreezeSensitive: true,
}

function reading(point: string, temperature: number | undefined, minutesAgo = 1): LivePoint {
  const t = new Date(NOW_MS - minutesAgo * MINUTE_MS).toISOString()
  return {
    site: 'depot',
    place: 'room',
    point,
    standing: 'judged',
    sensor: `logger/${point}`,
    t,
    receivedAt: t,
    ...(temperature === undefined ? {} : { temperature }),
    expectedIntervalSeconds: 300,
    fault: null,
    faultAt: null,
  }
}

function finding(point: string, direction: 'warm' | 'cold', more: Partial<Finding> = {}): Finding {
  const start = new Date(NOW_MS - MINUTE_MS).toISOString()
  const known = { id: `${point}-${direction}`, place: 'room', point, rule: 'r' } as const
  const out = { kind: 'excursion', level: 'range', direction, peak: 9, label: null } as const
  return { ...known, ...out, state: 'confirmed', open: true, start, end: null, ...more }
}

/** The state of the room, and the point that speaks for it. */
function standing(
  readings: readonly LivePoint[],
  findings: readonly Finding[] = [],
  of: PlaceFacts = facts,
): readonly [State, string | undefined] {
  const newest = (point: string): LivePoint | undefined => readings.find((each) => each.point === point)
  const { state, worst } = placeStanding(of, newest, findings, NOW_MS)
  return [state, worst?.point.id]
}

describe('a place', () => {
  test('is in range when every judged point is, and shows the one nearest to a limit', () => {
    expect(standing([reading('a', 5), reading('b', 7.2)])).toEqual(['in', 'b'])
    expect(standing([reading('a', 2.1), reading('b', 7.2)])).toEqual(['in', 'a'])
  })

  test('is unknown when one point is silent, has no temperature or never had any', () => {
    expect(standing([reading('a', 5), reading('b', 5, 16)])).toEqual(['unknown', 'b'])
    expect(standing([reading('a', 5), reading('b', 5, 15)])).toEqual(['in', 'a'])
    expect(standing([reading('a', 5), reading('b', undefined)])).toEqual(['unknown', 'b'])
    expect(standing([reading('a', 5)])).toEqual(['unknown', 'b'])
  })

  test('is unknown while a probe is at fault, and says which, whatever the probe shows', () => {
    const faulty = (fault: 'impossible-value' | 'power-up', temperature: number): LivePoint => ({
      ...reading('a', temperature),
      fault,
      faultAt: new Date(NOW_MS).toISOString(),
    })
    for (const broken of [faulty('impossible-value', 5), faulty('power-up', 85)]) {
      expect(standing([broken, reading('b', 5)])).toEqual(['unknown', 'a'])
      const { points: tiles } = placeStanding(facts, () => broken, [], NOW_MS)
      expect(tiles.map(({ isFaulty }) => isFaulty)).toEqual([true, true])
      expect(standing([broken, reading('b', 5)], [finding('a', 'warm')])).toEqual(['warm', 'a'])
    }
    expect(standing([faulty('impossible-value', -1), reading('b', 5)])).toEqual(['unknown', 'a'])
    const { points: fine } = placeStanding(facts, (point) => reading(point, 5), [], NOW_MS)
    expect(fine.map(({ isFaulty }) => isFaulty)).toEqual([false, false])
  })

  test('is not in range where no rule holds, and says so', () => {
    const unruled = { ...facts, limits: [] }
    expect(standing([reading('a', 5), reading('b', 5)], [], unruled)).toEqual(['unjudged', 'a'])
    expect(standing([reading('a', 5)], [], { ...unruled, points: [] })).toEqual(['unjudged', undefined])
  })

  test('is not in use while its rules apply to nothing it does, and says that instead', () => {
    const warm = [reading('a', 14), reading('b', 5)]
    const doing = (duty: string): PlaceFacts => ({
      ...facts,
      duty,
      limits: [
        { limit: 8, direction: 'warm', level: 'range', duties: ['on-trip'] },
        { limit: 8, direction: 'warm', level: 'critical', duties: ['pre-cooling'] },
      ],
    })
    expect(standing(warm, [], doing('empty'))).toEqual(['idle', 'a'])
    expect(standing([reading('a', 14, 60), reading('b', 5)], [], doing('empty'))).toEqual(['unknown', 'a'])
    expect(standing(warm, [], doing('pre-cooling'))).toEqual(['cooling', 'a'])
    expect(standing([reading('a', 5), reading('b', 5)], [], doing('pre-cooling'))[0]).toBe('in')
    expect(standing([reading('a', 5), reading('b', 5)], [], doing('on-trip'))[0]).toBe('in')
    expect(standing(warm, [], doing('on-trip'))).toEqual(['near', 'a'])
  })

  test('is too warm or too cold by the findings, also while nothing new arrives', () => {
    expect(standing([reading('a', 9), reading('b', 5)], [finding('a', 'warm')])).toEqual(['warm', 'a'])
    expect(standing([reading('a', 9, 60), reading('b', 5)], [finding('a', 'warm')])).toEqual(['warm', 'a'])
    expect(standing([reading('a', 1.5), reading('b', 5)], [finding('a', 'cold')])).toEqual(['cold', 'a'])
    expect(standing([reading('a', 5), reading('b', 5)], [finding('a', 'warm', { open: false })])).toEqual([
      'in',
      'a',
    ])
  })

  test('is near with a pre-warning value or a suspicion, which is less than unknown', () => {
    const near = finding('a', 'warm', { level: 'critical' })
    expect(standing([reading('a', 7.6), reading('b', 5)], [near])).toEqual(['near', 'a'])
    expect(standing([reading('a', 7.6)], [near])).toEqual(['unknown', 'b'])
    const suspected = finding('a', 'warm', { state: 'suspected' })
    expect(standing([reading('a', 9), reading('b', 5)], [suspected])).toEqual(['near', 'a'])
  })

  test('is at risk of freezing at 0 degC with what must not freeze inside, whatever rules hold', () => {
    const cold = [reading('a', 0), reading('b', 9)]
    expect(standing(cold, [finding('b', 'warm')])).toEqual(['freeze', 'a'])
    expect(standing(cold, [], { ...facts, limits: [] })).toEqual(['freeze', 'a'])
    expect(standing(cold, [finding('a', 'cold')], { ...facts, hasFreezeSensitive: false })).toEqual([
      'cold',
      'a',
    ])
    expect(standing([reading('a', -0.3, 60), reading('b', 5)], [finding('a', 'cold')])[0]).toBe('freeze')
  })

  test('is not spoken for by points that only explain', () => {
    const ambient: Point = { id: 'c', place: 'room', name: 'c', nameEn: null, role: 'ambient' }
    const of = { ...facts, points: [...points, ambient] }
    expect(standing([reading('a', 5), reading('b', 5), reading('c', 31)], [], of)).toEqual(['in', 'a'])
    expect(standing([reading('a', 5), reading('b', 5)], [], of)).toEqual(['in', 'a'])
  })

  test('marks what is overdue before it is unknown', () => {
    const overdue = (minutesAgo: number): boolean | undefined =>
      placeStanding(facts, () => reading('a', 5, minutesAgo), [], NOW_MS).worst?.isOverdue
    expect([overdue(7), overdue(8)]).toEqual([false, true])
  })
})

test('a reading speaks as long as the engine says', () => {
  for (const kind of placeKinds) {
    for (const intervalMs of [1_000, 60_000, 300_000, 3_600_000]) {
      expect([kind, maxGapMs(intervalMs, kind)]).toEqual([kind, engineGapMs(intervalMs, maxGapFloorMs(kind))])
    }
  }
})

test('what nobody has said a place does is what the engine takes it to do', () => {
  for (const kind of placeKinds) expect([kind, defaultDuty(kind)]).toEqual([kind, engineDuty(kind)])
})

test('limits are those of packs for the kind of place and organisation that hold for it', () => {
  const rule = {
    id: 'x',
    quantity: 'temperature',
    operator: '>',
    limit: 8,
    takesLabel: true,
    level: 'range',
    durationSeconds: 0,
    duties: ['on-trip'],
  } as const
  const pack: RulePack = {
    id: 'p',
    organisations: ['distributor'],
    places: ['cold-room'],
    rules: [
      { ...rule, activeFor: ['logistics'] },
      { ...rule, operator: '<=', limit: 2.5, takesLabel: false, level: 'critical', activeFor: ['logistics'] },
      { ...rule, limit: 7, activeFor: ['another'] },
    ],
  }
  expect(limitsFor(place, 'distributor', [pack], [])).toEqual([
    { limit: 8, direction: 'warm', level: 'range', duties: ['on-trip'] },
    { limit: 2.5, direction: 'cold', level: 'critical', duties: ['on-trip'] },
  ])
  expect(limitsFor(place, 'clinic', [pack], [])).toEqual([])
  expect(limitsFor({ ...place, kind: 'freezer' }, 'distributor', [pack], [])).toEqual([])
  // a label tightens what says the range, never loosens it, and leaves pre-warning alone
  const labels = [
    { rangeMin: 3, rangeMax: 25 },
    { rangeMin: -50, rangeMax: 6 },
  ]
  const limits = (of: typeof labels) => limitsFor(place, 'distributor', [pack], of).map(({ limit }) => limit)
  expect(limits(labels)).toEqual([6, 2.5])
  expect(limits(labels.slice(0, 1))).toEqual([8, 2.5])
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewPlacement } from '../../../store/index.ts'
import { BUILT_MS, furnish, reason } from './rooms.ts'
import { DAY_MS, FactsHarness, HOUR_MS, START_MS } from './setup.ts'

let harness: FactsHarness
beforeEach(async () => {
  harness = await FactsHarness.open()
  await harness.city()
  await furnish(harness)
})
afterEach(() => harness.close())

const one = { device: 'd-1', sensor: 'main' }
const two = { device: 'd-2', sensor: 'main' }
const start = (input: NewPlacement) => harness.do('placement.start', { reason, ...input })
const live = () =>
  harness.rows(
    `select device || ':' || point || ' ' || standing as it, valid_from as since, valid_to as until
      from live_placement order by device, valid_from`,
  )
const changes = () => harness.rows('select device, from_ms, to_ms from placement_change order by seq')

describe('starting a placement', () => {
  test('puts a sensor at a point, judged, and leaves a trace', async () => {
    expect(await harness.do('placement.start', { ...one, point: 'room-1' })).toEqual({
      ...one,
      fact: 1,
      point: 'room-1',
      standing: 'judged',
      validFrom: START_MS,
      validTo: null,
      recordedAt: START_MS,
      recordedBy: 'user:u-li',
      reason: '',
      supersedes: null,
    })
    expect(changes()).toEqual([{ device: 'd-1', from_ms: START_MS, to_ms: null }])
    const act = harness.rows('select max(seq) as act from audit')[0]
    expect(harness.rows('select act from placement_change')).toEqual([act])
  })

  test('of a second sensor at the point is secondary, and does not become judged by itself', async () => {
    await start({ ...one, point: 'room-1' })
    expect(await start({ ...two, point: 'room-1' })).toMatchObject({ standing: 'secondary' })
    harness.clock.now += HOUR_MS
    await harness.do('placement.end', one)
    expect(live()).toEqual([
      { it: 'd-1:room-1 judged', since: START_MS, until: START_MS + HOUR_MS },
      { it: 'd-2:room-1 secondary', since: START_MS, until: null },
    ])
    // a third one finds the place of the judged free
    expect(await start({ device: 'd-3', sensor: 'main', point: 'room-1' })).toMatchObject({
      standing: 'judged',
    })
  })

  test('may be asked for as secondary', async () => {
    expect(await start({ ...one, point: 'room-1', standing: 'secondary' })).toMatchObject({
      standing: 'secondary',
    })
    expect(await start({ ...two, point: 'room-1' })).toMatchObject({ standing: 'judged' })
  })

  test('takes over where the one before ended: a calibration swap', async () => {
    await start({ ...one, point: 'room-1', fromMs: START_MS - DAY_MS, toMs: START_MS })
    expect(await start({ ...two, point: 'room-1', fromMs: START_MS })).toMatchObject({ standing: 'judged' })
    // before both, with an end that touches
    const first = {
      device: 'd-3',
      sensor: 'main',
      point: 'room-1',
      fromMs: BUILT_MS,
      toMs: START_MS - DAY_MS,
    }
    expect(await start(first)).toMatchObject({ standing: 'judged' })
  })

  test('that overlaps a judged one for a moment is secondary as a whole', async () => {
    await start({ ...one, point: 'room-1', fromMs: START_MS - DAY_MS, toMs: START_MS })
    const late = { ...two, point: 'room-1', fromMs: START_MS - 2 * DAY_MS, toMs: START_MS - DAY_MS + 1 }
    expect(await start(late)).toMatchObject({ standing: 'secondary' })
  })

  test('of one sensor at two points is refused, whichever comes first', async () => {
    await start({ ...one, point: 'room-1', fromMs: START_MS - HOUR_MS, toMs: START_MS })
    const again = { ...one, point: 'room-2' }
    for (const [fromMs, toMs] of [
      [START_MS - 1, null],
      [START_MS - 2 * HOUR_MS, START_MS - HOUR_MS + 1],
      [START_MS - 2 * HOUR_MS, null],
      [START_MS - HOUR_MS / 2, START_MS - HOUR_MS / 4],
    ] as const) {
      expect(await harness.refused('placement.start', { ...again, fromMs, toMs, reason })).toBe('conflict')
    }
    await expect(start({ ...again, fromMs: START_MS - 1 })).rejects.toThrow(
      'Sensor d-1/main is at point room-1 since 2026-11-23T01:00:00.000Z until 2026-11-23T02:00:00.000Z.',
    )
    // before and after are free, and so is another sensor of the device
    await start({ ...again, fromMs: START_MS - 2 * HOUR_MS, toMs: START_MS - HOUR_MS })
    await start({ ...again, fromMs: START_MS })
    await start({ device: 'd-1', sensor: 'door', point: 'room-1', fromMs: START_MS - HOUR_MS })
  })

  test.each<[string, Partial<NewPlacement>]>([
    ['not-found', { device: 'd-9' }],
    ['not-found', { point: 'nowhere' }],
    ['bad-request', { sensor: 'a b' }],
    ['bad-request', { standing: 'first' as 'judged' }],
    ['bad-request', { fromMs: START_MS - DAY_MS }],
    ['bad-request', { fromMs: START_MS, toMs: START_MS }],
    ['bad-request', { toMs: START_MS + HOUR_MS }],
    // not built yet
    ['conflict', { fromMs: BUILT_MS - 1, reason }],
    ['demo-only', { point: 'toy-1' }],
    ['demo-only', { device: 'sim-1' }],
  ])('is refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('placement.start', { ...one, point: 'room-1', ...wrong })).toBe(code)
  })

  test('knows when a place was retired and a point put up', async () => {
    await harness.do('point.create', {
      id: 'fridge-2',
      place: 'fridge',
      name: '新',
      role: 'air',
      fromMs: START_MS,
    })
    const early = { ...one, point: 'fridge-2', fromMs: START_MS - 1, reason }
    expect(await harness.refused('placement.start', early)).toBe('conflict')
    await harness.do('place.retire', { id: 'fridge', reason })
    expect(await harness.refused('placement.start', { ...one, point: 'fridge-1' })).toBe('conflict')
    const over = { ...one, point: 'fridge-1', fromMs: START_MS - HOUR_MS, toMs: START_MS }
    expect(await start(over)).toMatchObject({ standing: 'judged' })
  })

  test('in a demonstration takes its simulated devices', async () => {
    expect(await start({ device: 'sim-1', sensor: 'main', point: 'toy-1' })).toMatchObject({
      standing: 'judged',
    })
  })
})

describe('ending a placement', () => {
  test('closes it, and what comes after is at no point', async () => {
    await start({ ...one, point: 'room-1', fromMs: START_MS - DAY_MS })
    const atMs = START_MS - HOUR_MS
    expect(await harness.do('placement.end', { ...one, atMs, reason })).toMatchObject({
      point: 'room-1',
      validFrom: START_MS - DAY_MS,
      validTo: atMs,
      supersedes: 1,
    })
    expect(changes().at(-1)).toEqual({ device: 'd-1', from_ms: atMs, to_ms: null })
    expect(await harness.refused('placement.end', one)).toBe('not-found')
  })

  test('is refused where none is open or before it began', async () => {
    expect(await harness.refused('placement.end', one)).toBe('not-found')
    await start({ ...one, point: 'room-1' })
    expect(await harness.refused('placement.end', one)).toBe('conflict')
    expect(await harness.refused('placement.end', { ...one, atMs: START_MS - HOUR_MS, reason })).toBe(
      'conflict',
    )
    expect(await harness.refused('placement.end', { ...one, atMs: START_MS - HOUR_MS })).toBe('bad-request')
  })
})

describe('correcting a placement', () => {
  const [dayMs, noonMs] = [START_MS - DAY_MS, START_MS - DAY_MS / 2]
  beforeEach(async () => {
    await start({ ...one, point: 'room-1', fromMs: dayMs, toMs: noonMs })
    await start({ ...two, point: 'room-2', fromMs: dayMs })
    harness.clock.now += HOUR_MS
  })
  const correct = (change: object) =>
    harness.do('placement.correct', { ...one, atMs: dayMs, reason, ...change })

  test('gives another point over the whole time, and what was said before stays known', async () => {
    expect(await correct({ point: 'shelf-1' })).toMatchObject({
      point: 'shelf-1',
      standing: 'judged',
      validFrom: dayMs,
      validTo: noonMs,
      supersedes: 1,
    })
    expect(changes().slice(2)).toEqual([{ device: 'd-1', from_ms: dayMs, to_ms: noonMs }])
    expect(harness.rows('select point from placement where fact = 1')).toEqual([{ point: 'room-1' }])
  })

  test.each([
    ['a later begin', { fromMs: dayMs + 5 }, [[dayMs, dayMs + 5]]],
    ['an earlier begin', { fromMs: dayMs - 5 }, [[dayMs - 5, dayMs]]],
    ['no end', { toMs: null }, [[noonMs, null]]],
    ['an earlier end', { toMs: noonMs - 5 }, [[noonMs - 5, noonMs]]],
    [
      'other bounds',
      { fromMs: dayMs + 5, toMs: noonMs + 5 },
      [
        [dayMs, dayMs + 5],
        [noonMs, noonMs + 5],
      ],
    ],
    ['another time altogether', { fromMs: noonMs + 5, toMs: START_MS }, [[dayMs, START_MS]]],
    ['another point and end', { point: 'shelf-1', toMs: null }, [[dayMs, null]]],
    ['another standing', { standing: 'secondary' }, []],
  ])('%s touches just that', async (_, change, touched) => {
    await correct(change)
    expect(
      changes()
        .slice(2)
        .map((row) => [row['from_ms'], row['to_ms']]),
    ).toEqual(touched)
  })

  test('to where another sensor is judged makes it secondary', async () => {
    expect(await correct({ point: 'room-2' })).toMatchObject({ point: 'room-2', standing: 'secondary' })
    // and back: the standing stays as it is until somebody asks for another
    expect(await correct({ point: 'room-1' })).toMatchObject({ standing: 'secondary' })
    expect(await correct({ standing: 'judged' })).toMatchObject({ point: 'room-1', standing: 'judged' })
  })

  test('must not put the sensor at two points', async () => {
    await start({ ...one, point: 'shelf-1', fromMs: START_MS - HOUR_MS })
    const open = { ...one, atMs: dayMs, toMs: null, reason }
    expect(await harness.refused('placement.correct', open)).toBe('conflict')
    const early = { ...one, atMs: START_MS, fromMs: noonMs - 1, reason }
    expect(await harness.refused('placement.correct', early)).toBe('conflict')
    await harness.do('placement.correct', { ...early, fromMs: noonMs })
  })

  test.each([
    ['not-found', { atMs: noonMs }],
    ['not-found', { atMs: dayMs - 1 }],
    ['not-found', { point: 'nowhere' }],
    ['already-exists', {}],
    ['already-exists', { point: 'room-1', fromMs: dayMs, toMs: noonMs }],
    ['bad-request', { reason: ' ' }],
    ['bad-request', { fromMs: noonMs }],
    ['bad-request', { toMs: START_MS + 2 * HOUR_MS }],
    ['bad-request', { fromMs: 0 }],
    ['conflict', { fromMs: BUILT_MS - 1 }],
    ['demo-only', { point: 'toy-1' }],
  ])('is refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('placement.correct', { ...one, atMs: dayMs, reason, ...wrong })).toBe(code)
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEMO_SCRIPT, type FedRow, Problem } from '../../domain/index.ts'
import { createFactsView, type FactsView } from '../../store/index.ts'
import { furnish, reason } from '../store/facts/rooms.ts'
import { FactsHarness, HOUR_MS, START_MS } from '../store/facts/setup.ts'

const RUNS = Number(process.env['RUNS'] ?? 5)
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

const places = ['room', 'shelf', 'box', 'fridge'] as const
const points = ['room-1', 'room-2', 'shelf-1'] as const
const devices = ['d-1', 'd-2', 'd-3'] as const
/** Instants everything happens at: few enough that things meet. */
const HOURS = 12
const instant = fc.integer({ min: -HOURS, max: 0 }).map((hours) => START_MS + hours * HOUR_MS)
const instants = Array.from({ length: HOURS + 2 }, (_, index) => START_MS + (index - HOURS - 1) * HOUR_MS)

/** Carries out a command; false when it was refused, which must be with a code that is no fault of ours. */
async function tried(done: Promise<unknown>): Promise<boolean> {
  try {
    await done
    return true
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code !== 'internal') return false
    throw thrown
  }
}

async function inCity(story: (harness: FactsHarness, view: FactsView) => Promise<void>): Promise<void> {
  const harness = await FactsHarness.open()
  try {
    const view = createFactsView()
    harness.facts.onChange((change) => view.apply(change))
    view.load(await harness.facts.snapshot())
    await harness.city()
    await furnish(harness)
    await story(harness, view)
    const fresh = createFactsView()
    fresh.load(await harness.facts.snapshot())
    expect([view.version, sorted(view.rows())]).toEqual([fresh.version, sorted(fresh.rows())])
    expect(answers(view)).toEqual(answers(fresh))
  } finally {
    await harness.close()
  }
}

function sorted(rows: readonly FedRow[]): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted((one, other) => (one < other ? -1 : 1))
}

/** What a view answers, at every instant there is. */
function answers(view: FactsView): unknown {
  const period = { fromMs: START_MS - 5 * HOUR_MS, toMs: START_MS - 2 * HOUR_MS }
  // rows that begin at one instant have no order of their own
  const facts = (rows: readonly { readonly fact: number }[]) =>
    rows.map((row) => row.fact).toSorted((one, other) => one - other)
  return {
    at: instants.map((atMs) => [
      ...devices.map((device) => view.placementOf(device, 'main', atMs)),
      ...places.map((place) => view.dutyOf(place, atMs)),
      ...places.map((place) => view.place(place, atMs)),
    ]),
    placements: points.map((point) => facts(view.placementsAt(point, period))),
    duties: places.map((place) => facts(view.dutiesOf(place, period))),
    stock: places.map((place) => facts(view.stockOf(place, period))),
    lot: facts(view.custodyOf('l-1')),
    checks: [...places, 'toy'].map((place) => view.lastCheckOf(place)?.fact),
  }
}

test('stock never falls below nothing at any instant, and nothing is refused that could be', async () => {
  const step = fc.record({
    kind: fc.constantFrom('receive', 'move', 'move', 'issue'),
    from: fc.constantFrom(...places),
    to: fc.constantFrom(...places),
    quantity: fc.integer({ min: 1, max: 9 }),
    atMs: instant,
  })
  const story = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), (steps) =>
    inCity(async (harness, view) => {
      let booked: { place: string; change: number; atMs: number }[] = []
      for (const { kind, from, to, quantity, atMs } of steps) {
        const given = { lot: 'l-1', quantity, atMs, reason }
        const left = { place: from, change: -quantity, atMs }
        const entered = { place: kind === 'move' ? to : from, change: quantity, atMs }
        const wanted = [
          ...booked,
          ...(kind === 'receive' ? [] : [left]),
          ...(kind === 'issue' ? [] : [entered]),
        ]
        const done = await tried(
          kind === 'move'
            ? harness.do('custody.move', { ...given, from, to })
            : harness.do(`custody.${kind}`, { ...given, place: from }),
        )
        const possible = places.every((place) => instants.every((each) => held(wanted, place, each) >= 0))
        expect([done, kind, from, to]).toEqual([possible && (kind !== 'move' || from !== to), kind, from, to])
        if (done) booked = wanted
      }
      for (const place of places) {
        for (const atMs of instants) {
          const [leg, ...more] = view.stockOf(place, { fromMs: atMs, toMs: atMs + 1 })
          expect([leg?.quantity ?? 0, more]).toEqual([held(booked, place, atMs), []])
        }
      }
    }),
  )
  await fc.assert(story, { numRuns: RUNS, ...seed })
}, 120_000)

function held(
  booked: readonly { place: string; change: number; atMs: number }[],
  place: string,
  untilMs: number,
): number {
  const counted = booked.filter((each) => each.place === place && each.atMs <= untilMs)
  return counted.reduce((sum, { change }) => sum + change, 0)
}

test('a sensor is at one point, a point has one judged sensor, and every change leaves its trace', async () => {
  const step = fc.record({
    kind: fc.constantFrom('start', 'start', 'end', 'correct', 'correct'),
    device: fc.constantFrom(...devices),
    point: fc.constantFrom(...points),
    standing: fc.constantFrom(undefined, 'judged', 'secondary'),
    fromMs: fc.option(instant, { nil: undefined }),
    toMs: fc.oneof(instant, fc.constantFrom(null, undefined)),
    atMs: instant,
  })
  const story = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), (steps) =>
    inCity(async (harness, view) => {
      /** What somebody remembers who only looks where a change says it must. */
      const remembered = new Map<string, string | undefined>()
      let seen = 0
      for (const { kind, device, point, standing, fromMs, toMs, atMs } of steps) {
        const sensor = { device, sensor: 'main', reason }
        const bounds = {
          point,
          ...(standing === undefined ? {} : { standing }),
          ...(fromMs === undefined ? {} : { fromMs }),
          ...(toMs === undefined ? {} : { toMs }),
        }
        if (kind === 'end') await tried(harness.do('placement.end', { ...sensor, atMs }))
        else if (kind === 'start') await tried(harness.do('placement.start', { ...sensor, ...bounds }))
        else await tried(harness.do('placement.correct', { ...sensor, ...bounds, atMs }))
        const changes = harness.rows(`select * from placement_change where seq > ${seen} order by seq`)
        seen += changes.length
        for (const { device: changed, from_ms, to_ms } of changes) {
          for (const each of instants) {
            if (each < Number(from_ms) || (to_ms !== null && each >= Number(to_ms))) continue
            remembered.set(
              `${String(changed)} ${each}`,
              view.placementOf(String(changed), 'main', each)?.point,
            )
          }
        }
        for (const each of instants) {
          checkPlaced(view, each)
          for (const one of devices) {
            const truly = view.placementOf(one, 'main', each)?.point
            expect([each, one, remembered.get(`${one} ${each}`)]).toEqual([each, one, truly])
          }
        }
      }
    }),
  )
  await fc.assert(story, { numRuns: RUNS, ...seed })
}, 120_000)

function checkPlaced(view: FactsView, atMs: number): void {
  const there = points.flatMap((point) => view.placementsAt(point, { fromMs: atMs, toMs: atMs + 1 }))
  const sensors = there.map((row) => row.device)
  expect(sensors).toHaveLength(new Set(sensors).size)
  for (const { device, fact } of there) expect(view.placementOf(device, 'main', atMs)?.fact).toBe(fact)
  const judged = there.filter((row) => row.standing === 'judged').map((row) => row.point)
  expect(judged).toHaveLength(new Set(judged).size)
}

test('duties follow what was said last about each stretch of time', async () => {
  const step = fc.record({
    place: fc.constantFrom(...places),
    duty: fc.constantFrom('in-service', 'empty', 'loading', 'defrost'),
    fromMs: instant,
  })
  const story = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25, size: 'max' }), (steps) =>
    inCity(async (harness, view) => {
      const expected = new Map<string, string[]>(
        places.map((place) => [place, instants.map(() => (place === 'box' ? 'empty' : 'in-service'))]),
      )
      const starts = new Map(places.map((place) => [place, new Set<number>()]))
      for (const { place, duty, fromMs } of steps) {
        const done = await tried(harness.do('duty.set', { place, duty, fromMs, reason }))
        const line = expected.get(place) ?? []
        const begins = starts.get(place) ?? new Set()
        const from = instants.indexOf(fromMs)
        expect([done, place, duty]).toEqual([line[from] !== duty, place, duty])
        if (!done) continue
        begins.add(from)
        const next = [...begins].filter((each) => each > from)
        line.fill(duty, from, next.length === 0 ? line.length : Math.min(...next))
      }
      for (const place of places) {
        expect(instants.map((atMs) => view.dutyOf(place, atMs))).toEqual(expected.get(place))
      }
    }),
  )
  await fc.assert(story, { numRuns: RUNS, ...seed })
}, 120_000)

test('the last check of a place is the latest there was, however they were entered', async () => {
  const step = fc.record({
    place: fc.constantFrom('toy', 'fridge'),
    agoMs: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    passMs: fc.integer({ min: 0, max: 2 }),
  })
  const story = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30, size: 'max' }), (steps) =>
    inCity(async (harness, view) => {
      const entered: { readonly place: string; readonly atMs: number; readonly id: string }[] = []
      for (const { place, agoMs, passMs } of steps) {
        harness.clock.now += passMs
        const { now } = harness.clock
        // of what is real nothing is claimed
        const atMs = place === 'toy' && agoMs !== undefined ? now - agoMs : undefined
        const claim = atMs === undefined ? {} : { claimedAtMs: atMs }
        const { id } = await harness.do('place.check', { place, ...claim }, DEMO_SCRIPT)
        entered.push({ place, atMs: atMs ?? now, id })
        for (const each of ['toy', 'fridge']) {
          const own = entered.filter((one) => one.place === each)
          const latestMs = Math.max(...own.map((one) => one.atMs))
          expect(view.lastCheckOf(each)?.id).toBe(own.findLast((one) => one.atMs === latestMs)?.id)
        }
      }
    }),
  )
  await fc.assert(story, { numRuns: RUNS, ...seed })
}, 120_000)

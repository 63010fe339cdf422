import { beforeEach, expect, test } from 'vitest'
import { findCaller } from '../../api/caller.ts'
import { type Caller, LiveHub, type LiveThing, STUCK_MS_MAX, UNSENT_BYTES_MAX } from '../../api/index.ts'
import type { LogFields } from '../../domain/index.ts'
import { sha256Hex } from '../../store/index.ts'
import { LiveFacts } from '../support/live-facts.ts'
import { MemorySink } from '../support/live-sink.ts'
import { StepClock } from '../support/step-clock.ts'

const START_MS = Date.UTC(2026, 10, 23, 8)
const BEAT_MS = 10_000

let facts: LiveFacts
let clock: StepClock
let hub: LiveHub
let following: boolean
let logged: LogFields[]
beforeEach(() => {
  facts = new LiveFacts()
  clock = new StepClock(START_MS)
  following = true
  logged = []
  const log = {
    debug: () => {},
    info: (fields: LogFields) => void logged.push(fields),
    warn: () => {},
    error: () => {},
  }
  hub = new LiveHub({ facts: facts.view, clock, log, following: () => following })
  hub.renew([])
})

/** Opens a stream of a user with a role on everything. */
function open(user: string, sink = new MemorySink(), expiresAt?: number): MemorySink {
  if (facts.view.user(user) === undefined) {
    facts.signIn(user, expiresAt)
    facts.grant(user, 'root')
  }
  const credential = { kind: 'session', sha256: facts.signIn(user, expiresAt) } as const
  const caller = callerOf(user)
  const request = { caller, filter: {} }
  hub.check(request)
  hub.open({ ...request, credential, sink })
  return sink
}

function callerOf(user: string): Caller {
  const caller = findCaller(facts.view, clock, { kind: 'session', sha256: sha256Hex(user) })
  if (caller === undefined) throw new Error('nobody is signed in')
  return caller
}

function point(value: unknown, id = 'a'): LiveThing & { readonly kind: 'set' } {
  const where = { organisation: 'city', site: 'city-site', place: null }
  return { kind: 'set', section: 'points', id, where, json: JSON.stringify({ sensor: id, value }) }
}

test('a stream begins with a snapshot, and each event has a number above the one before', () => {
  hub.apply([point(1)])
  const sink = open('one')
  hub.apply([point(2), point(3, 'b')])
  hub.apply([{ kind: 'gone', section: 'points', id: 'b' }])
  expect(sink.events).toEqual([
    {
      event: 'snapshot',
      id: '2',
      data: {
        asOf: '2026-11-23T08:00:00.000Z',
        points: [{ sensor: 'a', value: 1 }],
        findings: [],
        incidents: [],
        checks: [],
      },
    },
    { event: 'reading', id: '3', data: { sensor: 'a', value: 2 } },
    { event: 'reading', id: '4', data: { sensor: 'b', value: 3 } },
    { event: 'gone', id: '5', data: { section: 'points', id: 'b' } },
  ])
})

test('what is told again as it was is nothing new', () => {
  const sink = open('one')
  hub.apply([point(1)])
  hub.apply([point(1)])
  hub.apply([{ kind: 'gone', section: 'findings', id: 'never' }])
  expect(sink.events.map(({ event }) => event)).toEqual(['snapshot', 'reading'])
})

test('what belongs to an organisation that becomes known is seen from then on', () => {
  const sink = new MemorySink()
  facts.signIn('one')
  facts.grant('one', 'city')
  open('one', sink)
  const told = (value: number) => {
    const where = { organisation: 'late', site: 'late-site', place: null }
    hub.apply([{ ...point(value), where }])
  }
  told(1)
  facts.addOrganisation('late', 'city')
  hub.recheck()
  told(2)
  expect(sink.named('reading')).toEqual([{ sensor: 'a', value: 2 }])
})

test('a heartbeat every ten seconds tells the time, and whether what is shown is followed', async () => {
  const sink = open('one')
  await clock.advance(BEAT_MS)
  following = false
  await clock.advance(BEAT_MS)
  expect(sink.events.slice(1)).toEqual([
    { event: 'heartbeat', id: undefined, data: { at: '2026-11-23T08:00:10.000Z', following: true } },
    { event: 'heartbeat', id: undefined, data: { at: '2026-11-23T08:00:20.000Z', following: false } },
  ])
})

test('a reader that takes nothing for a minute is closed; one that has nothing to take is not', async () => {
  const idle = open('one')
  const stuck = open('two')
  const slow = open('three')
  for (const each of [stuck, slow]) each.isPaused = true
  for (let waitedMs = 0; waitedMs <= STUCK_MS_MAX + BEAT_MS; waitedMs += BEAT_MS) {
    hub.apply([point(waitedMs)])
    await clock.advance(BEAT_MS)
    slow.resume()
    slow.isPaused = true
  }
  expect([idle, stuck, slow].map(({ isClosed }) => isClosed)).toEqual([false, true, false])
  expect(hub.stats()).toMatchObject({ streams: 2, stuck: 1 })
  expect(logged).toMatchObject([{ actor: 'user:two', reason: 'its reader has taken nothing for too long' }])
})

test('who was behind gets a snapshot by the next heartbeat, even if nobody said that all was taken', async () => {
  const sink = open('one')
  sink.isPaused = true
  const large = 'x'.repeat(UNSENT_BYTES_MAX / 2)
  for (const value of [1, 2, 3]) hub.apply([point(`${value}${large}`)])
  expect(hub.stats().dropped).toBeGreaterThan(0)
  sink.takeQuietly()
  await clock.advance(BEAT_MS)
  expect(sink.events.at(-1)).toMatchObject({ event: 'snapshot' })
  expect(sink.memory.points.get('a')?.['value']).toBe(`3${large}`)
})

test('a session that expires ends its stream with the next heartbeat, one that is ended at once', async () => {
  const expiring = open('one', new MemorySink(), START_MS + 25_000)
  const ending = open('two')
  facts.endSession('two')
  hub.recheck()
  expect([expiring.isClosed, ending.isClosed]).toEqual([false, true])
  await clock.advance(2 * BEAT_MS)
  expect(expiring.isClosed).toBe(false)
  await clock.advance(BEAT_MS)
  expect(expiring.isClosed).toBe(true)
  expect(hub.stats().streams).toBe(0)
})

test('snapshots that are kept for slow readers are bounded: the one held for longest is given up', () => {
  const log = {
    debug: () => {},
    info: (fields: LogFields) => void logged.push(fields),
    warn: () => {},
    error: () => {},
  }
  const value = 'x'.repeat(10_000)
  hub = new LiveHub({ facts: facts.view, clock, log, following: () => true, snapshotBytesMax: 35_000 })
  hub.renew([point(value)])
  const slow = ['one', 'two', 'three', 'four'].map((user) => {
    const sink = new MemorySink()
    sink.isPaused = true
    open(user, sink)
    hub.apply([point(value + user)])
    return sink
  })
  expect(slow.map(({ isClosed }) => isClosed)).toEqual([true, false, false, false])
  expect(logged.at(-1)).toMatchObject({ reason: 'its reader has taken its snapshot too slowly' })
  // what is taken makes room, and whoever shares a snapshot is counted with it once
  slow[1]?.resume()
  for (const user of ['five', 'six', 'seven']) {
    const sink = new MemorySink()
    sink.isPaused = true
    open(user, sink)
    slow.push(sink)
  }
  expect(slow.map(({ isClosed }) => isClosed)).toEqual([true, false, false, false, false, false, false])
  hub.close()
})

test('of a thousand streams the next one is refused, whoever asks', () => {
  for (let user = 0; user < 20; user += 1) {
    for (let count = 0; count < 50; count += 1) open(`user-${user}`)
  }
  expect(() => open('user-0')).toThrow('50 live streams of one user or key are open')
  expect(() => open('another')).toThrow('1000 live streams of this server are open')
  hub.close()
  expect(hub.stats()).toEqual({ streams: 0, unsentBytes: 0, dropped: 0, snapshots: 1_000, stuck: 0 })
})

test('before anything was told there is no snapshot, and a stream waits for it', () => {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  hub = new LiveHub({ facts: facts.view, clock, log, following: () => false })
  const sink = open('one')
  const caller = callerOf('one')
  expect(() => hub.snapshotFor({ caller, filter: {} })).toThrow(
    expect.objectContaining({ code: 'core-unavailable' }),
  )
  facts.grant('one', 'city')
  hub.recheck()
  expect(sink.events).toMatchObject([{ event: 'heartbeat', data: { following: false } }])
  hub.renew([point(1)])
  expect(sink.events.slice(1)).toMatchObject([{ event: 'snapshot', data: { points: [{ value: 1 }] } }])
  hub.close()
})

test('nobody gets a stream without a role', () => {
  facts.signIn('roleless')
  const request = { caller: callerOf('roleless'), filter: {} }
  const refused = expect.objectContaining({ code: 'not-allowed' }) as Error
  expect(() => {
    hub.check(request)
  }).toThrow(refused)
  expect(() => hub.snapshotFor(request)).toThrow(refused)
})

test('it tells whether anybody watches: a stream is open, or somebody asked within a minute', async () => {
  const told: boolean[] = []
  hub = new LiveHub({
    facts: facts.view,
    clock,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    following: () => true,
    onWatched: (isWatched) => told.push(isWatched),
  })
  hub.renew([])
  const [one, other] = [open('one'), open('other')]
  expect(told).toEqual([true])
  one.close()
  expect(told).toEqual([true])
  other.close()
  expect(told).toEqual([true, false])
  hub.snapshotFor({ caller: callerOf('one'), filter: {} })
  expect(told).toEqual([true, false, true])
  await clock.advance(30_000)
  hub.snapshotFor({ caller: callerOf('one'), filter: {} })
  await clock.advance(59_999)
  expect(told).toEqual([true, false, true])
  await clock.advance(1)
  expect(told).toEqual([true, false, true, false])
})

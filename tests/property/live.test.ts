import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  LiveHub,
  type LiveChange,
  type LiveThing,
  type LiveWhere,
  UNSENT_BYTES_MAX,
} from '../../api/index.ts'
import { findCaller } from '../../api/caller.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { LiveFacts, type LiveScope, liveOrganisations } from '../support/live-facts.ts'
import { MemorySink } from '../support/live-sink.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
/** Large enough that some ten events are more than may wait. */
const PADDING = 'x'.repeat(30_000)
/** The padding would hide everything else when the test fails. */
const valueOf = (thing: unknown) => ({ ...(thing as object), padding: '' })

/** Where things are; written down by hand beside it: who reaches it, by site and by place. */
const wheres: readonly LiveWhere[] = [
  ...liveOrganisations.flatMap((organisation) => [
    { organisation, site: `${organisation}-site`, place: null },
    { organisation, site: `${organisation}-site`, place: `${organisation}-room` },
    { organisation, site: `${organisation}-site`, place: `${organisation}-box` },
  ]),
  { organisation: 'root', site: null, place: null },
]
const reach: Readonly<Record<LiveScope, readonly string[]>> = {
  root: ['city', 'clinic', 'other', 'root'],
  city: ['city', 'clinic'],
  clinic: ['clinic'],
  other: ['other'],
}
const filters = [{}, { site: 'clinic-site' }, { place: 'clinic-room' }, { place: 'clinic-box' }] as const
type Filter = { readonly site?: string; readonly place?: string }

function isSeen({ organisation, site, place }: LiveWhere, scope: LiveScope, filter: Filter): boolean {
  if (!reach[scope].includes(organisation)) return false
  if (filter.site !== undefined && site !== filter.site) return false
  if (filter.place === undefined) return true
  return place === filter.place || (filter.place === 'clinic-room' && place === 'clinic-box')
}

interface Change {
  readonly kind: 'set' | 'over' | 'gone'
  readonly section: LiveThing['section']
  readonly id: number
  readonly where: number
}
type Step =
  | Change
  | { readonly kind: 'pause' | 'resume'; readonly client: number }
  | { readonly kind: 'grant'; readonly client: number; readonly scope: LiveScope }
  | { readonly kind: 'renew' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom('set', 'set', 'set', 'over', 'gone'),
      section: fc.constantFrom('points', 'findings'),
      id: fc.nat(4),
      where: fc.nat(wheres.length - 1),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('pause', 'resume'), client: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('grant' as const),
      client: fc.nat(3),
      scope: fc.constantFrom('root', 'city', 'clinic', 'other'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const) }) },
)

/** A hub with four streams, and beside it what each of them must come to know. */
class Model {
  readonly facts = new LiveFacts()
  readonly hub = new LiveHub({
    facts: this.facts.view,
    clock: systemClock,
    log: quiet,
    following: () => true,
  })
  readonly things = new Map<string, LiveThing>()
  readonly clients: { scope: LiveScope; readonly filter: Filter; readonly sink: MemorySink }[] = []
  #value = 0

  constructor(filterOf: readonly number[]) {
    this.hub.renew([])
    for (const [index, chosen] of filterOf.entries()) {
      const user = `user-${index}`
      const credential = { kind: 'session', sha256: this.facts.signIn(user) } as const
      this.facts.grant(user, 'root')
      const caller = findCaller(this.facts.view, systemClock, credential)
      if (caller === undefined) throw new Error('nobody is signed in')
      const filter = filters[chosen] ?? {}
      const sink = new MemorySink()
      this.hub.open({ caller, filter, credential, sink })
      this.clients.push({ scope: 'root', filter, sink })
    }
  }

  take(given: Step): void {
    if (given.kind === 'renew') this.hub.renew(this.things.values())
    else if ('scope' in given) this.#grant(given.client, given.scope)
    else if ('section' in given) this.#change(given)
    else if (given.kind === 'pause') this.#sink(given.client).isPaused = true
    else this.#sink(given.client).resume()
  }

  /** What the stream must show in the end: id and value of everything it may see. */
  wanted({ scope, filter }: Model['clients'][number], section: LiveThing['section']): unknown[] {
    return [...this.things.values()]
      .filter((thing) => thing.section === section && isSeen(thing.where, scope, filter))
      .map(({ json }) => valueOf(JSON.parse(json)))
  }

  #sink(client: number): MemorySink {
    const found = this.clients[client]
    if (found === undefined) throw new Error('no such client')
    return found.sink
  }

  #grant(index: number, scope: LiveScope): void {
    const client = this.clients[index]
    if (client === undefined || client.sink.isClosed) return
    this.facts.grant(`user-${index}`, scope)
    this.hub.recheck()
    client.scope = scope
    // what the filter names must lie within reach
    const isLost = client.filter !== filters[0] && !reach[scope].includes('clinic')
    if (client.sink.isClosed !== isLost) throw new Error(`${scope}: the stream is closed: ${!isLost}`)
  }

  #change({ kind, section, id: number, where: at }: Change): void {
    const id = `${section}-${number}`
    const where = wheres[at]
    if (where === undefined) throw new Error('no such place')
    this.#value += 1
    const json = JSON.stringify({
      [section === 'points' ? 'sensor' : 'id']: id,
      value: this.#value,
      padding: PADDING,
    })
    const thing = { section, id, where, json }
    const change: LiveChange = kind === 'gone' ? { kind, section, id } : { kind, ...thing }
    this.hub.apply([change])
    if (kind === 'set') this.things.set(id, thing)
    else this.things.delete(id)
  }
}

test('whatever changes, pauses and resumes, each stream comes to know what it may see, and no more ever waits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(filters.length - 1), { minLength: 4, maxLength: 4 }),
      fc.array(step, { minLength: 20, maxLength: 120 }),
      (filterOf, steps) => {
        const model = new Model(filterOf)
        // ten things at most are in a snapshot
        const mostBytes = UNSENT_BYTES_MAX + 11 * PADDING.length
        for (const each of steps) {
          model.take(each)
          for (const { sink } of model.clients) expect(sink.unsentBytes).toBeLessThan(mostBytes)
        }
        for (const client of model.clients) {
          client.sink.resume()
          if (client.sink.isClosed) continue
          const { points, findings } = client.sink.memory
          const shown = (things: Map<string, unknown>) => new Set([...things.values()].map(valueOf))
          expect(shown(points)).toEqual(new Set(model.wanted(client, 'points')))
          expect(shown(findings)).toEqual(new Set(model.wanted(client, 'findings')))
        }
        model.hub.close()
      },
    ),
    { numRuns: 150 },
  )
})

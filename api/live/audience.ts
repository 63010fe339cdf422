import { type Right } from '../../domain/index.ts'
import { type Caller, organisationsOf, reaches, scopesOf } from '../access.ts'
import type { AccessFacts } from '../ports.ts'
import {
  type LiveChange,
  type LiveSectionName,
  liveSections,
  type LiveState,
  type LiveWhere,
} from './state.ts'

/** What a stream was asked for, besides what its caller reaches. */
export interface LiveFilter {
  readonly site?: string
  /** With everything nested in it. */
  readonly place?: string
}

/** What one group of streams may see: scopes per right, and a filter. */
export interface LiveView {
  /** Equal for streams that see the same. */
  readonly key: string
  readonly scopes: ReadonlyMap<Right, readonly string[]>
  readonly filter: LiveFilter
}

/** What the caller may see now; undefined when a right is missing or the filter names what is out of reach. */
export function viewOf(facts: AccessFacts, caller: Caller, filter: LiveFilter): LiveView | undefined {
  const scopes = new Map<Right, readonly string[]>()
  for (const { right } of liveSections) scopes.set(right, scopesOf(caller, right).toSorted())
  if ([...scopes.values()].some((each) => each.length === 0)) return undefined
  const { site, place } = filter
  const named = [
    ...(site === undefined ? [] : [organisationsOf(facts, 'site', site)]),
    ...(place === undefined ? [] : [organisationsOf(facts, 'place', place)]),
  ]
  const isReached = (organisation: string): boolean =>
    [...scopes.values()].every((each) => reaches(facts, each, organisation))
  if (!named.every((organisations) => organisations?.every(isReached) ?? false)) return undefined
  return { key: JSON.stringify([[...scopes], site, place]), scopes, filter }
}

/** Streams that see the same: what is written for one is written for all. */
export class Audience<Stream> {
  readonly view: LiveView
  readonly streams = new Set<Stream>()
  readonly #facts: AccessFacts
  #events: string[] = []
  #snapshot: Buffer | undefined

  constructor(facts: AccessFacts, view: LiveView) {
    this.#facts = facts
    this.view = view
  }

  /** Adds what a change means here to what is written next. `before` is where the thing was, if it was. */
  note(change: LiveChange, before: LiveWhere | undefined, id: number): void {
    const { section, id: thing } = change
    const saw = before !== undefined && this.#sees(section, before)
    const sees = change.kind !== 'gone' && this.#sees(section, change.where)
    if (sees) {
      const told = change.kind === 'set' ? (change.told ?? change.json) : change.json
      this.#event(eventOf[section], id, told)
    }
    // also behind a last word about what was never there: a reader keeps what it is told until it is gone
    if ((saw || sees) && !(sees && change.kind === 'set')) {
      this.#event('gone', id, JSON.stringify({ section, id: thing }))
    }
  }

  /** The bytes of everything noted since the last time, and how many events they are; undefined when it is nothing. */
  takeEvents(): { readonly bytes: Buffer; readonly count: number } | undefined {
    const events = this.#events
    if (events.length === 0) return undefined
    this.#events = []
    return { bytes: Buffer.from(events.join('')), count: events.length }
  }

  /** True when things of an organisation may be seen, whatever the filter says. */
  reaches(section: LiveSectionName, organisation: string): boolean {
    return reaches(this.#facts, this.view.scopes.get(rightOf[section]) ?? [], organisation)
  }

  /**
   * Everything seen, as the rest of a snapshot's data behind `asOf`: made once for all streams until it changes.
   * `onMade` is called with one that had to be made.
   */
  snapshot(state: LiveState, onMade: (made: Uint8Array) => void): Uint8Array {
    if (this.#snapshot === undefined) {
      this.#snapshot = Buffer.from(liveSections.map(({ name }) => this.#sectionJson(state, name)).join(''))
      onMade(this.#snapshot)
    }
    return this.#snapshot
  }

  /** Something has become other than was remembered here. */
  forget(): void {
    this.#snapshot = undefined
  }

  #event(name: string, id: number, json: string): void {
    this.#snapshot = undefined
    this.#events.push(`event: ${name}\nid: ${id}\ndata: ${json}\n\n`)
  }

  #sectionJson(state: LiveState, name: LiveSectionName): string {
    const items: string[] = []
    const { site, place } = this.view.filter
    if (site === undefined && place === undefined) {
      for (const [organisation, things] of state.byOrganisation(name)) {
        if (!this.reaches(name, organisation)) continue
        for (const { json } of things.values()) items.push(json)
      }
    } else {
      for (const { where, json } of state.things(name).values()) {
        if (this.#sees(name, where)) items.push(json)
      }
    }
    return `,"${name}":[${items.join(',')}]`
  }

  #sees(section: LiveSectionName, where: LiveWhere): boolean {
    return this.#isAtSite(where) && this.reaches(section, where.organisation) && this.#isInPlace(where)
  }

  #isAtSite({ site }: LiveWhere): boolean {
    return this.view.filter.site === undefined || this.view.filter.site === site
  }

  #isInPlace({ place }: LiveWhere): boolean {
    return this.view.filter.place === undefined || this.#liesIn(place, this.view.filter.place)
  }

  #liesIn(place: string | null, around: string): boolean {
    // ends: a place is always older than what lies in it
    for (let id = place; id !== null; id = this.#facts.place(id)?.parent ?? null) {
      if (id === around) return true
    }
    return false
  }
}

type BySection<Value> = Readonly<Record<LiveSectionName, Value>>
const eventOf = Object.fromEntries(liveSections.map(({ name, event }) => [name, event])) as BySection<string>
const rightOf = Object.fromEntries(liveSections.map(({ name, right }) => [name, right])) as BySection<Right>

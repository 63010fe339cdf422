import type { Right } from '../../domain/index.ts'

/** Something live streams show: a section of the snapshot, and the event that tells of one thing in it. */
export interface LiveSection {
  /** Member of the snapshot, such as `points`. */
  readonly name: string
  /** Name of the event, such as `reading`. */
  readonly event: string
  /** The right its things need; who holds it nowhere gets no stream at all. */
  readonly right: Right
}

/** The sections of every stream, in the order of the snapshot. A further kind of thing is a row here. */
export const liveSections = [
  { name: 'points', event: 'reading', right: 'readings:read' },
  { name: 'findings', event: 'finding', right: 'findings:read' },
  { name: 'incidents', event: 'incident', right: 'incidents:read' },
  { name: 'checks', event: 'check', right: 'checks:read' },
] as const satisfies readonly LiveSection[]
/** Name of one section. */
export type LiveSectionName = (typeof liveSections)[number]['name']

/** What a thing belongs to, as it is when it is told. */
export interface LiveWhere {
  /** Who reaches it reaches the thing; `root` when it belongs to none. */
  readonly organisation: string
  /** Null = in none; then filters by site or place leave it out. */
  readonly site: string | null
  readonly place: string | null
}

/** A thing as the snapshot shows it. */
export interface LiveThing {
  readonly section: LiveSectionName
  /** Unique in its section; what `gone` names. */
  readonly id: string
  readonly where: LiveWhere
  /** JSON of the thing. */
  readonly json: string
}

/**
 * A change. `set`: the thing is there, or is another now; `told` is the JSON of its event where that says more than
 * the snapshot. `over`: it is told of a last time and leaves the snapshot. `gone`: it leaves without a word.
 */
export type LiveChange =
  | (LiveThing & { readonly kind: 'set'; readonly told?: string })
  | (LiveThing & { readonly kind: 'over' })
  | { readonly kind: 'gone'; readonly section: LiveSectionName; readonly id: string }

/** The things of one section, by id and by the organisation they belong to. */
class LiveThings {
  readonly byId = new Map<string, LiveThing>()
  /** Streams see some organisations of many: whoever sees few must not be shown through all things. */
  readonly byOrganisation = new Map<string, Map<string, LiveThing>>()

  put(thing: LiveThing): LiveThing | undefined {
    const { id, where } = thing
    const before = this.byId.get(id)
    if (before !== undefined && before.where.organisation !== where.organisation) this.remove(id)
    this.byId.set(id, thing)
    const own = this.byOrganisation.get(where.organisation)
    if (own === undefined) this.byOrganisation.set(where.organisation, new Map([[id, thing]]))
    else own.set(id, thing)
    return before
  }

  remove(id: string): LiveThing | undefined {
    const before = this.byId.get(id)
    if (before === undefined) return undefined
    const { organisation } = before.where
    const own = this.byOrganisation.get(organisation)
    own?.delete(id)
    if (own?.size === 0) this.byOrganisation.delete(organisation)
    this.byId.delete(id)
    return before
  }

  clear(): void {
    this.byId.clear()
    this.byOrganisation.clear()
  }
}

/** Everything there is to show, by section. */
export class LiveState {
  readonly #sections = new Map<LiveSectionName, LiveThings>(
    liveSections.map(({ name }) => [name, new LiveThings()]),
  )

  things(section: LiveSectionName): ReadonlyMap<string, LiveThing> {
    return this.#section(section).byId
  }

  byOrganisation(section: LiveSectionName): ReadonlyMap<string, ReadonlyMap<string, LiveThing>> {
    return this.#section(section).byOrganisation
  }

  /** Replaces everything. */
  load(things: Iterable<LiveThing>): void {
    for (const each of this.#sections.values()) each.clear()
    for (const { section, id, where, json } of things) {
      this.#section(section).put({ section, id, where, json })
    }
  }

  /** Takes a change and answers the thing that was there before; undefined when there was none. */
  take(change: LiveChange): LiveThing | undefined {
    const things = this.#section(change.section)
    if (change.kind !== 'set') return things.remove(change.id)
    const { section, id, where, json } = change
    return things.put({ section, id, where, json })
  }

  #section(name: LiveSectionName): LiveThings {
    const things = this.#sections.get(name) ?? new LiveThings()
    this.#sections.set(name, things)
    return things
  }
}

/** The thing is what it was, where it was, or was not there: nobody has to be told. */
export function isNothing(change: LiveChange, before: LiveThing | undefined): boolean {
  if (change.kind !== 'set') return change.kind === 'gone' && before === undefined
  const { organisation, site, place } = change.where
  return (
    change.told === undefined &&
    before?.json === change.json &&
    before.where.organisation === organisation &&
    before.where.site === site &&
    before.where.place === place
  )
}

import { computed, signal } from '@preact/signals'
import type { Duty, Lot, Organisation, Place, Point, Product, RulePack, Site, Stock } from './answers.ts'
import { every } from './doors.ts'
import { me } from './session.ts'
import { all, type Answer, get } from './server.ts'
import { labelsOfPlaces } from './labels.ts'
import { defaultDuty, type Label, type Limit, limitsFor, type PlaceFacts } from './standing.ts'

/** Places, points and stock change by people's acts: looking twice a minute is soon enough. */
const LOOK_MS = 30_000

/** What there is, and what lies where, as read last. */
export interface Catalogue {
  readonly organisations: ReadonlyMap<string, Organisation>
  readonly sites: ReadonlyMap<string, Site>
  readonly places: ReadonlyMap<string, Place>
  readonly points: readonly Point[]
  /** What places do now, where it was entered. */
  readonly duties: ReadonlyMap<string, string>
  readonly products: ReadonlyMap<string, Product>
  readonly lots: ReadonlyMap<string, Lot>
  readonly stock: readonly Stock[]
  /** Per organisation that has places. */
  readonly rules: ReadonlyMap<string, readonly RulePack[]>
}

/** Undefined until it was read once. */
export const catalogue = signal<Catalogue | undefined>(undefined)
/** True while the last attempt to read it failed. */
export const isUnread = signal(false)

/** The facts of every place in use, by place. */
export const placeFacts = computed((): ReadonlyMap<string, PlaceFacts> => {
  const known = catalogue.value
  if (known === undefined) return new Map()
  const points = grouped(known.points, ({ place }) => place)
  const freezing = new Set(
    known.stock
      .filter(({ lot }) => known.products.get(known.lots.get(lot)?.product ?? '')?.freezeSensitive === true)
      .map(({ place }) => place),
  )
  const labels = labelsOfPlaces(known)
  const facts = [...known.places.values()].map((place): [string, PlaceFacts] => [
    place.id,
    {
      place,
      points: points.get(place.id) ?? [],
      limits: limitsOf(known, place, labels.get(place.id) ?? []),
      duty: known.duties.get(place.id) ?? defaultDuty(place.kind),
      hasFreezeSensitive: freezing.has(place.id),
    },
  ])
  return new Map(facts)
})

function limitsOf(known: Catalogue, place: Place, labels: readonly Label[]): readonly Limit[] {
  const kind = known.organisations.get(place.organisation)?.kind ?? ''
  return limitsFor(place, kind, known.rules.get(place.organisation) ?? [], labels)
}

/** How many lots lie in each place. */
export const lotCounts = computed((): ReadonlyMap<string, number> => {
  const lots = grouped(catalogue.value?.stock ?? [], ({ place }) => place)
  return new Map([...lots].map(([place, stock]) => [place, stock.length]))
})

function grouped<T>(items: readonly T[], by: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(by(item)) ?? []
    group.push(item)
    groups.set(by(item), group)
  }
  return groups
}

/** Reads everything now and from time to time, until the answered function is called. */
export function followCatalogue(): () => void {
  let isOver = false
  const look = async (): Promise<void> => {
    const read = await readCatalogue()
    if (isOver) return
    isUnread.value = read === undefined
    if (read !== undefined) catalogue.value = read
  }
  void look()
  const stop = every(LOOK_MS, () => void look())
  return () => {
    isOver = true
    stop()
    catalogue.value = undefined
  }
}

async function readCatalogue(): Promise<Catalogue | undefined> {
  const [organisations, sites, places, points, duties, products, lots, stock] = await Promise.all([
    all<Organisation>('organisations'),
    all<Site>('sites'),
    all<Place>('places'),
    all<Point>('points'),
    all<Duty>('duties', 'current=true'),
    all<Product>('products'),
    all<Lot>('lots'),
    all<Stock>('stock'),
  ])
  const used = 'value' in places ? places.value.filter(({ state }) => state === 'active') : []
  const rules = await readRules([...new Set(used.map(({ organisation }) => organisation))])
  const lists = [organisations, sites, places, points, duties, products, lots, stock] as const
  if (rules === undefined || lists.some((list) => 'refused' in list)) return undefined
  return {
    organisations: byId(organisations),
    sites: byId(sites),
    places: new Map(used.map((place) => [place.id, place])),
    points: itemsOf(points),
    duties: new Map(itemsOf(duties).map(({ place, duty }) => [place, duty])),
    products: byId(products),
    lots: byId(lots),
    stock: itemsOf(stock),
    rules,
  }
}

async function readRules(organisations: readonly string[]) {
  const answers = await Promise.all(
    organisations.map(async (id): Promise<[string, Answer<{ items: readonly RulePack[] }>]> => {
      return [id, await get(`rules?organisation=${id}`)]
    }),
  )
  const rules = new Map<string, readonly RulePack[]>()
  for (const [id, answer] of answers) {
    if ('value' in answer) rules.set(id, answer.value.items)
    // without the right to see rules nothing is judged here, and it is said so
    else if (answer.refused.status !== 403 && answer.refused.status !== 404) return undefined
  }
  return rules
}

function itemsOf<T>(answer: Answer<readonly T[]>): readonly T[] {
  return 'value' in answer ? answer.value : []
}

function byId<T extends { readonly id: string }>(answer: Answer<readonly T[]>): ReadonlyMap<string, T> {
  return new Map(itemsOf(answer).map((item) => [item.id, item]))
}

/** True when the signed-in person holds a right where a place belongs. */
export function mayAt(right: string, place: string): boolean {
  const scopes = me.value?.scopes[right] ?? []
  if (scopes.includes('root')) return true
  let organisation: string | null | undefined = catalogue.value?.places.get(place)?.organisation
  while (organisation !== null && organisation !== undefined) {
    if (scopes.includes(organisation)) return true
    organisation = catalogue.value?.organisations.get(organisation)?.parent
  }
  return false
}

/** The time zone of a place; the browser's own where it is not known. */
export function zoneOf(place: string): string {
  const known = catalogue.value
  const site = known?.sites.get(known.places.get(place)?.site ?? '')
  return site?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
}

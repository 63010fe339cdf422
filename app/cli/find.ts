import { Problem, ROOT_SCOPE } from '../../domain/index.ts'
import type { PageInput, Queries } from '../../store/index.ts'
import type { LocalCore } from './local-core.ts'

const PAGE_ITEMS = 1000

/** A device as the list tells it; `acceptFrom` is RFC 3339. */
export interface ListedDevice {
  readonly id: string
  readonly site: string
  readonly kind: 'real' | 'simulated'
  readonly acceptFrom: string
}

/** The device with this id, or `not-found`. */
export async function findDevice(core: LocalCore, id: string): Promise<ListedDevice> {
  return (await find(core, 'devices', 'device', id)) as ListedDevice
}

/** The site with this id, or `not-found`. */
export async function findSite(core: LocalCore, id: string): Promise<{ readonly zone: string }> {
  return (await find(core, 'sites', 'site', id)) as { readonly zone: string }
}

type Item = Readonly<Record<string, unknown>>
type ListName =
  | 'organisations'
  | 'sites'
  | 'devices'
  | 'users'
  | 'keys'
  | 'audit'
  | 'held'
  | 'findings'
  | 'rule-proposals'
type Filter<N extends ListName> = Omit<Queries[N], keyof PageInput>

/** More than this is no list for a terminal, and would not fit in memory some day. */
const ITEMS_MAX = 100_000

/** Every item of a list, page after page; `filter` as the query takes it. Throws `bad-request` above 100,000 items. */
export async function itemsOf<N extends ListName>(
  core: LocalCore,
  list: N,
  filter: Filter<N>,
): Promise<readonly Item[]> {
  const items: Item[] = []
  for await (const item of eachItem(core, list, filter)) {
    if (items.length === ITEMS_MAX) throw tooMany(list)
    items.push(item)
  }
  return items
}

function tooMany(list: ListName): Problem {
  return new Problem('bad-request', {
    what: `There are more than ${ITEMS_MAX} items in the list of ${list}.`,
    remedy: 'Narrow it with the options of the command (--help shows them).',
  })
}

async function find(core: LocalCore, list: 'devices' | 'sites', noun: string, id: string): Promise<unknown> {
  for await (const item of eachItem(core, list, {})) if (item['id'] === id) return item
  throw new Problem('not-found', {
    what: `There is no ${noun} ${id}.`,
    remedy: `List them with \`isotherm ${noun} list\`, or create it with \`isotherm ${noun} create\`.`,
  })
}

/** Every item of a list, page after page, without holding them all. */
export async function* eachItem<N extends ListName>(core: LocalCore, list: N, filter: Filter<N>) {
  let after: string | null = null
  do {
    const input = { ...filter, scopes: [ROOT_SCOPE], limit: PAGE_ITEMS, ...(after === null ? {} : { after }) }
    const page = (await core.query(list, input)) as {
      readonly items: readonly Item[]
      readonly next: string | null
    }
    yield* page.items
    after = page.next
  } while (after !== null)
}

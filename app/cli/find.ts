import { Problem, ROOT_SCOPE } from '../../domain/index.ts'
import type { QueryName } from '../../store/index.ts'
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

async function find(
  core: LocalCore,
  list: QueryName & ('devices' | 'sites'),
  noun: string,
  id: string,
): Promise<unknown> {
  let after: string | null = null
  do {
    const input = { scopes: [ROOT_SCOPE], limit: PAGE_ITEMS, ...(after === null ? {} : { after }) }
    const page = (await core.query(list, input)) as {
      readonly items: readonly { readonly id: string }[]
      readonly next: string | null
    }
    const found = page.items.find((item) => item.id === id)
    if (found !== undefined) return found
    after = page.next
  } while (after !== null)
  throw new Problem('not-found', {
    what: `There is no ${noun} ${id}.`,
    remedy: `List them with \`isotherm ${noun} list\`, or create it with \`isotherm ${noun} create\`.`,
  })
}

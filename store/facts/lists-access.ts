import { instantText } from '../../domain/index.ts'
import type { PageInput, Queries } from '../contract.ts'
import { pageOf } from '../page.ts'
import { badCursor, recordedColumns, recordedItem, rowsFor } from './page.ts'
import type { FactsReader } from './port.ts'
import { reachesAll, withVisible } from './scopes.ts'

/**
 * Users who hold a role in the scopes, by id, each with the active grants that lie there; under `root` all users.
 */
export async function listUsers(reader: FactsReader, input: PageInput) {
  const { scopes, limit, after } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_user as it')
      .select(['it.id', 'it.name', 'it.state', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .$if(!reachesAll(scopes), (query) =>
        query.where('it.id', 'in', (eb) =>
          eb
            .selectFrom('live_grant as held')
            .innerJoin('visible', 'visible.id', 'held.organisation')
            .select('held.user')
            .where('held.validTo', 'is', null)
            .where('held.state', '=', 'active'),
        ),
      )
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const users = rows.map((row) => row.id)
  const grants = await grantsOf(reader, scopes, users)
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    name: row.name,
    state: row.state,
    grants: (grants.get(row.id) ?? []).map(({ organisation, role }) => ({ organisation, role })),
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

async function grantsOf(reader: FactsReader, scopes: readonly string[], users: readonly string[]) {
  if (users.length === 0) return new Map<string, never>()
  const grants = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_grant as it')
      .innerJoin('visible', 'visible.id', 'it.organisation')
      .select(['it.user', 'it.organisation', 'it.role'])
      .where('it.validTo', 'is', null)
      .where('it.state', '=', 'active')
      .where('it.user', 'in', users)
      .orderBy('it.organisation')
      .orderBy('it.role'),
  )
  return Map.groupBy(grants, (grant) => grant.user)
}

/** API keys whose organisation lies in the scopes, by id; under `root` also those on `root`. Never the key itself. */
export async function listKeys(reader: FactsReader, input: PageInput) {
  const { scopes, limit, after } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_key as it')
      .select(['it.id', 'it.name', 'it.organisation', 'it.role', 'it.state', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .where('it.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    name: row.name,
    organisation: row.organisation,
    role: row.role,
    state: row.state,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** The devices that stand in the scopes now, as a query of their ids. */
function devicesIn(reader: FactsReader, scopes: readonly string[]) {
  return withVisible(reader, scopes)
    .selectFrom('live_device as device')
    .innerJoin('live_site as home', 'home.id', 'device.site')
    .innerJoin('visible', 'visible.id', 'home.organisation')
    .select('device.id')
    .where('device.validTo', 'is', null)
    .where('home.validTo', 'is', null)
}

/** Ids of the devices that stand in the scopes now, ascending. */
export async function deviceIdsIn(
  reader: FactsReader,
  scopes: readonly string[],
): Promise<readonly string[]> {
  const rows = await reader.all(devicesIn(reader, scopes).orderBy('device.id'))
  return rows.map((row) => row.id)
}

/** True when the device stands in the scopes now. */
export async function deviceInScope(
  reader: FactsReader,
  id: string,
  scopes: readonly string[],
): Promise<boolean> {
  const rows = await reader.all(devicesIn(reader, scopes).where('device.id', '=', id))
  return rows.length > 0
}

/**
 * Refusals of the devices in the scopes, newest hour first, those of one device if asked. What could not be put
 * down to a registered device is for `root` alone.
 */
export async function listRefusals(reader: FactsReader, input: Queries['refusals']) {
  const { scopes, limit, device } = input
  const after = input.after === undefined ? undefined : parseRefusalCursor(input.after)
  const rows = await reader.all(
    reader.db
      .selectFrom('refusal as it')
      .select(['it.device', 'it.reason', 'it.hourMs', 'it.count'])
      .$if(!reachesAll(scopes), (query) => query.where('it.device', 'in', devicesIn(reader, scopes)))
      .$if(device !== undefined, (query) => query.where('it.device', '=', device ?? ''))
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb.or([
            eb('it.hourMs', '<', after?.hourMs ?? 0),
            eb.and([eb('it.hourMs', '=', after?.hourMs ?? 0), eb('it.device', '>', after?.device ?? '')]),
            eb.and([
              eb('it.hourMs', '=', after?.hourMs ?? 0),
              eb('it.device', '=', after?.device ?? ''),
              eb('it.reason', '>', after?.reason ?? ''),
            ]),
          ]),
        ),
      )
      .orderBy('it.hourMs', 'desc')
      .orderBy('it.device')
      .orderBy('it.reason')
      .limit(rowsFor(limit)),
  )
  return pageOf(
    rows,
    limit,
    ({ device, reason, hourMs, count }) => ({ device, reason, hour: instantText(hourMs), count }),
    ({ device, reason, hourMs }) => `${hourMs}/${device}/${reason}`,
  )
}

function parseRefusalCursor(after: string): { hourMs: number; device: string; reason: string } {
  const match = /^(\d{1,15})\/([A-Za-z0-9._-]{0,64})\/([a-z-]{1,64})$/.exec(after)
  if (match === null) throw badCursor(after)
  const [hourMs = '', device = '', reason = ''] = match.slice(1)
  return { hourMs: Number(hourMs), device, reason }
}

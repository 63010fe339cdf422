import type { Queries } from '../contract.ts'
import { pageOf } from '../page.ts'
import {
  parsePeriodCursor,
  periodCursor,
  periodItem,
  recordedColumns,
  recordedItem,
  rowsFor,
} from './page.ts'
import type { FactsReader } from './port.ts'
import { reachesAll, withVisible } from './scopes.ts'

/** Places in the scopes, retired ones too, by id, those of one site if asked. */
export async function listPlaces(reader: FactsReader, input: Queries['places']) {
  const { scopes, limit, after, site } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_place as it')
      .innerJoin('live_site as home', 'home.id', 'it.site')
      .innerJoin('live_organisation as owner', 'owner.id', 'home.organisation')
      .select(['it.id', 'it.site', 'it.parent', 'it.kind', 'it.name', 'it.nameEn', 'it.capacityLitres'])
      .select(['it.state', 'home.organisation', 'owner.demo', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('owner.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(site !== undefined, (query) => query.where('it.site', '=', site ?? ''))
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    site: row.site,
    organisation: row.organisation,
    parent: row.parent,
    kind: row.kind,
    name: row.name,
    nameEn: row.nameEn,
    capacityLitres: row.capacityLitres,
    state: row.state,
    demo: row.demo === 1,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** Ids of the places in the scopes, retired ones too; undefined = of every place. */
export async function placeIdsIn(
  reader: FactsReader,
  scopes: readonly string[],
): Promise<readonly string[] | undefined> {
  if (reachesAll(scopes)) return undefined
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_place as it')
      .innerJoin('live_site as home', 'home.id', 'it.site')
      .select('it.id')
      .where('it.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id')),
  )
  return rows.map(({ id }) => id)
}

/** Points in the scopes, by id, those of one place if asked. */
export async function listPoints(reader: FactsReader, input: Queries['points']) {
  const { scopes, limit, after, place } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_point as it')
      .innerJoin('live_place as around', 'around.id', 'it.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .innerJoin('live_organisation as owner', 'owner.id', 'home.organisation')
      .select(['it.id', 'it.place', 'it.name', 'it.nameEn', 'it.role'])
      .select(['around.site', 'owner.demo', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('owner.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(place !== undefined, (query) => query.where('it.place', '=', place ?? ''))
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    place: row.place,
    site: row.site,
    name: row.name,
    nameEn: row.nameEn,
    role: row.role,
    demo: row.demo === 1,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** Placements at points in the scopes, past ones too, by sensor and time; those of one point or device if asked. */
export async function listPlacements(reader: FactsReader, input: Queries['placements']) {
  const { scopes, limit, point, device } = input
  const after = input.after === undefined ? undefined : parsePeriodCursor(input.after, 2)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_placement as it')
      .innerJoin('live_point as spot', 'spot.id', 'it.point')
      .innerJoin('live_place as around', 'around.id', 'spot.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .select(['it.device', 'it.sensor', 'it.point', 'it.standing', 'it.validTo'])
      .select(['spot.place', 'around.site', ...recordedColumns])
      .where('spot.validTo', 'is', null)
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(point !== undefined, (query) => query.where('it.point', '=', point ?? ''))
      .$if(device !== undefined, (query) => query.where('it.device', '=', device ?? ''))
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb(
            eb.refTuple('it.device', 'it.sensor', 'it.validFrom'),
            '>',
            eb.tuple(after?.names[0] ?? '', after?.names[1] ?? '', after?.fromMs ?? 0),
          ),
        ),
      )
      .orderBy('it.device')
      .orderBy('it.sensor')
      .orderBy('it.validFrom')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    device: row.device,
    sensor: row.sensor,
    point: row.point,
    place: row.place,
    site: row.site,
    standing: row.standing,
    ...periodItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => periodCursor([row.device, row.sensor], row.validFrom))
}

/**
 * Duties of places in the scopes as entered, past ones too, by place and time; those of one place, or those that hold
 * at an instant, if asked.
 */
export async function listDuties(reader: FactsReader, input: Queries['duties']) {
  const { scopes, limit, place, atMs } = input
  const after = input.after === undefined ? undefined : parsePeriodCursor(input.after, 1)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_duty as it')
      .innerJoin('live_place as around', 'around.id', 'it.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .select(['it.place', 'it.duty', 'it.validTo', 'around.site', ...recordedColumns])
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(place !== undefined, (query) => query.where('it.place', '=', place ?? ''))
      .$if(atMs !== undefined, (query) =>
        query
          .where('it.validFrom', '<=', atMs ?? 0)
          .where((eb) => eb.or([eb('it.validTo', 'is', null), eb('it.validTo', '>', atMs ?? 0)])),
      )
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb(
            eb.refTuple('it.place', 'it.validFrom'),
            '>',
            eb.tuple(after?.names[0] ?? '', after?.fromMs ?? 0),
          ),
        ),
      )
      .orderBy('it.place')
      .orderBy('it.validFrom')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    place: row.place,
    site: row.site,
    duty: row.duty,
    ...periodItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => periodCursor([row.place], row.validFrom))
}

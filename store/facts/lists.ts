import { instantText, parseSensorPath, sensorPath } from '../../domain/index.ts'
import type { PageInput, Queries } from '../contract.ts'
import { pageOf } from '../page.ts'
import { badCursor, recordedColumns, recordedItem, rowsFor } from './page.ts'
import type { FactsReader } from './port.ts'
import { withVisible } from './scopes.ts'

/** Organisations in the scopes, by id. */
export async function listOrganisations(reader: FactsReader, input: PageInput) {
  const { scopes, limit, after } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_organisation as it')
      .select(['it.id', 'it.parent', 'it.kind', 'it.demo', 'it.name', 'it.nameEn', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .where('it.id', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    parent: row.parent,
    kind: row.kind,
    demo: row.demo === 1,
    name: row.name,
    nameEn: row.nameEn,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** Sites in the scopes, by id, those of one organisation if asked. */
export async function listSites(reader: FactsReader, input: Queries['sites']) {
  const { scopes, limit, after, organisation } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_site as it')
      .innerJoin('live_organisation as owner', 'owner.id', 'it.organisation')
      .select([
        'it.id',
        'it.organisation',
        'it.name',
        'it.nameEn',
        'it.zone',
        'owner.demo',
        ...recordedColumns,
      ])
      .where('it.validTo', 'is', null)
      .where('owner.validTo', 'is', null)
      .where('it.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(organisation !== undefined, (query) => query.where('it.organisation', '=', organisation ?? ''))
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    organisation: row.organisation,
    name: row.name,
    nameEn: row.nameEn,
    zone: row.zone,
    demo: row.demo === 1,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** Devices in the scopes, by id, those of one site if asked. Secrets are not part of it, hashed or otherwise. */
export async function listDevices(reader: FactsReader, input: Queries['devices']) {
  const { scopes, limit, after, site } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_device as it')
      .innerJoin('live_site as home', 'home.id', 'it.site')
      .innerJoin('live_organisation as owner', 'owner.id', 'home.organisation')
      .select(['it.id', 'it.site', 'it.kind', 'it.state', 'it.acceptFrom', 'it.expectedInterval', 'it.label'])
      .select(['home.organisation', 'owner.demo', ...recordedColumns])
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
    kind: row.kind,
    state: row.state,
    acceptFrom: instantText(row.acceptFrom),
    expectedIntervalSeconds: row.expectedInterval / 1_000,
    label: row.label,
    demo: row.demo === 1,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** Sensors in the scopes, by device and name, those of one device if asked. `id` is `<device>/<name>`. */
export async function listSensors(reader: FactsReader, input: Queries['sensors']) {
  const { scopes, limit, device } = input
  const after = input.after === undefined ? undefined : parseSensorPath(input.after)
  if (input.after !== undefined && after === undefined) throw badCursor(input.after)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_sensor as it')
      .innerJoin('live_device as sender', 'sender.id', 'it.device')
      .innerJoin('live_site as home', 'home.id', 'sender.site')
      .innerJoin('live_organisation as owner', 'owner.id', 'home.organisation')
      .select(['it.device', 'it.name', 'sender.site', 'owner.demo', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .where('sender.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('owner.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(device !== undefined, (query) => query.where('it.device', '=', device ?? ''))
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb.or([
            eb('it.device', '>', after?.device ?? ''),
            eb.and([eb('it.device', '=', after?.device ?? ''), eb('it.name', '>', after?.sensor ?? '')]),
          ]),
        ),
      )
      .orderBy('it.device')
      .orderBy('it.name')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: sensorPath(row.device, row.name),
    device: row.device,
    name: row.name,
    site: row.site,
    demo: row.demo === 1,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => sensorPath(row.device, row.name))
}

import type { FactTables, FedTable } from '../../domain/index.ts'
import { sensorPath } from '../../domain/index.ts'
import { FactShelf } from './shelf.ts'

/** Empty shelves for every fed table, with what each is looked up by. */
export function emptyShelves() {
  return {
    organisation: new FactShelf('organisation', { id: (row) => row.id }),
    site: new FactShelf('site', { id: (row) => row.id }),
    device: new FactShelf('device', { id: (row) => row.id }),
    device_secret: new FactShelf('device_secret', { device: (row) => row.device }),
    sensor: new FactShelf('sensor', { device: (row) => row.device }),
    user: new FactShelf('user', { id: (row) => row.id }),
    grant: new FactShelf('grant', { user: (row) => row.user }),
    key: new FactShelf('key', { id: (row) => row.id }),
    supervises: new FactShelf('supervises', { supervisor: (row) => row.supervisor }),
    place: new FactShelf('place', {
      id: (row) => row.id,
      site: (row) => row.site,
      parent: (row) => row.parent ?? undefined,
    }),
    duty: new FactShelf('duty', { place: (row) => row.place }),
    place_check: new FactShelf('place_check', { place: (row) => row.place }, (row) => row.place),
    point: new FactShelf('point', { id: (row) => row.id, place: (row) => row.place }),
    placement: new FactShelf('placement', {
      sensor: (row) => sensorPath(row.device, row.sensor),
      point: (row) => row.point,
    }),
    product: new FactShelf('product', { id: (row) => row.id }),
    lot: new FactShelf('lot', { id: (row) => row.id }),
    // where nothing is any more there is nothing to find
    custody: new FactShelf('custody', {
      lot: (row) => (row.quantity === 0 ? undefined : row.lot),
      place: (row) => (row.quantity === 0 ? undefined : row.place),
    }),
    rule_activation: new FactShelf('rule_activation', { organisation: (row) => row.organisation }),
    recipient: new FactShelf('recipient', { id: (row) => row.id, place: (row) => row.place }),
    // what is resolved concerns nobody any more, unless asked for by its id
    incident: new FactShelf('incident', {
      id: (row) => row.id,
      unresolved: (row) => (row.state === 'resolved' ? undefined : row.place),
    }),
  } satisfies { readonly [T in FedTable]: FactShelf<T, never> }
}

/** Shelves for every fed table. */
export type Shelves = ReturnType<typeof emptyShelves>

/** Puts a row on the shelf of its table. */
export function putFact<T extends FedTable>(shelves: Shelves, fed: { table: T; row: FactTables[T] }): void {
  const each: { readonly [K in FedTable]: { put(row: FactTables[K]): void } } = shelves
  each[fed.table].put(fed.row)
}

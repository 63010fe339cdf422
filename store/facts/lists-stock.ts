import type { CustodyFact } from '../../domain/index.ts'
import type { PageInput, Queries } from '../contract.ts'
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

/** Products by id: the same for everybody. */
export async function listProducts(reader: FactsReader, { limit, after }: PageInput) {
  const rows = await reader.all(
    reader.db
      .selectFrom('live_product as it')
      .select(['it.id', 'it.name', 'it.nameEn', 'it.code', 'it.rangeMinMilliC', 'it.rangeMaxMilliC'])
      .select(['it.freezeSensitive', 'it.lightSensitive', 'it.activationJoulesPerMol', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    name: row.name,
    nameEn: row.nameEn,
    code: row.code,
    rangeMin: row.rangeMinMilliC / 1_000,
    rangeMax: row.rangeMaxMilliC / 1_000,
    freezeSensitive: row.freezeSensitive === 1,
    lightSensitive: row.lightSensitive === 1,
    activationEnergy: row.activationJoulesPerMol === null ? null : row.activationJoulesPerMol / 1_000,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** Lots whose stock is or was in the scopes, by id; of one product, or that are or were in one place, if asked. */
export async function listLots(reader: FactsReader, input: Queries['lots']) {
  const { scopes, limit, after, product, place } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_lot as it')
      .select(['it.id', 'it.product', 'it.number', 'it.maker', 'it.expiresOn', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .$if(!reachesAll(scopes) || place !== undefined, (query) =>
        query.where('it.id', 'in', (eb) =>
          eb
            .selectFrom('live_custody as held')
            .innerJoin('live_place as around', 'around.id', 'held.place')
            .innerJoin('live_site as home', 'home.id', 'around.site')
            .innerJoin('visible', 'visible.id', 'home.organisation')
            .select('held.lot')
            .where('held.quantity', '>', 0)
            .where('around.validTo', 'is', null)
            .where('home.validTo', 'is', null)
            .$if(place !== undefined, (inner) => inner.where('held.place', '=', place ?? '')),
        ),
      )
      .$if(product !== undefined, (query) => query.where('it.product', '=', product ?? ''))
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    id: row.id,
    product: row.product,
    number: row.number,
    maker: row.maker,
    expiresOn: row.expiresOn,
    ...recordedItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

/** Where a lot is and was in the scopes, when and how much of it, by place and time. */
export async function listCustody(reader: FactsReader, input: Queries['custody']) {
  const { scopes, limit, lot } = input
  const after = input.after === undefined ? undefined : parsePeriodCursor(input.after, 1)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_custody as it')
      .innerJoin('live_place as around', 'around.id', 'it.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .select(['it.lot', 'it.place', 'it.quantity', 'it.validTo', 'around.site', ...recordedColumns])
      .where('it.lot', '=', lot)
      .where('it.quantity', '>', 0)
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
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
  return pageOf(rows, limit, custodyItem, (row) => periodCursor([row.place], row.validFrom))
}

/** What lies where in the scopes at an instant, by place and lot. */
export async function listStock(reader: FactsReader, input: Queries['stock']) {
  const { scopes, limit, place, atMs } = input
  const after = input.after === undefined ? undefined : parsePeriodCursor(input.after, 2)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_custody as it')
      .innerJoin('live_place as around', 'around.id', 'it.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .select(['it.lot', 'it.place', 'it.quantity', 'it.validTo', 'around.site', ...recordedColumns])
      .where('it.quantity', '>', 0)
      .where('it.validFrom', '<=', atMs)
      .where((eb) => eb.or([eb('it.validTo', 'is', null), eb('it.validTo', '>', atMs)]))
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(place !== undefined, (query) => query.where('it.place', '=', place ?? ''))
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb(eb.refTuple('it.place', 'it.lot'), '>', eb.tuple(after?.names[0] ?? '', after?.names[1] ?? '')),
        ),
      )
      .orderBy('it.place')
      .orderBy('it.lot')
      .limit(rowsFor(limit)),
  )
  return pageOf(rows, limit, custodyItem, (row) => periodCursor([row.place, row.lot], row.validFrom))
}

/** What lies of a lot at a place, and since when. */
function custodyItem({
  lot,
  place,
  site,
  quantity,
  ...period
}: Pick<CustodyFact, 'lot' | 'place' | 'quantity' | RecordedPeriod> & { readonly site: string }) {
  return { lot, place, site, quantity, ...periodItem(period) }
}

type RecordedPeriod = 'validFrom' | 'validTo' | 'recordedAt' | 'recordedBy'

/**
 * Every lot that lies or lay anywhere, by id: since when first, epoch ms, and its last day of use; null where the lot
 * is not in the facts.
 */
export async function lotArrivals(reader: FactsReader) {
  const rows = await reader.all(
    reader.db
      .selectFrom('live_custody as held')
      .leftJoin('live_lot as it', (join) => join.onRef('it.id', '=', 'held.lot').on('it.validTo', 'is', null))
      .where('held.quantity', '>', 0)
      .select(['held.lot', 'it.expiresOn', (eb) => eb.fn.min('held.validFrom').as('fromMs')])
      .groupBy(['held.lot', 'it.expiresOn'])
      .orderBy('held.lot'),
  )
  return rows.map(({ lot, expiresOn, fromMs }) => ({ lot, fromMs, expiresOn }))
}

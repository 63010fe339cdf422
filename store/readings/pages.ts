import type { HeldReason } from '../../domain/index.ts'
import { markNames, NAME_PATTERN, READINGS_LOG } from '../../domain/index.ts'
import { pageOf } from '../page.ts'
import { badPageCursor, checkLimit, checkPeriod } from './bounds.ts'
import type { CanonicalReads, CanonicalRow, HeldItem } from './canonical-port.ts'
import type { FirstRows, PieceRow, ReadingKey } from './merging.ts'
import { seriesRow } from './rows.ts'
import { WHOLE_MESSAGE } from './schema.ts'
import type { PiecesOf } from './selecting.ts'
import type { ColumnValue, Prepare } from './sqlite.ts'

/** Lists of canonical readings, page by page. */
export function readingPages(piecesOf: PiecesOf, firstRows: FirstRows): Pick<CanonicalReads, 'page'> {
  return {
    page: (selection, period, limit, after, devices) => {
      checkLimit(limit)
      checkPeriod(period)
      const key = after === undefined ? undefined : readingKey(after)
      const rows = firstRows(piecesOf(selection, period, devices), limit + 1, key)
      return pageOf(rows, limit, canonicalRow, (row) => `${row.t}.${row.sub}.${row.path}`)
    },
  }
}

function canonicalRow(row: PieceRow): CanonicalRow {
  return {
    ...seriesRow(row),
    atMs: row.at,
    ...(row.lat_e7 !== null && { lat: row.lat_e7 / 1e7 }),
    ...(row.lon_e7 !== null && { lon: row.lon_e7 / 1e7 }),
    marks: markNames(row.marks),
    position: { log: READINGS_LOG, index: row.idx, item: row.item },
  }
}

interface HeldColumns {
  readonly idx: number
  readonly item: number
  readonly device: string
  readonly received_ms: number
  readonly reason: string
  readonly detail: string
  readonly excerpt: string
  readonly decided_idx: number | null
}

/** The list of held messages and readings, the newest record first. */
export function heldPages(prepare: Prepare): Pick<CanonicalReads, 'heldPage'> {
  return {
    heldPage: (filter, limit, after) => {
      checkLimit(limit)
      const terms: string[] = ['true']
      const values: ColumnValue[] = []
      const only = (term: string, ...given: ColumnValue[]): void => {
        terms.push(term)
        values.push(...given)
      }
      if (filter.devices !== undefined) {
        only(
          'h.device in (select no from device where id in (select value from json_each(?)))',
          JSON.stringify(filter.devices),
        )
      }
      if (filter.reason !== undefined) only('h.reason = ?', filter.reason)
      if (filter.index !== undefined) only('h.idx = ?', filter.index)
      if (filter.waiting === true) only('h.decided_idx is null')
      if (after !== undefined) only('(h.idx, h.item) < (?, ?)', ...heldKey(after))
      const rows = prepare<HeldColumns>(
        `select h.idx, h.item, d.id as device, h.received_ms, h.reason, h.detail, h.excerpt, h.decided_idx
         from held h join device d on d.no = h.device
         where ${terms.join(' and ')} order by h.idx desc, h.item desc limit ?`,
      ).all(...values, limit + 1)
      return pageOf(rows, limit, heldItem, (row) => `${row.idx}.${row.item}`)
    },
  }
}

function heldItem(row: HeldColumns): HeldItem {
  const item = row.item === WHOLE_MESSAGE ? null : row.item
  return {
    position: { log: READINGS_LOG, index: row.idx, item },
    device: row.device,
    receivedAtMs: row.received_ms,
    reason: row.reason as HeldReason, // `hold` takes nothing else
    detail: row.detail,
    excerpt: row.excerpt,
    decidedBy: row.decided_idx === null ? null : { log: READINGS_LOG, index: row.decided_idx },
  }
}

const NAME = NAME_PATTERN.slice(1, -1)
const READING_KEY = new RegExp(`^(-?\\d{1,15})\\.(\\d{1,6})\\.(${NAME}/${NAME})$`)
const HELD_KEY = /^(\d{1,15})\.(-?\d{1,5})$/

function readingKey(after: string): ReadingKey {
  const [, t, sub, path] = READING_KEY.exec(after) ?? []
  if (path === undefined) badPageCursor(after)
  return { tMs: Number(t), sub: Number(sub), path }
}

function heldKey(after: string): [number, number] {
  const [, index, item] = HELD_KEY.exec(after) ?? []
  if (item === undefined) badPageCursor(after)
  return [Number(index), Number(item)]
}

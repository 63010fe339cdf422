import { Problem, type ToldPart } from '../../domain/index.ts'
import type { CanonicalTransaction } from './port.ts'
import { valueColumnNames, valueParameters } from './rows.ts'
import type { Prepare } from './sqlite.ts'

interface PartColumns {
  readonly idx: number
  readonly item: number
  readonly received_ms: number
  readonly told_json: string
}

/** The part of a transaction that knows who told what of a reading, and puts another delivery in its place. */
export function partWrites(prepare: Prepare): Pick<CanonicalTransaction, 'parts' | 'putPart' | 'replace'> {
  const ofReading = 'series = ? and t = ? and sub = ?'
  const all = prepare<PartColumns>(
    `select idx, item, received_ms, told_json from part where ${ofReading} order by idx, item`,
  )
  const put = prepare(
    'insert into part (series, t, sub, idx, item, received_ms, told_json) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const forget = prepare(`delete from part where ${ofReading}`)
  const values = valueColumnNames.map((name) => `${name} = ?`).join(', ')
  const replace = prepare(
    `update reading set idx = ?, item = ?, received_ms = ?, marks = ?, ${values}, changed_idx = ? where ${ofReading}`,
  )
  const putPart: CanonicalTransaction['putPart'] = ({ series, tMs, sub }, part) => {
    const { index, item, receivedAtMs, told } = part
    put.run(series, tMs, sub, index, item, receivedAtMs, JSON.stringify(told))
  }
  return {
    parts: ({ series, tMs, sub }) =>
      all.all(series, tMs, sub).map((row) => ({
        index: row.idx,
        item: row.item,
        receivedAtMs: row.received_ms,
        // `putPart` writes nothing else
        told: JSON.parse(row.told_json) as ToldPart['told'],
      })),
    putPart,
    replace: (key, decided, index) => {
      const { first, parts, marks } = decided
      const own = [first.index, first.item, first.receivedAtMs, marks, ...valueParameters(decided.values)]
      const { series, tMs, sub } = key
      if (replace.run(...own, index, series, tMs, sub) !== 1) {
        throw new Problem('internal', {
          what: `Record ${index} decides about series ${series} at ${tMs} ms (${sub}), and there is no such row.`,
          remedy: 'This is a mistake of Isotherm itself: report it with this message. Nothing was stored.',
        })
      }
      forget.run(series, tMs, sub)
      for (const part of parts) putPart(key, part)
    },
  }
}

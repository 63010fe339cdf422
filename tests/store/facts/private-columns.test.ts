import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RECORD_BYTES_MAX } from '../../../domain/index.ts'
import { encodeAuditEntry } from '../../../domain/index.ts'
import { openFactsReads } from '../../../store/index.ts'
import { act, openFact } from '../../../store/facts/act.ts'
import { auditedColumns, columnsOf, factTables, privateColumns } from '../../../store/facts/schema.ts'
import { FactsHarness, LI } from './setup.ts'

/** Names that say what is in a column: never for the audit log (decision 5). */
const PRIVATE = /hash|sha256|secret|token|password|phone|mobile|mail|address|text/i
/** Tables of things: their names are carried. Any other `name` is that of a person. */
const things: readonly string[] = ['organisation', 'site', 'sensor', 'place', 'point', 'product']

/** Columns of a table that must not be in the audit log. */
function mustBePrivate(table: string, columns: readonly string[]): string[] {
  return columns.filter(
    (column) => PRIVATE.test(column) || (/^name/i.test(column) && !things.includes(table)),
  )
}

describe('private columns', () => {
  test('are stated by every fact table, and each is one of its own', () => {
    expect(Object.keys(privateColumns)).toEqual(factTables)
    for (const table of factTables) {
      const own: readonly string[] = columnsOf(table)
      const stated: readonly string[] = privateColumns[table]
      expect({ [table]: stated.filter((column) => !own.includes(column)) }).toEqual({ [table]: [] })
      expect(auditedColumns(table)).toEqual(own.filter((column) => !stated.includes(column)))
    }
  })

  test.each(factTables)('of %s are all whose names promise something private', (table) => {
    const stated: readonly string[] = privateColumns[table]
    expect(mustBePrivate(table, columnsOf(table)).filter((column) => !stated.includes(column))).toEqual([])
  })

  test('the check can fail', () => {
    expect(mustBePrivate('recipient', ['id', 'name', 'address', 'state'])).toEqual(['name', 'address'])
    expect(mustBePrivate('place', ['id', 'name', 'nameEn'])).toEqual([])
  })
})

describe('what an act may tell and append', () => {
  let harness: FactsHarness
  beforeEach(async () => {
    harness = await FactsHarness.open()
  })
  afterEach(() => harness.close())

  const entry = { kind: 'test', actor: LI, subject: 'test:1', reason: '', old: null }
  const enter = (details: string, name: string): Promise<unknown> =>
    harness.facts.transact(async (tx) => {
      const done = await act(tx, { ...entry, reason: '\u0001'.repeat(500), new: { details } })
      return openFact(done, 'sensor', { device: 'd', name })
    })

  test('fits one record at the most', async () => {
    // 3 bytes a character; what surrounds the texts is far less than 200 bytes of the details, 4 KiB of the row
    await enter('疫'.repeat(10_900), '苗'.repeat(4_000))
    const reads = openFactsReads({ path: harness.path })
    const [told] = await reads.auditEntries(0, 1)
    reads.close()
    const [record, ...more] = told === undefined ? [] : encodeAuditEntry(told)
    expect(record?.length).toBeGreaterThan(45_000)
    expect([more, (record?.length ?? 0) <= RECORD_BYTES_MAX]).toEqual([[], true])
  })

  test('is refused above that, as a fault of ours', async () => {
    await expect(enter('疫'.repeat(11_000), 'n')).rejects.toThrow('test tells 33014 bytes; 32768 is the most')
    await expect(enter('', '苗'.repeat(5_500))).rejects.toThrow('a row of sensor has')
    expect(harness.count('audit')).toBe(0)
  })
})

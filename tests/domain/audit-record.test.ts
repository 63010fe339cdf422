import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AuditedRow,
  type AuditEntry,
  decodeAuditRecord,
  encodeAuditEntry,
  isSameAct,
  RECORD_BYTES_MAX,
} from '../../domain/index.ts'

const RUNS = Number(process.env['RUNS'] ?? 100)
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

const act = {
  seq: 7,
  version: 5,
  at: 1_795_401_600_123,
  claimedAt: null,
  actor: 'user:u-li',
  kind: 'device.revoke',
  subject: 'device:d-1',
  reason: '坏了',
  old: { state: 'active' },
  new: { state: 'revoked' },
}

function rowsOf(count: number, text: string): AuditedRow[] {
  return Array.from({ length: count }, (_, fact) => ({ table: 'device', row: { fact, text, validTo: null } }))
}

function decoded(entry: AuditEntry, rowsFrom = 0) {
  return encodeAuditEntry(entry, rowsFrom).map(decodeAuditRecord)
}

describe('an act as records', () => {
  test('without rows is one record', () => {
    expect(decoded({ ...act, rows: [] })).toEqual([{ ...act, rowsFrom: 0, rowsTotal: 0, rows: [] }])
  })

  test('with more rows than fit one takes as many as it needs, none too large and none half empty', () => {
    // 3 bytes a character: counting characters instead of bytes would make records too large
    const rows = rowsOf(40, '疫'.repeat(3_000))
    const records = encodeAuditEntry({ ...act, rows })
    expect(records.length).toBe(6)
    for (const record of records) expect(record.length).toBeLessThanOrEqual(RECORD_BYTES_MAX)
    for (const record of records.slice(0, -1)) expect(record.length).toBeGreaterThan(54_000)
    const parts = records.map(decodeAuditRecord)
    expect(parts.flatMap((part) => part.rows)).toEqual(rows)
    expect(parts.map(({ rowsFrom, rowsTotal }) => [rowsFrom, rowsTotal])).toEqual([
      [0, 40],
      [7, 40],
      [14, 40],
      [21, 40],
      [28, 40],
      [35, 40],
    ])
    for (const part of parts) expect(isSameAct(part, { ...act })).toBe(true)
  })

  test('goes on behind the rows that are recorded already', () => {
    const rows = rowsOf(40, '疫'.repeat(3_000))
    expect(decoded({ ...act, rows }, 14)).toEqual(decoded({ ...act, rows }).slice(2))
  })

  test('fills a record to the last byte', () => {
    const empty = encodeAuditEntry({ ...act, rows: rowsOf(1, '') })[0]?.length ?? 0
    const fits = encodeAuditEntry({ ...act, rows: rowsOf(1, 'x'.repeat(RECORD_BYTES_MAX - empty)) })
    expect(fits.map(({ length }) => length)).toEqual([RECORD_BYTES_MAX])
    const tooLong = rowsOf(1, 'x'.repeat(RECORD_BYTES_MAX - empty + 1))
    expect(() => encodeAuditEntry({ ...act, rows: tooLong })).toThrow(
      expect.objectContaining({ code: 'payload-too-large' }),
    )
  })

  test('with a claimed time tells it, in a format of its own, and is another act than one without', () => {
    const claimed = { ...act, claimedAt: act.at - 60_000 }
    expect(decoded({ ...claimed, rows: [] })).toEqual([{ ...claimed, rowsFrom: 0, rowsTotal: 0, rows: [] }])
    const formats = [act, claimed].map((each) => {
      const [bytes] = encodeAuditEntry({ ...each, rows: [] })
      const { format, claimedAt } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
      return [format, claimedAt]
    })
    expect(formats).toEqual([
      [1, undefined],
      [2, claimed.claimedAt],
    ])
    expect([isSameAct(claimed, claimed), isSameAct(claimed, act)]).toEqual([true, false])
  })

  test('comes back as it was, whatever its texts and rows are', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 })
    const rows = fc.array(
      fc.record({
        table: fc.constantFrom('device', 'place'),
        row: fc.dictionary(fc.string(), fc.oneof(text, fc.integer(), fc.constant(null))),
      }),
    )
    fc.assert(
      fc.property(text, text, rows, (reason, value, appended) => {
        const entry = { ...act, reason, new: { value }, rows: appended }
        const [record, ...more] = decoded(entry)
        expect([record, more]).toEqual([{ ...entry, rowsFrom: 0, rowsTotal: appended.length }, []])
      }),
      { numRuns: RUNS, ...seed },
    )
  })
})

describe('a record that is none', () => {
  const whole = JSON.parse(
    new TextDecoder().decode(encodeAuditEntry({ ...act, rows: rowsOf(1, 'x') })[0]),
  ) as object
  const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

  test.each([
    ['no object', []],
    ['no format', { ...whole, format: '1' }],
    ['an old format', { ...whole, format: 0 }],
    ['a number that is none', { ...whole, seq: 1.5 }],
    ['no version', { ...whole, version: undefined }],
    ['a reason that is no text', { ...whole, reason: null }],
    ['details that are a list', { ...whole, old: [] }],
    ['a claimed time that is none', { ...whole, format: 2, claimedAt: 'then' }],
    ['a claim without a time', { ...whole, format: 2, claimedAt: undefined }],
    ['rows that are no list', { ...whole, rows: {} }],
    ['a row without a table', { ...whole, rows: [{ row: {} }] }],
    ['a row with an object in it', { ...whole, rows: [{ table: 'device', row: { a: {} } }] }],
  ])('%s is damage', (_name, value) => {
    expect(() => decodeAuditRecord(bytesOf(value))).toThrow(
      expect.objectContaining({ code: 'journal-damaged' }),
    )
  })

  test('bytes that are no UTF-8 or no JSON are damage', () => {
    for (const bytes of [Uint8Array.of(0xff), bytesOf(whole).slice(0, -1)]) {
      expect(() => decodeAuditRecord(bytes)).toThrow(expect.objectContaining({ code: 'journal-damaged' }))
    }
  })

  test('a later format asks for a later version', () => {
    expect(() => decodeAuditRecord(bytesOf({ ...whole, format: 3 }))).toThrow(
      expect.objectContaining({ code: 'data-directory-version' }),
    )
  })
})

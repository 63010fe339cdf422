import { expect, test } from 'vitest'
import { reportXlsx } from '../../reports/index.ts'
import { withoutTimes } from '../../reports/zip-times.ts'
import { finding, incident, row, sampleReport, silentRow, sparseRow, stay } from './sample.ts'
import { readWorkbook, unzip } from './workbook.ts'

/** The first row of a sheet by its titles. */
function record(sheet: readonly (readonly unknown[])[] | undefined, index = 1): Record<string, unknown> {
  const [titles = []] = sheet ?? []
  return Object.fromEntries(titles.map((title, column) => [String(title), sheet?.[index]?.[column] ?? null]))
}

test('has a sheet per table, with numbers as numbers and text as text', async () => {
  const book = readWorkbook(await reportXlsx(sampleReport(), 'zh'))
  expect([...book.keys()]).toEqual([
    '摘要',
    '温度异常',
    '其他异常',
    '涉及批次',
    '报警通知',
    '数据完整性',
    '待查报文',
  ])
  expect(record(book.get('温度异常'))).toMatchObject({
    异常编号: '00000000000012e5',
    '限值（℃）': 2,
    '极值（℃）': -0.512,
    '实测超限时长（秒）': 93_790,
    '最长可能时长（秒）': 97_200.25,
    开始: '2026-11-23 09:00:00 +08:00',
    条款: 'Art. 6, "the required range"',
    办结说明: '换了温控器\n@已复测',
    通知数: 2,
  })
  expect(record(book.get('涉及批次'))).toMatchObject({ 批号: '0012', 上市许可持有人: '=cmd|calc!A1' })
  expect(record(book.get('数据完整性'), 3)).toMatchObject({
    储存单元: '合计',
    应有读数: 576,
    已存读数: 570,
    其中补传: 9,
    重复到达: 3,
    缺失读数: 12,
    '数据缺失（秒）': 6_300,
    数据缺失: '1:45:00',
  })
  const summary = new Map(book.get('摘要')?.map(([item, value]) => [item, value]))
  expect(summary.get('生成人')).toBe('王芳 (user:u-1)')
  expect(summary.get('时区')).toBe('Asia/Shanghai')
  expect(summary.get('软件版本')).toBe('Isotherm 0.1.0')
  expect(summary.get('所用监测规则集')).toBe('药品经营质量管理规范 (cn-gsp-storage, 1)')
  expect(summary.get('待查')).toBe(2)
})

test('tells of records too far apart how often and how far at most, as numbers', async () => {
  const book = readWorkbook(await reportXlsx(sampleReport({ conditions: [silentRow, sparseRow] }), 'zh'))
  expect(record(book.get('其他异常'), 1)).toMatchObject({ 过长间隔数: null, '最长间隔（秒）': null })
  expect(record(book.get('其他异常'), 2)).toMatchObject({ 过长间隔数: 3, '最长间隔（秒）': 1_800.25 })
})

test('shows a temperature near its limit with the decimals that tell them apart', async () => {
  const near = { ...row, finding: { ...finding, peakMilliC: 1_960 } }
  const files = unzip(Buffer.from(await reportXlsx(sampleReport({ rows: [near] }), 'en')))
  expect(files.get('xl/styles.xml')?.toString()).toContain('formatCode="0.00"')
})

test('a text that XML or a cell cannot hold is changed where it must be, and the book stays whole', async () => {
  const odd = `a\u0000b\u001b\ud800c<d>&"e"\n${'长😀'.repeat(20_000)}`
  const resolved = { by: '王', atMs: 0, resolution: 'by-hand', reason: odd } as const
  const rows = [{ ...row, incident: { ...incident, resolved } }]
  const book = readWorkbook(await reportXlsx(sampleReport({ rows }), 'en'))
  const shown = String(record(book.get('Excursions'))['Reason given'])
  expect(shown.startsWith('a□b□□c<d>&"e"\n长')).toBe(true)
  expect(shown).toHaveLength(32_001)
  expect(shown.endsWith('…')).toBe(true)
})

test('formulas are text', async () => {
  const lots = ['=1+1', '@A1', '-1'].map((maker) => ({ ...stay, lot: { ...stay.lot, maker } }))
  const book = readWorkbook(await reportXlsx(sampleReport({ rows: [{ ...row, lots }] }), 'en'))
  const makers = book.get('Affected lots')?.map((line) => line[4])
  expect(makers?.slice(1)).toEqual(['=1+1', '@A1', '-1'])
})

test('names of what every object has are names like others', async () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
  const lots = names.map((maker) => ({ ...stay, lot: { ...stay.lot, maker } }))
  const book = readWorkbook(await reportXlsx(sampleReport({ rows: [{ ...row, lots }] }), 'en'))
  const makers = book.get('Affected lots')?.map((line) => String(line[4]).trimEnd())
  expect(makers?.slice(1)).toEqual(names)
})

test('a demonstration is marked on every sheet', async () => {
  const book = readWorkbook(await reportXlsx(sampleReport({ demo: true }), 'zh'))
  expect([...book.keys()].every((name) => name.endsWith(' 演示 DEMO'))).toBe(true)
})

test('the same report is the same bytes, whenever it is written', async () => {
  const bytes = Buffer.from(await reportXlsx(sampleReport(), 'zh'))
  expect(bytes.equals(await reportXlsx(structuredClone(sampleReport()), 'zh'))).toBe(true)
  // the times of the files are those at which ZIP begins to count
  const timesAfter = (signature: string, offset: number): readonly number[] =>
    [...bytes.toString('latin1').matchAll(new RegExp(signature, 'g'))].map(({ index }) =>
      bytes.readUInt32LE(index + offset),
    )
  const times = [...timesAfter('PK\\x03\\x04', 10), ...timesAfter('PK\\x01\\x02', 12)]
  expect(times.length).toBeGreaterThan(10)
  expect(new Set(times)).toEqual(new Set([0x0021_0000]))
})

test('what is no archive is not changed', () => {
  expect(() => withoutTimes(new Uint8Array(100))).toThrow('no ZIP archive')
})

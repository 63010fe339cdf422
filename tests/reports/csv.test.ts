import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { reportCsv, type ReportLanguage, type ReportRow } from '../../reports/index.ts'
import { finding, row, rule, sampleReport, silentRow, sparseRow, stay } from './sample.ts'

type Rows = readonly (readonly string[])[]

function textOf(...given: Parameters<typeof sampleReport>): string {
  return Buffer.from(reportCsv(sampleReport(...given), 'zh')).toString('utf8')
}

/** The tables by their titles, read by another library than wrote them. */
function tablesIn(language: ReportLanguage, ...given: Parameters<typeof sampleReport>): Map<string, Rows> {
  const bytes = Buffer.from(reportCsv(sampleReport(...given), language))
  const lines: string[][] = parse(bytes, { bom: true, relax_column_count: true, skip_empty_lines: false })
  const tables = new Map<string, string[][]>()
  let title: string | undefined
  for (const line of lines) {
    if (line.length === 1 && line[0] === '') title = undefined
    else if (title === undefined) tables.set((title = line[0] ?? ''), [])
    else tables.get(title)?.push(line)
  }
  return tables
}

/** One row of a table with its titles. */
function record(table: Rows | undefined, index = 0): Readonly<Record<string, string>> {
  const [titles = [], ...rows] = table ?? []
  return Object.fromEntries(titles.map((title, column) => [title, rows[index]?.[column] ?? '']))
}

test('begins with a byte order mark and ends its lines as RFC 4180 does', () => {
  const bytes = reportCsv(sampleReport(), 'zh')
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const text = textOf({ rows: [] })
  expect(text.endsWith('\r\n')).toBe(true)
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
})

test('has every table, in Chinese and in English', () => {
  expect([...tablesIn('zh').keys()]).toEqual([
    '摘要',
    '温度异常',
    '其他异常',
    '涉及批次',
    '报警通知',
    '数据完整性',
    '待查报文',
  ])
  expect([...tablesIn('en').keys()]).toEqual([
    'Summary',
    'Excursions',
    'Other findings',
    'Affected lots',
    'Messages',
    'Completeness',
    'Held messages',
  ])
})

test('every line of a table has as many fields as its titles', () => {
  for (const language of ['zh', 'en'] as const) {
    for (const [, rows] of tablesIn(language)) {
      expect(new Set(rows.map((line) => line.length)).size).toBe(1)
    }
  }
})

test('of records too far apart it tells how often and how far at most, of others nothing', () => {
  const conditions = [silentRow, sparseRow]
  const [silent, sparse] = [0, 1].map((line) =>
    record(tablesIn('en', { conditions }).get('Other findings'), line),
  )
  const [often, longest] = ['Intervals too long', 'Longest interval (s)'] as const
  expect([silent?.[often], silent?.[longest]]).toEqual(['', ''])
  expect([sparse?.[often], sparse?.[longest]]).toEqual(['3', '1800.250'])
  const inChinese = record(tablesIn('zh', { conditions }).get('其他异常'), 1)
  expect([inChinese['过长间隔数'], inChinese['最长间隔（秒）']]).toEqual(['3', '1800.250'])
})

test('a row tells the finding, its limit, its lots and who was told', () => {
  expect(record(tablesIn('en').get('Excursions'))).toEqual({
    Finding: "'00000000000012e5",
    Site: 'City vaccine store',
    'Storage unit': 'Fridge 1',
    'Measuring point': '上层',
    Rule: 'cn-gsp-storage/cold-range',
    'Rule pack version': '1',
    Level: 'required range',
    Direction: 'too cold',
    Operator: '<',
    'Limit (°C)': '2.0',
    'Limit by the label of': '',
    'For at least': '10:00:00',
    Clause: 'Art. 6, "the required range"',
    'Clause is': 'read in the text',
    State: 'confirmed',
    'Time zone': 'Asia/Shanghai',
    Start: '2026-11-23 09:00:00 +08:00',
    'Alarm condition met': '2026-11-23 19:00:00 +08:00',
    End: '2026-11-24 11:00:05 +08:00',
    'Reason of the end': 'back in range',
    'Peak (°C)': '-0.5',
    'Peak at': '2026-11-23 11:00:00 +08:00',
    'Observed duration (s)': '93790',
    'Observed duration': '26:03:10',
    'Worst-case duration (s)': '97200.250',
    'Worst-case duration': '27:00:00',
    'Bridges a gap': 'yes',
    'Readings out of range': '313',
    'One reading only': 'no',
    'Number of affected lots': '1',
    'Affected lots': 'Hepatitis B vaccine 0012 (hepb-1) × 240',
    Incident: 'i-7',
    'Incident state': 'resolved',
    'Raised at': '2026-11-23 19:00:00 +08:00',
    'Seen late': 'no',
    'Acknowledged by': '李雷',
    'Acknowledged at': '2026-11-23 19:04:00 +08:00',
    'Resolved by': '韩梅梅',
    'Resolved at': '2026-11-24 12:00:00 +08:00',
    Resolution: 'closed by a person',
    'Reason given': '换了温控器\n@已复测',
    Messages: '2',
    'Who was told':
      '李雷 SMS or call gateway 2026-11-23 19:00:00 +08:00 delivered; 韩梅梅 mail 2026-11-23 20:00:00 +08:00 failed',
  })
  expect(record(tablesIn('zh').get('报警通知'), 1)).toMatchObject({
    接收人: '韩梅梅',
    发送时间: '',
    状态: '发送失败',
  })
})

test('an open finding, without incident and by a rule from memory, says so', () => {
  const open: ReportRow = {
    ...row,
    finding: { ...finding, state: 'suspected', open: true, alarmMs: null, endMs: null, endReason: null },
    rule: { ...rule, confidence: 'mem' },
    lots: [],
    incident: null,
  }
  const zh = tablesIn('zh', { rows: [open] })
  expect(record(zh.get('温度异常'))).toMatchObject({
    条款依据: '凭记忆，未经核实',
    判定: '疑似',
    达到报警条件: '',
    结束: '未结束',
    报警事件: '无报警事件',
    事件状态: '',
    涉及批次数: '0',
  })
  const en = tablesIn('en', { rows: [open] })
  expect(record(en.get('Excursions'))).toMatchObject({
    'Clause is': 'from memory, not verified',
    End: 'not over',
  })
  const notes = en.get('Summary')?.map((line) => line[1]) ?? []
  expect(notes).toContain(
    'Some limits are not verified against the text: this report does not claim compliance with them.',
  )
  expect(tablesIn('en').get('Summary')?.flat().join()).not.toContain('compliance')
})

test('a limit that a label has says whose', () => {
  const labelled = { ...row, rule: { ...rule, limitMilliC: 3_000 }, label: stay.lot.product }
  expect(record(tablesIn('en', { rows: [labelled] }).get('Excursions'))).toMatchObject({
    'Limit (°C)': '3.0',
    'Limit by the label of': 'Hepatitis B vaccine',
  })
  const zh = record(tablesIn('zh', { rows: [labelled] }).get('温度异常'))
  expect(zh).toMatchObject({ '限值（℃）': '3.0', 限值所据标签: '重组乙型肝炎疫苗' })
  expect(record(tablesIn('zh').get('温度异常'))).toMatchObject({ 限值所据标签: '' })
})

test('a rule this software does not have is not made up', () => {
  const shown = record(tablesIn('en', { rows: [{ ...row, rule: null }] }).get('Excursions'))
  expect(shown).toMatchObject({ Operator: '', 'Limit (°C)': '', Rule: rule.id })
  expect(shown['Clause']).toBe('this software lacks that version of the rule')
})

test('names five lots and messages in a row, and all of them in their tables', () => {
  const lots = Array.from({ length: 7 }, (_, index) => ({
    ...stay,
    lot: { ...stay.lot, id: `lot-${index}` },
  }))
  const tables = tablesIn('en', { rows: [{ ...row, lots }] })
  const shown = record(tables.get('Excursions'))
  expect(shown['Number of affected lots']).toBe('7')
  expect(shown['Affected lots']?.split('; ').at(-1)).toBe('more: 2')
  expect(tables.get('Affected lots')).toHaveLength(8)
})

test('a demonstration is marked on every table', () => {
  const titles = [...tablesIn('en', { demo: true }).keys()]
  expect(titles.every((title) => title.endsWith(' 演示 DEMO'))).toBe(true)
  expect(textOf({ demo: true })).toContain('温度异常报告,演示 DEMO')
})

describe('what a spreadsheet would run or change is marked as text', () => {
  const shownAs = (maker: string): string => {
    const lots = [{ ...stay, lot: { ...stay.lot, maker } }]
    return record(tablesIn('zh', { rows: [{ ...row, lots }] }).get('涉及批次'))['上市许可持有人'] ?? ''
  }

  test.each([
    '=1+1',
    '+1',
    '-2+3',
    '-1',
    '@SUM(A1)',
    '\t=1+1',
    '\r=1+1',
    '＝1+1',
    '=HYPERLINK("http://x","y")',
    '0012',
    '12e5',
    '202312E05',
    '12345678901234567',
    '1,234',
    '3-5',
    '2026/11/23',
    '1.10',
  ])('%j', (text) => {
    expect(shownAs(text)).toBe(`'${text}`)
  })

  test.each(['20240105', '7', 'A=1', '生物所 (北京)', 'a,b;"c"', '两行\n文字', 'e5', ''])(
    '%j stays',
    (text) => {
      expect(shownAs(text)).toBe(text)
    },
  )
})

test('the same report is the same bytes', () => {
  expect(reportCsv(sampleReport(), 'zh')).toEqual(reportCsv(structuredClone(sampleReport()), 'zh'))
})

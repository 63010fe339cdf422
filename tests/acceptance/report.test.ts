import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readWorkbook } from '../reports/workbook.ts'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

const MINUTE_MS = 60_000
const reason = 'as the log book says'
/** Whole minutes, three hours ago: all of it lies in the past when the test runs. */
const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 180 * MINUTE_MS
const at = (minute: number): string => new Date(startMs + minute * MINUTE_MS).toISOString()
const period = `from=${at(0)}&to=${at(60)}`

const stage = new Stage()
/** A key of another organisation. */
let stranger: string

beforeAll(async () => {
  await stage.open()
  const { folder } = stage
  await folder.json(['organisation', 'create', 'yixin', '--kind', 'distributor', '--name', '医药', '--demo'])
  await folder.json(['site', 'create', 'depot', '--organisation', 'yixin', '--name', '仓库'])
  const made = await folder.json(['device', 'create', 'logger', '--site', 'depot', '--simulated'])
  const key = ['key', 'create', 'stranger', '--role', 'viewer', '--organisation', 'demo']
  stranger = String((await folder.json(key))['key'])
  const since = { from: at(-60), reason }
  const label = { rangeMin: 2, rangeMax: 8, freezeSensitive: true, lightSensitive: false }
  await stage.post('products', { id: 'hepb', name: '乙肝疫苗', nameEn: 'HepB vaccine', ...label })
  for (const id of ['fridge', 'spare']) {
    await stage.post('places', { id, site: 'depot', kind: 'refrigerator', name: `=冰箱${id}`, ...since })
  }
  for (const [id, place, sensor] of [
    ['fridge-top', 'fridge', 'top'],
    ['fridge-low', 'fridge', 'low'],
    ['spare-mid', 'spare', 'spare'],
  ]) {
    await stage.post('points', { id, place, name: id, role: 'product', ...since })
    await stage.post('placements', { device: 'logger', sensor, point: id, ...since })
  }
  for (const [id, quantity] of [
    ['stays', 240],
    ['moves', 50],
    ['elsewhere', 7],
  ] as const) {
    const lot = { id, product: 'hepb', number: `0${quantity}`, maker: '生物所', expiresOn: '2028-10-31' }
    await stage.post('lots', lot)
    const place = id === 'elsewhere' ? 'spare' : 'fridge'
    await stage.post(`lots/${id}/custody`, { kind: 'receive', place, quantity, at: at(-10), reason })
  }
  const move = { kind: 'move', place: 'fridge', to: 'spare', quantity: 50, at: at(30), reason }
  await stage.post('lots/moves/custody', move)
  await send(String(made['secret']))
  await waitFor(async () => (await stage.items('findings?place=fridge&open=false')).length === 1, 15_000)
}, 90_000)
afterAll(() => stage.close())

/** Every five minutes for an hour: the top is too warm from 20 to 40, the lower point misses two readings. */
async function send(secret: string): Promise<void> {
  const client = await stage.connect({ username: 'logger', password: secret })
  const publish = (readings: readonly object[]) =>
    client.publishAsync('isotherm/v1/logger/readings', JSON.stringify(readings), { qos: 1 })
  let seq = 0
  for (let minute = 0; minute < 60; minute += 5) {
    const readings = ['top', 'low', 'spare']
      .filter((sensor) => sensor !== 'low' || (minute !== 10 && minute !== 15))
      .map((sensor) => {
        seq += 1
        const isWarm = sensor === 'top' && minute >= 20 && minute < 40
        return { at: at(minute), seq, sensor, temperature: isWarm ? 8.04 + minute / 1_000 : 5 }
      })
    await publish(readings)
    // every third message comes twice
    if (minute % 15 === 0) await publish(readings)
  }
  await publish([{ at: at(0), seq: 1, sensor: 'top', temperature: 7 }])
  await client.endAsync()
}

function fetchReport(query: string, key = stage.key): Promise<Response> {
  const url = `http://127.0.0.1:${stage.running.httpPort}/api/v1/reports/excursions?${query}`
  return fetch(url, { headers: { authorization: `Bearer ${key}` } })
}

interface Shown {
  readonly excursions: readonly {
    readonly point: { readonly id: string }
    readonly start: string
    readonly end: string
    readonly peak: number
    readonly limit: { readonly operator: string; readonly limit: number }
    readonly lots: readonly { readonly id: string; readonly quantity: number; readonly to: string }[]
    readonly incident: unknown
  }[]
  readonly completeness: { readonly totals: Record<string, number> }
  readonly [member: string]: unknown
}

test('a place as JSON: findings, limits, lots and completeness', async () => {
  const answer = await fetchReport(`place=fridge&${period}`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'application/json; charset=utf-8',
  ])
  const report = (await answer.json()) as Shown
  expect(report).toMatchObject({ demo: true, zone: 'Asia/Shanghai', from: at(0), to: at(60) })
  const by = report['generatedBy'] as { readonly actor: string; readonly name: string }
  expect([by.actor.slice(0, 4), by.name]).toEqual(['key:', 'tests'])
  expect(report.excursions).toHaveLength(1)
  expect(report.excursions[0]).toMatchObject({
    point: { id: 'fridge-top' },
    start: at(20),
    end: at(40),
    peak: 8.075,
    limit: { operator: '>', limit: 8 },
    lots: [
      { id: 'moves', quantity: 50, to: at(30) },
      { id: 'stays', quantity: 240, to: at(40) },
    ],
    // it was over when it came: listed, and nobody was called
    incident: { state: 'raised', seenLate: true, acknowledged: null, resolved: null, told: [] },
  })
  expect(report.completeness.totals).toEqual({
    expected: 24,
    missing: 2,
    stored: 22,
    late: 22,
    duplicate: 7,
    // held at its arrival, which is now
    held: 0,
    unknownSeconds: 0,
  })
  const today = (await (await fetchReport(`place=fridge&from=${at(0)}`)).json()) as Shown
  expect(today.completeness.totals['held']).toBe(1)
})

test('as CSV in English, safe to open', async () => {
  const answer = await fetchReport(`place=fridge&${period}&format=csv&lang=en`)
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(answer.headers.get('content-disposition')).toMatch(
    /^attachment; filename="excursions-fridge-\d{8}-\d{8}\.csv"$/,
  )
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const lines: string[][] = parse(bytes, { bom: true, relax_column_count: true, skip_empty_lines: true })
  const titles = lines.findIndex(([title]) => title === 'Finding')
  const shown = Object.fromEntries(
    (lines[titles] ?? []).map((title, column) => [title, lines[titles + 1]?.[column]]),
  )
  expect(shown).toMatchObject({
    'Storage unit': "'=冰箱fridge",
    'Peak (°C)': '8.1',
    'Limit (°C)': '8.0',
    'Observed duration': '0:20:00',
    'Affected lots': 'HepB vaccine 050 (moves) × 50; HepB vaccine 0240 (stays) × 240',
    'Incident state': 'not acknowledged',
    'Seen late': 'yes',
    'Who was told': '',
  })
})

test('as a workbook in Chinese, about a lot and only where it lay', async () => {
  const answer = await fetchReport(`lot=moves&${period}&format=xlsx`)
  expect(answer.headers.get('content-type')).toBe(
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  )
  const book = readWorkbook(new Uint8Array(await answer.arrayBuffer()))
  const [titles = [], ...rows] = book.get('温度异常 演示 DEMO') ?? []
  expect(rows).toHaveLength(1)
  expect(rows[0]?.[titles.indexOf('极值（℃）')]).toBe(8.075)
  expect(rows[0]?.[titles.indexOf('涉及批次')]).toBe('乙肝疫苗 050 (moves) × 50')
  const points = book.get('数据完整性 演示 DEMO')?.map((line) => line[1])
  expect(points).toEqual(['测点', 'fridge-low', 'fridge-top', 'spare-mid', null])
  const elsewhere = (await (await fetchReport(`lot=elsewhere&${period}`)).json()) as Shown
  expect(elsewhere.excursions).toEqual([])
})

test('who has no role there learns nothing', async () => {
  const place = await fetchReport(`place=fridge&${period}`, stranger)
  expect([place.status, ((await place.json()) as { code: string }).code]).toEqual([404, 'not-found'])
  const lot = (await (await fetchReport(`lot=moves&${period}`, stranger)).json()) as Shown
  expect([lot.excursions, lot.completeness['pieces' as never]]).toEqual([[], []])
})

test.each([
  ['neither place nor lot', period, 'by place or by lot'],
  ['both', `place=fridge&lot=moves&${period}`, 'by place or by lot'],
  ['an empty period', `place=fridge&from=${at(60)}&to=${at(0)}`, 'empty'],
  ['too long a period', `place=fridge&from=2020-01-01T00:00:00Z`, '366 days'],
  ['another format', `place=fridge&format=pdf`, 'format'],
])('%s is refused with a remedy', async (_, query, told) => {
  const answer = await fetchReport(query)
  const problem = (await answer.json()) as Record<string, string>
  expect([answer.status, problem['code']]).toEqual([400, 'bad-request'])
  expect(`${problem['detail']} ${problem['remedy']}`).toContain(told)
})

test('the command line writes the same report into a file, and never over one', async () => {
  const { folder } = stage
  const file = join(folder.dataDir, 'report.csv')
  const words = [
    'report',
    'excursions',
    '--place',
    'fridge',
    '--from',
    at(0),
    '--to',
    at(60),
    '--format',
    'csv',
  ]
  const done = await folder.json([...words, '--output', file])
  expect(done).toEqual({ file, format: 'csv', bytes: readFileSync(file).length })
  const served = await (await fetchReport(`place=fridge&${period}&format=csv`)).text()
  const lasting = (text: string): string => text.replace('\ufeff', '').replaceAll(/^(生成|基础).*$/gm, '')
  expect(lasting(readFileSync(file, 'utf8'))).toBe(lasting(served))
  const again = await folder.run([...words, '--output', file])
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('already')])
  const nobody = await folder.run(['report', 'excursions', '--from', at(0), '--output', `${file}.2`])
  expect([nobody.code, nobody.err]).toEqual([2, expect.stringContaining('--place')])
  expect(existsSync(`${file}.2`)).toBe(false)
}, 60_000)

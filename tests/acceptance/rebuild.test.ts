import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { dataLayout } from '../../app/layout.ts'
import { rebuildReadings } from '../../app/rebuild/index.ts'
import { instantsIn, type NumberRun } from '../../store/readings/used-numbers.ts'
import { silentLog } from '../journal/stage.ts'
import { waitFor } from '../support/isotherm.ts'
import { logsTo } from '../support/logs.ts'
import { decideRules } from '../support/second-person.ts'
import { Stage } from '../support/stage.ts'

// Readings and findings are what the journal and the facts say: made anew, they are the same.

const MINUTE_MS = 60_000
const reason = 'as the log book says'
const stage = new Stage()
const { dataDir } = stage.folder
const file = join(dataDir, 'readings.sqlite')
const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 400 * MINUTE_MS
const at = (minute: number) => new Date(startMs + minute * MINUTE_MS).toISOString()
const derived = [
  'device',
  'series',
  'reading',
  'seq_use',
  'fault',
  'held',
  'device_state',
  'device_count',
  'last_message',
]
let before: Record<string, unknown>
let findings: unknown
let incidents: unknown
let acts = 0

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

/** What `isotherm rebuild` does, without its process. */
const rebuild = () =>
  rebuildReadings({
    layout: dataLayout(dataDir),
    holder: { pid: process.pid, host: 'here', startedAt: startMs },
    disk: nodeDisk(),
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    logs: logsTo(silentLog),
    onProgress: () => undefined,
  })

/** Rows of the file, table by table; used numbers one by one, since where their runs are cut is no content. */
function dump(tables: readonly string[]): Record<string, unknown> {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return Object.fromEntries(
      tables.map((table) => {
        const rows = database.prepare(`select * from ${table}`).all()
        const content = table === 'seq_use' ? rows.flatMap(usesIn) : rows
        return [table, content.map((row) => JSON.stringify(row)).toSorted()]
      }),
    )
  } finally {
    database.close()
  }
}

function usesIn(row: unknown): readonly object[] {
  const run = row as NumberRun & { readonly device: number; readonly boot: number }
  const { device, boot, seq } = run
  return instantsIn(run).map((at, nth) => ({ device, boot, seq: seq + nth, at }))
}

/** Findings as they stand, without when they were last looked at. */
function standing(): unknown {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return database.prepare('select id, open, start_ms, end_ms, json from finding order by id').all()
  } finally {
    database.close()
  }
}

function changeCount(): number {
  return (dump(['finding_change'])['finding_change'] as unknown[]).length
}

/** Number of the last change of findings that the incident desk has taken. */
function deskCursor(): number {
  const database = new DatabaseSync(join(dataDir, 'facts.sqlite'), { readOnly: true })
  try {
    return Number(database.prepare("select next from consumer where name = 'incidents'").get()?.['next'])
  } finally {
    database.close()
  }
}

/** True when ingest, judge, incident desk and the registration of sensors have taken everything there is. */
function isAtRest(): boolean {
  const cursors = new Map(
    (dump(['cursor'])['cursor'] as string[]).map((row) => {
      const { name, next } = JSON.parse(row) as { name: string; next: number }
      return [name, next]
    }),
  )
  const isJudged = cursors.get('judge') === cursors.get('ingest') && deskCursor() === changeCount()
  return isJudged && cursors.get('sensors') === (dump(['series'])['series'] as unknown[]).length
}

beforeAll(async () => {
  await stage.open()
  await post('organisations', { id: 'yixin', kind: 'distributor', name: '医药', demo: true })
  await post('sites', { id: 'depot', organisation: 'yixin', name: '仓库', zone: 'Asia/Shanghai' })
  const made = await post('devices', {
    id: 'logger',
    site: 'depot',
    kind: 'simulated',
    expectedIntervalSeconds: 1_800,
  })
  const since = { from: at(-60), reason }
  await post('places', { id: 'room', site: 'depot', kind: 'cold-room', name: '一号库', ...since })
  for (const sensor of ['a', 'b']) {
    await post('points', { id: sensor, place: 'room', name: sensor, role: 'air', ...since })
    await post('placements', { device: 'logger', sensor, point: sensor, ...since })
  }
  await post('recipients', { place: 'room', name: '值班', channel: 'console', language: 'en' })
  const pack = { pack: 'cn-gsp-storage', version: 1, organisation: 'yixin', from: at(-60) }
  await decideRules(stage, 'activations', pack)
  await tell(String(made['secret']))
  incidents = await stage.items('incidents')
  acts = (await stage.items('audit?limit=1000')).length
  await stage.running.stop()
  before = dump([...derived, 'finding_change'])
  findings = standing()
}, 90_000)
afterAll(() => stage.close())

/** Every kind of message: in order, late, repeated, completed, contradicted, held, without time, not understood. */
async function tell(secret: string): Promise<void> {
  const client = await stage.connect({ username: 'logger', password: secret })
  const publish = (payload: string, kind = 'readings') =>
    client.publishAsync(`isotherm/v1/logger/${kind}`, payload, { qos: 1 })
  let seq = 0
  const send = (sensor: string, minute: number, temperature: number, more: object = {}) =>
    publish(JSON.stringify({ at: at(minute), seq: (seq += 1), sensor, temperature, ...more }))
  for (let minute = 0; minute < 300; minute += 10) {
    await send('a', minute, minute >= 60 && minute < 120 ? 8.6 : 5 + (minute % 30) / 100)
    await send('b', minute, minute >= 200 && minute < 240 ? 1.4 : 4)
  }
  await send('a', 55, 8.7)
  await send('a', 125, 8.9)
  await publish(JSON.stringify({ at: at(10), seq: 3, sensor: 'a', temperature: 5.1 }))
  await publish(JSON.stringify({ at: at(20), seq: 5, sensor: 'a', humidity: 51.2 }))
  await publish(JSON.stringify({ at: at(300), seq: 5, sensor: 'a', temperature: 5 }))
  await publish(JSON.stringify([{ temperature: 4.2 }, { sensor: '!', temperature: 4 }, 7]))
  await publish(JSON.stringify({ at: at(145), seq: 900, sensor: 'a', temperature: -127 }))
  await publish('not json')
  await publish('{"status":"online","firmware":"1.2"}', 'status')
  await send('a', 310, 5)
  await send('b', 310, 4.1)
  const balanced = async () =>
    (await stage.get('devices/logger/balance'))['messages'] as { journalled: number; pending: number }
  await waitFor(async () => (await balanced()).pending === 0 && (await balanced()).journalled === 71, 10_000)
  const ids = async () => JSON.stringify((await stage.items('findings?place=room')).map(({ id }) => id))
  await waitFor(async () => (await stage.items('findings?open=true')).length === 0 && isAtRest(), 15_000)
  const all = await ids()
  const correction = { device: 'logger', sensor: 'a', at: at(0), reason }
  await post('placements/correct', { ...correction, to: at(90) })
  await waitFor(async () => (await ids()) !== all, 15_000)
  await post('placements/correct', { ...correction, to: null })
  await waitFor(
    // in this order: at rest while the second correction is not judged yet tells nothing
    async () => (await ids()) === all && isAtRest(),
    15_000,
    () => all,
  )
  await client.endAsync()
}

test('beside what is in use: every row and every finding is the same, and no change is told', async () => {
  const { code, out, err } = await stage.folder.run(['rebuild', '--json'])
  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toEqual({
    rebuilt: dataDir,
    records: 71,
    differences: [],
    findingChanges: 0,
    kept: null,
  })
  expect(dump([...derived, 'finding_change'])).toEqual(before)
  expect(standing()).toEqual(findings)
  expect((findings as unknown[]).length).toBeGreaterThan(2)
  expect(derived.filter((table) => (before[table] as unknown[]).length === 0)).toEqual([])
  expect(readdirSync(dataDir).filter((name) => name.startsWith('readings.sqlite.'))).toEqual([])
}, 60_000)

test('from nothing: the same, from the journal and the facts alone', async () => {
  for (const name of readdirSync(dataDir)) if (name.startsWith('readings.sqlite')) rmSync(join(dataDir, name))
  const lost = await stage.folder.run(['start', '--json'], {
    ISOTHERM_MQTT_PORT: '0',
    ISOTHERM_HTTP_PORT: '0',
  })
  expect([lost.code, JSON.parse(lost.out)]).toMatchObject([
    1,
    { code: 'store-damaged', remedy: expect.stringContaining('isotherm rebuild') as string },
  ])
  expect(existsSync(file)).toBe(false)
  // what a rebuild left that was killed
  writeFileSync(`${file}.rebuilding`, 'half of it')
  expect(await rebuild()).toMatchObject({ records: 71, differences: null, kept: null })
  expect(dump(derived)).toEqual(Object.fromEntries(derived.map((table) => [table, before[table]])))
  expect(standing()).toEqual(findings)
  expect(changeCount()).toBe((findings as unknown[]).length)
}, 60_000)

test('of a damaged file: it is kept, and the same comes of it', async () => {
  const bytes = readFileSync(file)
  bytes.fill(0xa5, 4_096, 8_192)
  writeFileSync(file, bytes)
  const kept = String((await rebuild()).kept)
  expect(readFileSync(kept).equals(bytes)).toBe(true)
  rmSync(kept)
  expect(dump(derived)).toEqual(Object.fromEntries(derived.map((table) => [table, before[table]])))
  expect(standing()).toEqual(findings)
}, 60_000)

test('of a file in which something else stands: what differs is told, corrected, and the old one kept', async () => {
  const database = new DatabaseSync(file)
  database.exec('update reading set temperature_milli_c = 9900 where seq = 1')
  database.exec('delete from reading where seq = 2')
  database.close()
  const answer = await rebuild()
  expect(answer.differences).toEqual([{ table: 'reading', changed: 1, added: 1, missing: 0 }])
  rmSync(String(answer.kept))
  expect(dump(derived)).toEqual(Object.fromEntries(derived.map((table) => [table, before[table]])))
}, 60_000)

test('without its journal nothing is rebuilt, and nothing is changed', async () => {
  const bytes = readFileSync(file)
  const segment = join(dataDir, 'journal', 'readings', '00000000000000000000.seg')
  const journal = readFileSync(segment)
  rmSync(segment)
  await expect(rebuild()).rejects.toMatchObject({ code: 'journal-cursor-beyond-end' })
  expect(readFileSync(file).equals(bytes)).toBe(true)
  writeFileSync(segment, journal)
}, 60_000)

test('while Isotherm runs it is refused; started after it, nobody is called and it goes on', async () => {
  expect(deskCursor()).toBe(0)
  await stage.restart()
  const refused = await stage.folder.run(['rebuild', '--json'])
  expect([refused.code, JSON.parse(refused.out)]).toMatchObject([2, { code: 'data-directory-locked' }])
  // the incident desk goes through all changes again
  await waitFor(() => deskCursor() === changeCount(), 10_000)
  expect(await stage.items('incidents')).toEqual(incidents)
  const now = await stage.items('audit?limit=1000')
  // each start tells who keeps its clock right
  expect(now.slice(acts).filter(({ kind }) => kind !== 'watch.report')).toEqual([])
  expect(stage.running.output()).not.toContain('ALARM')
}, 60_000)

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { dataLayout } from '../../app/layout.ts'
import { journalOutlook, trimJournal } from '../../app/retention/index.ts'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { openJournal } from '../../journal/index.ts'
import { silentLog } from '../journal/stage.ts'
import { IsothermFolder, waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

// Records that need not be kept any more are removed from the journal, and nothing else is lost by it.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const stage = new Stage()
const { folder } = stage
const layout = dataLayout(folder.dataDir)
const restored = new IsothermFolder()
const scratch = mkdtempSync(join(tmpdir(), 'iso-trim-'))
const nowMs = Date.now()
const reason = 'five years are over'
/** Four segments: of 2017, of 2018, of 2019 on, and of the last hours. */
const begins = [Date.UTC(2017, 2, 1), Date.UTC(2018, 2, 1), Date.UTC(2019, 2, 1), nowMs - 4 * HOUR_MS]
const RECORDS = 256 * 3 + 60
let secret = ''
/** What `devices/logger/balance` says with the stage stopped. */
let balance: unknown

/** What a gateway has received over the years: a reading a minute, now and then one that is held. */
async function years(): Promise<void> {
  const parts = { disk: nodeDisk(), clock: systemClock, random: systemRandom, log: silentLog }
  const journal = await openJournal({
    directory: layout.journal,
    ...parts,
    segmentBytesMax: 1,
    spaceReserve: { share: 0, bytes: 0 },
  })
  const topic = publishTopic('logger', 'readings')
  const record = (index: number) => {
    const receivedAtMs = (begins[Math.floor(index / 256)] ?? 0) + (index % 256) * MINUTE_MS
    const reading = { at: receivedAtMs - 1_000, seq: index + 1, temperature: index % 50 === 7 ? 327.67 : 4 }
    const payload = Buffer.from(JSON.stringify(reading))
    return encodeRecord({ receivedAtMs, deviceId: 'logger', channel: 'mqtt', topic, qos: 1, payload })
  }
  await Promise.all(Array.from({ length: RECORDS }, async (_, index) => journal.append(record(index))))
  await journal.close()
}

const outlook = (clockMs = nowMs) =>
  journalOutlook({
    layout,
    disk: nodeDisk(),
    clock: { ...systemClock, nowMs: () => clockMs },
    consumers: ['ingest', 'census', 'judge'],
  })
const firstRecord = async () => (await outlook())[0]?.first
/** Exit code and last line of a command. */
const run = async (words: readonly string[], at = folder) => {
  const { code, out } = await at.run([...words, '--json'])
  return [code, JSON.parse(out.trim().split('\n').at(-1) ?? '') as unknown] as const
}
const trim = ['journal', 'trim', '--reason', reason, '--yes']
const balanceOf = (at = folder) => at.json(['device', 'balance', 'logger'])
const readings = () => readFileSync(layout.readings)

beforeAll(async () => {
  await stage.open()
  const since = ['--accept-from', '2017-01-01T00:00:00Z']
  const made = await folder.json(['device', 'create', 'logger', '--site', 'clinic', '--simulated', ...since])
  secret = String(made['secret'])
  await stage.running.stop()
  await years()
  await stage.restart()
  await waitFor(async () => (await outlook())[0]?.keptBy.kind === 'nothing', 20_000)
  await stage.running.stop()
  balance = await balanceOf()
  cpSync(layout.journal, join(scratch, 'journal'), { recursive: true })
  await stage.restart()
}, 120_000)

afterAll(async () => {
  await stage.close()
  await restored.remove()
  rmSync(scratch, { recursive: true, force: true })
})

test('the list says of each segment what is in it and what keeps it, while Isotherm runs', async () => {
  const items = (await folder.json(['journal', 'list'])) as unknown as Record<string, unknown>[]
  const text = (ms: number) => new Date(ms).toISOString()
  expect(items.map(({ bytes, ...item }) => [Number(bytes) > 1_000, item])).toEqual([
    [
      true,
      {
        first: 0,
        records: 256,
        receivedFrom: '2017-03-01T00:00:00.000Z',
        receivedUntil: '2018-03-01T00:00:00.000Z',
        mayGoAfter: '2023-03-01T00:00:00.000Z',
        keptBy: null,
      },
    ],
    [true, expect.objectContaining({ first: 256, mayGoAfter: '2024-03-01T00:00:00.000Z', keptBy: null })],
    [true, expect.objectContaining({ first: 512, receivedUntil: text(begins[3] ?? 0), keptBy: '5 years' })],
    [
      true,
      {
        first: 768,
        records: null,
        receivedFrom: text(begins[3] ?? 0),
        receivedUntil: null,
        mayGoAfter: null,
        keptBy: 'it is the newest',
      },
    ],
  ])
  const table = await folder.run(['journal', 'list'])
  expect(table.out.split('\n')[0]).toMatch(/^first +records +bytes +receivedFrom/)
})

test('a lot in reach keeps what came since it did, until five years after its last day', async () => {
  const since = { from: new Date(nowMs - 5 * HOUR_MS).toISOString(), reason }
  await stage.post('places', { id: 'room', site: 'clinic', kind: 'refrigerator', name: '冰箱', ...since })
  const label = { rangeMin: 2, rangeMax: 8, freezeSensitive: true, lightSensitive: false }
  await stage.post('products', { id: 'bcg', name: '卡介苗', ...label })
  const lot = { id: 'l-1', product: 'bcg', number: '1', maker: '生物所', expiresOn: '2035-10-31' }
  await stage.post('lots', lot)
  const receipt = { kind: 'receive', place: 'room', quantity: 10, reason }
  await stage.post('lots/l-1/custody', { ...receipt, at: new Date(nowMs - 4.5 * HOUR_MS).toISOString() })
  const keeper = async (text: string) => (await outlook(Date.parse(text)))[2]
  const mayGoAfterMs = Date.UTC(2040, 10, 1, 12)
  expect(await keeper('2040-11-01T12:00:00Z')).toMatchObject({
    mayGoAfterMs,
    keptBy: { kind: 'lot', lot: 'l-1' },
  })
  expect(await keeper('2040-11-01T12:00:00.001Z')).toMatchObject({ keptBy: { kind: 'nothing' } })
  // and not what came before it did
  expect((await outlook())[1]).toMatchObject({ keptBy: { kind: 'nothing' } })
})

test('what would go is told first; nothing goes without --yes and a reason, nor while Isotherm runs', async () => {
  const goes = { removed: false, segments: 2, records: 512, firstKept: 512, act: null }
  const [code, told] = await run(['journal', 'trim', '--dry-run'])
  expect([code, told]).toEqual([
    0,
    { ...goes, bytes: expect.any(Number) as number, receivedUntil: '2019-03-01T00:00:00.000Z' },
  ])
  expect(await run(['journal', 'trim', '--reason', reason])).toMatchObject([2, { code: 'bad-request' }])
  expect(await run(['journal', 'trim', '--yes'])).toMatchObject([2, { code: 'bad-request' }])
  expect(await run(trim)).toMatchObject([2, { code: 'data-directory-locked' }])
  expect(await firstRecord()).toBe(0)
})

test('stopped, they go: an act answers for it, and the doctor and the list tell of it', async () => {
  await stage.running.stop()
  const [code, told] = await run(trim)
  expect([code, told]).toMatchObject([0, { removed: true, segments: 2, records: 512, firstKept: 512 }])
  const acts = (await folder.json(['audit', 'list', '--kind', 'journal.trim'])) as unknown as {
    new: object
  }[]
  expect(acts).toMatchObject([
    {
      seq: (told as { act: number }).act,
      subject: 'log:readings',
      reason,
      actor: expect.stringMatching(/^local:/) as string,
      new: { firstKept: 512, records: 512, segments: 2, receivedUntil: '2019-03-01T00:00:00.000Z' },
    },
  ])
  expect(readdirSync(layout.journal)).toEqual([
    '00000000000000000512.seg',
    '00000000000000000768.seg',
    'trimmed.json',
  ])
  expect((await outlook()).map(({ first }) => first)).toEqual([512, 768])
  const { out } = await folder.run(['doctor', '--json'])
  const findings = JSON.parse(out) as { check: string }[]
  expect(findings.find(({ check }) => check === 'journal')).toMatchObject({
    state: 'ok',
    found: expect.stringContaining('begins with record 512; those before') as string,
  })
  expect(await run(trim)).toEqual([
    0,
    { removed: false, segments: 0, records: 0, bytes: 0, receivedUntil: null, firstKept: null, act: null },
  ])
})

test('every reading and every count is as before, and it goes on; of a removed record it says so', async () => {
  expect(await balanceOf()).toEqual(balance)
  await stage.restart()
  const client = await stage.connect({ username: 'logger', password: secret })
  const reading = { at: new Date(nowMs).toISOString(), seq: 5_000, temperature: 5 }
  await client.publishAsync('isotherm/v1/logger/readings', JSON.stringify(reading), { qos: 1 })
  await client.endAsync()
  const counts = async () =>
    (await stage.get('devices/logger/balance')) as {
      messages: Record<string, number>
      balanced: boolean
    }
  await waitFor(
    async () => {
      const { messages } = await counts()
      return messages['journalled'] === RECORDS + 1 && messages['pending'] === 0
    },
    10_000,
    () => stage.running.output(),
  )
  expect((await counts()).balanced).toBe(true)
  const old = await stage.items('readings?sensor=logger&from=2017-03-01T00:00:00Z&to=2017-03-01T00:10:00Z')
  expect(old.length).toBeGreaterThan(5)
  // what is held of it is still listed, and cannot be shown whole any more
  const held = await stage.items('held?device=logger&reason=impossible-value&limit=100')
  const index = Math.min(...held.map(({ position }) => (position as { index: number }).index))
  expect(index).toBe(7)
  expect(await run(['held', 'show', 'logger', '7'])).toMatchObject([1, { code: 'journal-trimmed' }])
  expect(await run(['held', 'show', 'logger', '557'])).toMatchObject([0, { index: 557 }])
  await stage.running.stop()
  balance = await balanceOf()
}, 60_000)

test('a backup has it as it is, and a restored one goes on from it', async () => {
  const backup = join(scratch, 'backup')
  await folder.json(['backup', '--to', backup])
  const manifest = JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8')) as {
    manifest: number
    files: { path: string }[]
  }
  expect(manifest.manifest).toBe(2)
  expect(manifest.files.map(({ path }) => path)).toContain('journal/readings/trimmed.json')
  rmSync(restored.dataDir, { recursive: true })
  const answer = await restored.json(['restore', '--from', backup])
  expect(answer).toMatchObject({ records: RECORDS + 1, behind: 0, balanced: true })
  expect(await balanceOf(restored)).toEqual(balance)
  const [first] = (await restored.json(['journal', 'list'])) as unknown as { first: number }[]
  expect(first?.first).toBe(512)
}, 60_000)

test('a rebuild is refused, for it would lose readings, until the segments are put back', async () => {
  const before = readings()
  expect(await run(['rebuild'])).toMatchObject([
    1,
    { code: 'journal-trimmed', what: expect.stringContaining('Record 0') as string },
  ])
  expect(readings().equals(before)).toBe(true)
  expect(readdirSync(folder.dataDir).filter((name) => name.includes('rebuilding'))).toEqual([])
  for (const name of ['00000000000000000000.seg', '00000000000000000256.seg'])
    cpSync(join(scratch, 'journal', name), join(layout.journal, name))
  expect(await run(['rebuild'])).toMatchObject([0, { records: RECORDS + 1, differences: [], kept: null }])
  expect(await balanceOf()).toEqual(balance)
}, 60_000)

test('what is interrupted has its act, opens, and is done by the next', async () => {
  const real = nodeDisk()
  let removals = 0
  const failing = {
    ...real,
    remove: (path: string) =>
      (removals += 1) === 2 ? Promise.reject(new Error('pulled')) : real.remove(path),
  }
  const parts = { layout, disk: failing, clock: systemClock, random: systemRandom, log: silentLog, reason }
  const interrupted = trimJournal({
    ...parts,
    holder: { pid: process.pid, host: 'here', startedAt: nowMs },
    actor: { kind: 'local', id: 'tests' },
    consumers: ['ingest', 'census', 'judge'],
  })
  await expect(interrupted).rejects.toMatchObject({ code: 'journal-unavailable' })
  expect(await firstRecord()).toBe(256)
  expect(await run(trim)).toMatchObject([0, { removed: true, segments: 1, records: 256, firstKept: 512 }])
  expect(await firstRecord()).toBe(512)
  const acts = (await folder.json(['audit', 'list', '--kind', 'journal.trim'])) as unknown as object[]
  expect(acts).toMatchObject([
    { new: { segments: 2 } },
    { new: { segments: 2 }, actor: 'local:tests' },
    { new: { segments: 1 } },
  ])
}, 60_000)

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEMO_SCRIPT, Problem } from '../../domain/index.ts'
import { openFacts, registerSensors } from '../../store/index.ts'
import { factTables } from '../../store/facts/schema.ts'
import { copyActs, readAuditLog } from '../support/audit-log.ts'
import { lastingRows, rebuildFacts } from '../support/rebuilt-facts.ts'
import { furnish, reason } from '../store/facts/rooms.ts'
import { FactsHarness, HOUR_MS, LI, START_MS } from '../store/facts/setup.ts'
import { prepareWalk } from '../store/facts/walk-places.ts'
import { walk } from '../store/facts/walk.ts'
import { carryOut, steps } from './facts-steps.ts'
import { incidentDoer, incidentDoings } from './incident-steps.ts'

const RUNS = Number(process.env['RUNS'] ?? 4)
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-audit-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const instant = fc.integer({ min: -12, max: 0 }).map((hours) => START_MS + hours * HOUR_MS)
const room = fc.constantFrom('room', 'shelf', 'box', 'fridge')
/** One thing somebody does with places and stock. */
const roomSteps = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'place',
      'place',
      'correct',
      'end',
      'duty',
      'receive',
      'move',
      'rules',
      'check',
      'claim',
      'retire',
    ),
    device: fc.constantFrom('d-1', 'd-2', 'd-3'),
    point: fc.constantFrom('room-1', 'room-2', 'shelf-1'),
    from: room,
    to: room,
    duty: fc.constantFrom('empty', 'loading', 'defrost'),
    atMs: instant,
    fromMs: instant,
  }),
  { maxLength: 25, size: 'max' },
)
type RoomStep = typeof roomSteps extends fc.Arbitrary<(infer One)[]> ? One : never

async function furnished(harness: FactsHarness, step: RoomStep): Promise<void> {
  const { kind, device, point, from, to, duty, atMs, fromMs } = step
  const sensor = { device, sensor: 'main', reason }
  const stock = { lot: 'l-1', quantity: 3, atMs, reason }
  const pack = { pack: 'who', version: 1, organisation: 'clinic', fromMs, reason }
  const done = {
    place: () => harness.do('placement.start', { ...sensor, point, fromMs }),
    correct: () => harness.do('placement.correct', { ...sensor, point, atMs, fromMs }),
    end: () => harness.do('placement.end', { ...sensor, atMs }),
    duty: () => harness.do('duty.set', { place: from, duty, fromMs, reason }),
    receive: () => harness.do('custody.receive', { ...stock, place: from }),
    move: () => harness.do('custody.move', { ...stock, from, to }),
    rules: () => harness.do('rules.activate', pack),
    check: () => harness.do('place.check', { place: from }),
    claim: () => harness.do('place.check', { place: 'toy', claimedAtMs: fromMs }, DEMO_SCRIPT),
    retire: () => harness.do('place.retire', { id: from, reason }),
  }[kind]
  try {
    await done()
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === 'internal') throw thrown
  }
}

test('the facts come back from the audit log, row by row and number by number', async () => {
  let run = 0
  /** Acts after which the process ends and starts again. */
  const pause = fc.integer({ min: 1, max: 20 })
  const story = fc.asyncProperty(
    steps,
    roomSteps,
    incidentDoings,
    pause,
    async (people, rooms, alarms, every) => {
      run += 1
      const directory = join(folder, `log-${run}`)
      const harness = await FactsHarness.open()
      try {
        await harness.city()
        await furnish(harness)
        const doAlarm = await incidentDoer(harness)
        let copied = 0
        const copy = async (): Promise<void> => {
          copied = harness.count('audit')
          await copyActs({ directory, facts: harness.path, until: copied })
        }
        const works = [
          ...people.map((step) => () => carryOut(harness, step)),
          ...rooms.map((step) => () => furnished(harness, step)),
          ...alarms.map((doing) => () => doAlarm(doing)),
        ]
        for (const work of works) {
          await work()
          if (harness.count('audit') >= copied + every) await copy()
        }
        await copy()
        const records = await readAuditLog(directory)
        const path = join(folder, `facts-${run}.sqlite`)
        await rebuildFacts(records, path)
        const original = lastingRows(harness.path)
        expect(lastingRows(path)).toEqual(original)
        expect(records.map(({ seq }) => seq)).toEqual(original['audit']?.map((row) => row['seq']))
        await goesOn(path, harness)
      } finally {
        await harness.close()
      }
    },
  )
  await fc.assert(story, { numRuns: RUNS, ...seed })
}, 120_000)

test('every command there is leaves something in the log, and every fact table comes back from it', async () => {
  const directory = join(folder, 'log')
  const path = join(folder, 'facts.sqlite')
  const harness = await FactsHarness.open()
  try {
    await prepareWalk(harness, harness.facts)
    for (const carryOutOne of Object.values(walk(harness, new Map()))) await carryOutOne()
    // sensors come with readings, by no command
    await registerSensors(harness.facts, LI, [{ device: 'd-1', name: 'main', sinceMs: START_MS }])
    await copyActs({ directory, facts: harness.path, until: harness.count('audit') })
    await rebuildFacts(await readAuditLog(directory), path)
    const original = lastingRows(harness.path)
    expect(factTables.filter((table) => original[table]?.length === 0)).toEqual([])
    expect(lastingRows(path)).toEqual(original)
    await goesOn(path, harness)
  } finally {
    await harness.close()
  }
})

/** What was rebuilt can be opened and shows the same facts, but for what the log does not carry. */
async function goesOn(path: string, harness: FactsHarness): Promise<void> {
  const facts = await openFacts({ path, clock: harness.clock })
  try {
    const hidden = { name: '', sha256: '', address: '' }
    const shown = async (from: typeof facts) => {
      const { version, rows } = await from.snapshot()
      const known = rows.filter(({ table }) => table !== 'session')
      return {
        version,
        rows: known.map(({ table, row }) =>
          ['user', 'key', 'device_secret', 'recipient'].includes(table)
            ? { table, row: { ...row, ...hidden } }
            : { table, row },
        ),
      }
    }
    expect(await shown(facts)).toEqual(await shown(harness.facts))
  } finally {
    await facts.close()
  }
}

test('no name of a person or key, no secret and no hash is in the log', async () => {
  const directory = join(folder, 'log')
  const harness = await FactsHarness.open()
  try {
    await harness.city()
    const { secret } = await harness.do('device.create', { id: 'd-1', site: 'ward', kind: 'real' })
    const hash = `scrypt$32768$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}`
    await harness.do('user.create', { name: 'wang.lina', passwordHash: hash })
    const key = await harness.do('key.create', { name: '王莉娜的钥匙', organisation: 'cdc', role: 'viewer' })
    await copyActs({ directory, facts: harness.path, until: harness.count('audit') })
    const text = JSON.stringify(await readAuditLog(directory))
    const hashes = harness.rows('select sha256 as text from device_secret union select sha256 from "key"')
    expect(hashes).toHaveLength(2)
    const never = [
      'wang.lina',
      '王莉娜',
      hash,
      secret,
      key.secret,
      ...hashes.map((row) => String(row['text'])),
    ]
    expect(never.filter((each) => text.includes(each))).toEqual([])
    // while what things are called is there
    for (const each of ['市疾控', '接种室', key.key.id]) expect(text).toContain(each)
  } finally {
    await harness.close()
  }
})

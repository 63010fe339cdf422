import { afterEach, beforeEach, expect, test } from 'vitest'
import { SeededRandom } from '../support/seeded-random.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, START_MS } from './judge-stage.ts'

/** Of each sensor, two a minute: together more than one turn is about. */
const READINGS = 12_000
const READINGS_PER_MESSAGE_MAX = 800
const MINUTES = READINGS / 2
const TEST_MS_MAX = 60_000
/** Sums and records too far apart are judged too. */
const packs = ['isotherm-day-sum', 'cn-gsp-cadence']

interface Message {
  readonly sensor: 'a' | 'b'
  readonly rows: readonly (readonly [minute: number, celsius: number | null])[]
}

let stages: JudgeStage[] = []
beforeEach(() => {
  stages = []
})
afterEach(async () => {
  for (const stage of stages) await stage.close()
})

async function opened(): Promise<JudgeStage> {
  const stage = await openJudgeStage(START_MS + (MINUTES + 60) * MINUTE_MS)
  stages.push(stage)
  for (const pack of packs) {
    const activation = { pack, version: 1, organisation: 'o', fromMs: START_MS, reason: 'tested' }
    await stage.command('rules.activate', activation)
  }
  await stage.settled()
  return stage
}

/** Hours in range, minutes that are not, faults and gaps; some messages come late, or before one that is older. */
function messagesOf(random: SeededRandom): readonly Message[] {
  const messages: Message[] = []
  for (const sensor of ['a', 'b'] as const) {
    let rows: [number, number | null][] = []
    let [celsius, left, size]: [number | null, number, number] = [5, 0, 1]
    for (let nth = 0; nth < READINGS; nth += 1) {
      if (left === 0) {
        celsius = random.oneIn(3) ? ([9, 1, null, 8.5][random.below(4)] ?? null) : 5
        left = 1 + random.below(celsius === 5 ? 400 : 120)
      }
      left -= 1
      if (!random.oneIn(50)) rows.push([nth / 2, celsius])
      if (rows.length < size && nth < READINGS - 1) continue
      messages.push({ sensor, rows })
      rows = []
      size = 1 + random.below(READINGS_PER_MESSAGE_MAX)
      nth += random.oneIn(8) ? random.below(200) : 0
    }
  }
  const firstMinute = ({ rows }: Message): number => rows[0]?.[0] ?? 0
  return messages
    .map((message) => ({
      message,
      atMinute: firstMinute(message) + (random.oneIn(6) ? random.below(900) : 0),
    }))
    .toSorted((one, other) => one.atMinute - other.atMinute)
    .map(({ message }) => message)
}

/** The clock goes on, so that it is known who was heard; then everything is judged as of one instant. */
async function findingsOf(stage: JudgeStage): Promise<string> {
  await stage.settled()
  stage.pass(6)
  await stage.settled()
  expect(stage.errors).toEqual([])
  return stage.json()
}

test.each([1, 2])(
  'a backlog at once is judged as what is judged as it comes, seed %i',
  async (seed) => {
    const random = new SeededRandom(seed)
    const messages = messagesOf(random)
    const kept = await opened()
    for (const { sensor, rows } of messages) {
      kept.take(sensor, rows)
      await kept.settled()
    }
    const behind = await opened()
    const waiting = Math.floor(messages.length * 0.8)
    for (const { sensor, rows } of messages.slice(0, waiting)) behind.take(sensor, rows)
    for (const { sensor, rows } of messages.slice(waiting)) {
      if (random.oneIn(2)) await behind.clock.sleep(random.below(20))
      behind.take(sensor, rows)
      if (random.oneIn(4)) await behind.restart()
    }
    const found = await findingsOf(behind)
    expect(behind.findings.allFindings().length).toBeGreaterThan(10)
    expect(found).toBe(await findingsOf(kept))
  },
  TEST_MS_MAX,
)

test('the further the judge is behind, the more rows one look at a point is about', async () => {
  const stage = await opened()
  const { turns, judged } = stage.numbers()
  const messages = 200
  for (let nth = 0; nth < messages; nth += 1) {
    const rows = Array.from({ length: 20 }, (_, age): [number, number] => [nth * 20 + age, 5])
    stage.take(nth % 2 === 0 ? 'a' : 'b', rows)
  }
  await stage.settled()
  const after = stage.numbers()
  expect(after.judged - judged).toBe(2)
  expect(after.turns - turns).toBe(1)
})

test('however much one look is about, what was found is told before all of it is judged', async () => {
  const stage = await opened()
  const { turns } = stage.numbers()
  const commits: unknown[] = []
  const transact = stage.store.transactInTurn.bind(stage.store)
  stage.take('a', [
    [0, 5],
    [10, 12],
    [40, 12],
  ])
  stage.take('b', [[0, 5]])
  stage.store.transactInTurn = async (job, commit) => {
    const result = await transact(job, commit)
    commits.push([stage.findings.openAt('room').length > 0, stage.reads.cursor('judge')])
    return result
  }
  stage.slow(200)
  await stage.settled()
  expect(stage.numbers().turns - turns).toBe(1)
  expect(commits).toEqual([
    [true, 0],
    [true, 2],
  ])
})

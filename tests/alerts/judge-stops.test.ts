import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CanonicalTransaction, PointOutcome } from '../../store/index.ts'
import { openCadenceStage } from './cadence-stage.ts'
import { MINUTE_MS, START_MS } from './judge-stage.ts'

const reason = 'tested'
let stage: Awaited<ReturnType<typeof openCadenceStage>>
beforeEach(async () => {
  stage = await openCadenceStage()
})
afterEach(() => stage.close())

function told(): readonly string[] {
  return stage.findings.changesAfter(0, 1_000).map(({ kind, finding }) => `${kind} ${finding.kind}`)
}

test('what is open stands over every start, also beside a point that no rule is about', async () => {
  const evaporator = { id: 'p-3', place: 'room', name: 'p-3', role: 'evaporator' } as const
  await stage.command('point.create', { ...evaporator, fromMs: START_MS, reason })
  await stage.settled()
  stage.send(10, ['a', 'b'])
  await stage.passTo(12)
  await stage.restart()
  await stage.settled()
  for (let minute = 13; minute <= 50; minute += 1) {
    stage.send(minute, ['b'])
    await stage.passTo(minute)
  }
  const once = ['opened cadence', 'opened silence']
  expect(told().toSorted()).toEqual(once)
  for (const minute of [51, 52]) {
    await stage.restart()
    await stage.settled()
    stage.send(minute, ['b'])
    await stage.passTo(minute)
    expect(told().toSorted()).toEqual(once)
  }
})

/** The store takes the next outcome with changes for one it has no room for. */
function failOnce(): void {
  const { store } = stage
  const transact = store.transactInTurn.bind(store)
  let hasFailed = false
  const failing = (tx: CanonicalTransaction): CanonicalTransaction => ({
    ...tx,
    savePointOutcome: (outcome: PointOutcome) => {
      if (!hasFailed && outcome.changes.length > 0) {
        hasFailed = true
        throw new Error('the disk is full')
      }
      tx.savePointOutcome(outcome)
    },
  })
  store.transactInTurn = (job) => transact((tx) => job(failing(tx)))
}

test('what had to wait until it was known what came is told although it could not be written at once', async () => {
  stage.send(10, ['a', 'b'])
  await stage.passTo(20)
  stage.advance(60 * MINUTE_MS)
  await stage.restart()
  stage.send(81, ['a', 'b'])
  for (const age of [11, 21, 31, 41, 51, 61]) stage.send(81, ['b'], age)
  await stage.passTo(81)
  stage.send(84, ['a', 'b'])
  await stage.passTo(84)
  failOnce()
  stage.pass(3)
  await expect.poll(() => stage.errors.length).toBe(1)
  // it is tried again after ten seconds; b is heard first then
  stage.send(88, ['b'])
  stage.pass(1)
  await stage.settled()
  expect(stage.rows()).toContain('p-1 cn-gsp-cadence/interval 10-81 confirmed')
}, 30_000)

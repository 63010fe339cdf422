import { afterEach, expect, test } from 'vitest'
import { startClockWatch } from '../../app/core/watch/clock.ts'
import { clockSync, type ClockSync } from '../../app/doors/clock-sync.ts'
import { Problem } from '../../domain/index.ts'
import { StepClock } from '../support/step-clock.ts'

const T0 = 1_795_392_000_000
const HOUR_MS = 3_600_000

/** A wall clock that may be set, and run fast, over a monotonic one. */
class SettableClock extends StepClock {
  aheadMs = 0
  fast = 1

  override nowMs(): number {
    return T0 + Math.round((super.nowMs() - T0) * this.fast) + this.aheadMs
  }
}

let clock: SettableClock
let watch: ReturnType<typeof startClockWatch>
let reports: unknown[]
afterEach(() => watch.stop())

async function start(ask: () => Promise<ClockSync>, refuses = false): Promise<void> {
  clock = new SettableClock(T0)
  reports = []
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  watch = startClockWatch({
    ask,
    clock,
    log: quiet,
    commands: {
      command: async (_, actor, input) => {
        if (refuses)
          throw new Problem('core-unavailable', { what: 'The disk is full.', remedy: 'Free space.' })
        reports.push([actor.id, input])
        return { act: 1 } as never
      },
    },
  })
  // until it sleeps
  await new Promise(setImmediate)
}

const step = (stepMs: number): unknown => [
  'core',
  { kind: 'clock.step', subject: 'clock:server', found: { stepMs } },
]
const state = (synchronised: string): unknown => [
  'core',
  { kind: 'clock.state', subject: 'clock:server', found: { synchronised, toldBy: 'chronyc' } },
]

test.each([600_000, -600_000, 1_000])('a clock set by %i ms is told once', async (stepMs) => {
  await start(async () => ({ synchronised: 'yes', toldBy: 'chronyc' }))
  await clock.advance(30_000)
  clock.aheadMs += stepMs
  await clock.advance(HOUR_MS / 2)
  expect(reports).toEqual([state('yes'), step(stepMs)])
  expect(watch.status()).toMatchObject({ steps: 1, lastStep: { stepMs } })
})

test('a clock that runs fast, as one does that is being corrected, was not set', async () => {
  await start(async () => ({ synchronised: 'yes', toldBy: 'chronyc' }))
  clock.fast = 1.08
  await clock.advance(1)
  await clock.advance(HOUR_MS / 2)
  expect(reports).toEqual([state('yes')])
  expect(watch.status()).toMatchObject({ steps: 0, lastStep: null })
})

test('who keeps it right is asked at the start and each hour, and told when the answer is another', async () => {
  const answers = ['no', 'no', 'yes'] as const
  let asked = 0
  await start(async () => ({ synchronised: answers[Math.min(asked++, 2)] ?? 'yes', toldBy: 'chronyc' }))
  await clock.advance(4 * HOUR_MS)
  expect(reports).toEqual([state('no'), state('yes')])
  expect(asked).toBe(5)
  expect(watch.status()).toMatchObject({ synchronised: 'yes', toldBy: 'chronyc' })
})

test('where nobody can tell, that is told once and not each hour', async () => {
  await start(async () => ({ synchronised: 'unknown', toldBy: 'nobody' }))
  await clock.advance(4 * HOUR_MS)
  const found = { synchronised: 'unknown', toldBy: 'nobody' }
  expect(reports).toEqual([['core', { kind: 'clock.state', subject: 'clock:server', found }]])
})

test('an audit trail that cannot be written leaves the status', async () => {
  await start(async () => ({ synchronised: 'yes', toldBy: 'chronyc' }), true)
  await clock.advance(20_000)
  clock.aheadMs += 5_000
  await clock.advance(20_000)
  expect(watch.status()).toMatchObject({ synchronised: 'yes', steps: 1 })
})

test('this machine answers, whatever it has', async () => {
  await start(clockSync)
  expect(['yes', 'no', 'unknown']).toContain((await clockSync()).synchronised)
})

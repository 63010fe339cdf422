import { expect, test } from 'vitest'
import { restingClock } from '../../app/core/influx/resting-clock.ts'

test('others run once there was work for a while, and not after every piece of it', async () => {
  let nowMs = 1_000
  const slept: number[] = []
  const clock = restingClock({
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms) => {
      slept.push(ms)
      // what the others do meanwhile is no work of ours
      nowMs += 500
    },
  })
  for (let piece = 0; piece < 25; piece += 1) {
    nowMs += 1
    await clock.sleep(0)
  }
  expect(slept).toEqual([0, 0])
  await clock.sleep(7)
  await clock.sleep(0)
  expect(slept).toEqual([0, 0, 7])
})

test('while others are busy a fifth of the time is ours, whatever they do in theirs', async () => {
  let nowMs = 0
  let isBusy = true
  const clock = restingClock(
    {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms
      },
    },
    () => isBusy,
  )
  for (let piece = 0; piece < 1_000; piece += 1) {
    nowMs += 7
    await clock.sleep(0)
  }
  expect(clock.workedMs()).toBe(7_000)
  expect(clock.workedMs() / nowMs).toBeLessThanOrEqual(1 / 5)
  // what passed before we began was somebody else's: neither work nor paid for
  nowMs += 60_000
  clock.begin()
  const beganMs = nowMs
  await clock.sleep(0)
  expect([clock.workedMs(), nowMs]).toEqual([7_000, beganMs])
  isBusy = false
  nowMs += 11
  await clock.sleep(0)
  expect(nowMs).toBe(beganMs + 11)
})

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

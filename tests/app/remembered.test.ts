import { expect, test } from 'vitest'
import { Remembered } from '../../app/core/numbers/remembered.ts'
import { StepClock } from '../support/step-clock.ts'

const memory = { forMs: 1_000, patienceMs: 200 }

test('an answer stands for its time, counted from when it was there', async () => {
  const clock = new StepClock(0)
  let made = 0
  const remembered = new Remembered(clock, memory, async () => {
    await clock.sleep(500)
    return (made += 1)
  })
  const first = Promise.all([remembered.get(), remembered.get()])
  await clock.advance(500)
  expect(await first).toEqual([1, 1])
  await clock.advance(999)
  expect(await remembered.get()).toBe(1)
  expect(clock.sleeping).toBe(0)
})

test('while a new one takes long the one before is told, and none is begun beside it', async () => {
  const clock = new StepClock(0)
  let begun = 0
  const remembered = new Remembered(clock, memory, async () => {
    const mine = (begun += 1)
    if (mine > 1) await clock.sleep(10_000)
    return mine
  })
  expect(await remembered.get()).toBe(1)
  await clock.advance(1_000)
  for (let times = 0; times < 3; times += 1) {
    const told = remembered.get()
    await clock.advance(200)
    expect(await told).toBe(1)
  }
  expect(begun).toBe(2)
  await clock.advance(10_000)
  expect(await remembered.get()).toBe(2)
})

test('a quick new one is waited for, and one that failed is made again', async () => {
  const clock = new StepClock(0)
  let made = 0
  const remembered = new Remembered(clock, memory, async () => {
    made += 1
    if (made === 2) throw new Error('no disk')
    await clock.sleep(100)
    return made
  })
  const first = remembered.get()
  await clock.advance(100)
  expect(await first).toBe(1)
  await clock.advance(1_000)
  await expect(remembered.get()).rejects.toThrow('no disk')
  const third = remembered.get()
  await clock.advance(100)
  expect(await third).toBe(3)
})

import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { type JudgeStage, MINUTE_MS, openJudgeStage, sameAfterRebuild, START_MS } from './judge-stage.ts'

let stage: JudgeStage | undefined
afterEach(async () => {
  await stage?.close()
  stage = undefined
})

const reading = (minute: number, temperature: number) => {
  return { at: START_MS + minute * MINUTE_MS, seq: minute, sensor: 'a', temperature }
}
const warm = (found: JudgeStage): unknown[] =>
  found.findings
    .allFindings()
    .filter(({ rule }) => rule === 'cn-gsp-storage/warm-range')
    .map(({ startMs, endMs, open }) => [
      (startMs - START_MS) / MINUTE_MS,
      endMs === null ? null : (endMs - START_MS) / MINUTE_MS,
      open,
    ])

test('what rested on a value that is decided against is withdrawn, and there again when it is decided back', async () => {
  stage = await openJudgeStage()
  for (const minute of [5, 10, 15, 20, 25, 30]) {
    stage.receive(minute, [reading(minute, minute === 15 || minute === 20 ? 14 : 5)])
  }
  stage.receive(40, [reading(15, 5.5), reading(20, 5.6)])
  await stage.settled()
  expect(warm(stage)).toEqual([[15, 25, false]])
  stage.decide(6, 0, 'held')
  await stage.settled()
  expect(warm(stage)).toEqual([[20, 25, false]])
  stage.decide(6, 1, 'held')
  await stage.settled()
  expect(warm(stage)).toEqual([])
  stage.decide(2, 0, 'held')
  await stage.settled()
  expect(warm(stage)).toEqual([[15, 20, false]])
  await sameAfterRebuild(stage)
})

test('the newest value may be the one, and what is out at once is found', async () => {
  stage = await openJudgeStage()
  stage.receive(5, [reading(5, 5)])
  stage.receive(10, [reading(10, 5)])
  stage.receive(11, [reading(10, 14)])
  stage.advanceTo(12)
  await stage.settled()
  expect(warm(stage)).toEqual([])
  stage.decide(2, 0, 'held')
  await stage.settled()
  expect(warm(stage)).toEqual([[10, null, true]])
  await sameAfterRebuild(stage)
})

const anyMinutes = fc.array(
  fc.record({ first: fc.constantFrom(1, 5, 9, 14), second: fc.constantFrom(1, 5, 9, 14) }),
  {
    minLength: 3,
    maxLength: 12,
  },
)
const anyTurns = fc.array(fc.record({ nth: fc.nat(11), side: fc.nat(1), rests: fc.boolean() }), {
  maxLength: 14,
})

test('whatever is decided in whatever order, judging everything again gives the same', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(anyMinutes, anyTurns, async (minutes, turns) => {
      const own = await openJudgeStage()
      for (const [nth, { first }] of minutes.entries())
        own.receive(nth * 5 + 5, [reading(nth * 5 + 5, first)])
      for (const [nth, { second }] of minutes.entries()) own.receive(90, [reading(nth * 5 + 5, second)])
      for (const { nth, side, rests } of turns) {
        if (rests) await own.settled()
        own.decide((nth % minutes.length) + side * minutes.length, 0, 'held')
      }
      await own.settled()
      await sameAfterRebuild(own)
      await own.close()
    }),
    { numRuns: 15 },
  )
})

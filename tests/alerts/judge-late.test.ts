import { afterEach, expect, test } from 'vitest'
import { type JudgeStage, MINUTE_MS, openJudgeStage, START_MS } from './judge-stage.ts'

let stage: JudgeStage | undefined
afterEach(() => stage?.close())

/** Readings of a logger every 5 minutes, too warm from the 700th to the 729th. */
const rowsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_none, nth) => {
    const at = from + nth
    return [at * 5, at >= 700 && at < 730 ? 14 : 5] as const
  })

test('of more late readings than are looked at in one turn every one is judged', async () => {
  stage = await openJudgeStage()
  stage.take('a', rowsOf(0, 10))
  stage.take('a', rowsOf(890, 900))
  await stage.settled()
  expect(stage.findings.allFindings()).toEqual([])
  // all of them are stored before the judge begins
  for (let from = 10; from < 890; from += 40) stage.take('a', rowsOf(from, from + 40))
  await stage.settled()
  const found = stage.findings.allFindings()
  expect(found.map(({ kind, rule }) => `${kind} ${rule}`)).toEqual(['excursion cn-gsp-storage/warm-range'])
  expect(found[0]).toMatchObject({ open: false, observedMs: 30 * 5 * 60_000 })
})

test('and those of a flood that lie before what came first in it', async () => {
  stage = await openJudgeStage()
  stage.take('a', rowsOf(0, 10))
  stage.take('a', rowsOf(800, 810))
  await stage.settled()
  // the newest first: what goes on from where it stood has not seen what lies before
  for (let from = 810; from < 1_400; from += 40) stage.take('a', rowsOf(from, from + 40))
  for (let to = 800; to > 10; to -= 40) stage.take('a', rowsOf(Math.max(10, to - 40), to))
  await stage.settled()
  const found = stage.findings.allFindings()
  expect(found.map(({ kind, rule }) => `${kind} ${rule}`)).toEqual(['excursion cn-gsp-storage/warm-range'])
  expect(found[0]).toMatchObject({ open: false, observedMs: 30 * 5 * 60_000 })
})

test('a point is counted as judged again for a late reading and for changed facts, and not for a newer one', async () => {
  stage = await openJudgeStage()
  const counted = async (): Promise<readonly [judged: number, again: number]> => {
    await stage?.settled()
    const { judged = 0, again = 0, waiting } = stage?.numbers() ?? {}
    expect(waiting).toBe(0)
    return [judged, again]
  }
  stage.take('a', [
    [0, 5],
    [5, 5],
  ])
  const [first, before] = await counted()
  expect(before).toBe(0)
  stage.take('a', [[15, 5]])
  expect(await counted()).toEqual([first + 1, 0])
  stage.takeLate('a', [[10, 5]])
  expect(await counted()).toEqual([first + 2, 1])
  const atMs = START_MS + 10 * MINUTE_MS
  await stage.command('placement.end', { device: 'd', sensor: 'a', atMs, reason: 'tested' })
  expect(await counted()).toEqual([first + 3, 2])
  const { turns, busyMs } = stage.numbers()
  expect(turns).toBeGreaterThanOrEqual(3)
  expect(busyMs).toBeGreaterThan(0)
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type JudgeStage, MINUTE_MS, openJudgeStage, sameAfterRebuild, START_MS } from './judge-stage.ts'

const reason = 'tested'
let stage: JudgeStage
beforeEach(async () => {
  stage = await openJudgeStage()
  stage.advanceTo(0)
  stage.pass(0)
  await stage.settled()
  // after a start nothing counts that was heard before it
  stage.pass(6)
})
afterEach(() => stage.close())

let seq = 0
/** A message with a temperature of each sensor, as old as it says. */
function send(minute: number, sensors: readonly string[], ageMinutes = 0, more: object = {}): void {
  const at = START_MS + (minute - ageMinutes) * MINUTE_MS
  stage.receive(
    minute,
    sensors.map((sensor) => ({ at, seq: (seq += 1), sensor, temperature: 5, ...more })),
  )
}

async function passTo(minute: number): Promise<readonly string[]> {
  stage.pass(minute - (stage.clock.nowMs() - START_MS) / MINUTE_MS)
  await stage.settled()
  return stage.rows()
}

test('a point of which nothing comes is silent after half an hour, and until something comes', async () => {
  send(10, ['a', 'b'])
  expect(await passTo(20)).toEqual([])
  send(20, ['b'])
  expect(await passTo(39)).toEqual([])
  expect(await passTo(40)).toEqual(['p-1 isotherm-watch/silent 10- confirmed'])
  send(45, ['a', 'b'])
  expect(await passTo(45)).toEqual(['p-1 isotherm-watch/silent 10-45 confirmed'])
  await sameAfterRebuild(stage)
})

test('a long silence is two findings, and its kind and cause are told', async () => {
  send(10, ['a'])
  expect(await passTo(130)).toEqual([
    'p-1 isotherm-watch/silent 10- confirmed',
    'p-1 isotherm-watch/silent-long 10- confirmed',
  ])
  expect(stage.findings.page({ kind: 'silence', limit: 10 }).items).toHaveLength(2)
  expect(stage.findings.page({ kind: 'excursion', limit: 10 }).items).toHaveLength(0)
})

test('what is delivered later fills the readings, and does not change that nobody knew', async () => {
  send(10, ['a'])
  await passTo(60)
  for (const age of [40, 30, 20, 10, 0]) send(60, ['a'], age)
  expect(await passTo(61)).toEqual(['p-1 isotherm-watch/silent 10-60 confirmed'])
  await sameAfterRebuild(stage)
})

test('a probe that answers without a temperature is silent; a device that repeats itself is', async () => {
  send(10, ['a'])
  send(20, ['a'], 0, { temperature: null })
  stage.receive(30, [{ at: START_MS + 10 * MINUTE_MS, seq: seq - 1, sensor: 'a', temperature: 5 }])
  expect(await passTo(41)).toEqual(['p-1 isotherm-watch/silent 10- confirmed'])
})

test('a silence that nobody judged while it went on is found when it is over', async () => {
  send(10, ['a'])
  send(70, ['a'])
  await passTo(71)
  expect(stage.rows()).toEqual(['p-1 isotherm-watch/silent 10-70 confirmed'])
  await sameAfterRebuild(stage)
})

test('a silence is found of which the store tells with a later one only, turns of the judge after its record', async () => {
  const item = (sensor: string, at: number) => ({ at, seq: (seq += 1), sensor, temperature: 5 })
  const of = (sensor: string, minute: number) => item(sensor, START_MS + minute * MINUTE_MS)
  const atMs = START_MS + 71 * MINUTE_MS
  const others = Array.from({ length: 22 }, (_, nth) => {
    const items = Array.from({ length: 1_000 }, (__, more) => item('b', atMs + nth * 1_000 + more))
    return [72, items] as const
  })
  send(7, ['a', 'b'])
  await passTo(8)
  const own = [10, 70, 80, 90].map((minute) => [minute, [of('a', minute)]] as const)
  stage.receiveTogether([...own.slice(0, 2), ...others, ...own.slice(2)])
  const told = stage.reads.changedSilences(1, 25).filter(({ sensor }) => sensor === 'a')
  expect(told).toEqual([])
  // no time passes, in which every point is looked at
  await stage.settled()
  expect(stage.rows().filter((row) => row.startsWith('p-1'))).toEqual([
    'p-1 isotherm-watch/silent 10-70 confirmed',
  ])
  await sameAfterRebuild(stage)
})

test('after a start nothing is silent that was heard when it ended, until devices had their time', async () => {
  send(10, ['a', 'b'])
  await passTo(11)
  stage.pass(180)
  await stage.restart()
  await stage.settled()
  expect(stage.rows()).toEqual([])
  send(192, ['a'])
  stage.pass(1)
  await stage.settled()
  expect(stage.rows()).toEqual([
    'p-1 isotherm-watch/silent 10-192 confirmed',
    'p-1 isotherm-watch/silent-long 10-192 confirmed',
  ])
  stage.pass(5)
  await stage.settled()
  expect(stage.rows().filter((row) => row.startsWith('p-2'))).toEqual([
    'p-2 isotherm-watch/silent 10- confirmed',
    'p-2 isotherm-watch/silent-long 10- confirmed',
  ])
})

test('a silence that goes on survives a restart and a rebuild', async () => {
  send(10, ['a'])
  await passTo(60)
  expect(stage.rows()).toEqual(['p-1 isotherm-watch/silent 10- confirmed'])
  await stage.restart()
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 isotherm-watch/silent 10- confirmed'])
  expect(stage.changes().map(({ kind }) => kind)).toEqual(['opened'])
})

test('a silence by a clock that was set back is none', async () => {
  send(10, ['a'])
  await passTo(60)
  expect(stage.rows()).toEqual(['p-1 isotherm-watch/silent 10- confirmed'])
  stage.advance(-48 * MINUTE_MS)
  send(12, ['a'])
  stage.pass(1)
  await stage.settled()
  expect(stage.rows()).toEqual([])
})

test('a correction of placements moves silences with the sensor', async () => {
  send(10, ['a'])
  await passTo(50)
  const at = START_MS + 30 * MINUTE_MS
  await stage.command('placement.end', { device: 'd', sensor: 'a', atMs: at, reason })
  await stage.settled()
  expect(stage.rows()).toEqual([])
  await stage.command('placement.start', { device: 'd', sensor: 'a', point: 'p-1', fromMs: at, reason })
  expect(await passTo(59)).toEqual([])
  expect(await passTo(60)).toEqual(['p-1 isotherm-watch/silent 30- confirmed'])
})

test('doors, power and batteries are judged where their rules were approved', async () => {
  const fromMs = START_MS + 6 * MINUTE_MS
  for (const pack of ['who-pqs-devices', 'cn-gsp-power']) {
    await stage.command('rules.activate', { pack, version: 1, organisation: 'o', fromMs, reason })
  }
  send(10, ['a'], 0, { doorOpen: true, mainsPower: true, battery: 50 })
  send(14, ['a'], 0, { doorOpen: true, mainsPower: false, battery: 15 })
  send(20, ['a'], 0, { doorOpen: false, mainsPower: true, battery: 15 })
  expect(await passTo(20)).toEqual([
    'p-1 who-pqs-devices/door 10-20 confirmed',
    'p-1 cn-gsp-power/power-cut 14-20 confirmed',
  ])
  for (let minute = 25; minute <= 75; minute += 5) send(minute, ['a'], 0, { battery: 15 })
  expect(await passTo(75)).toContainEqual('p-1 who-pqs-devices/battery-low 14- confirmed')
  await sameAfterRebuild(stage)
  await stage.command('rules.deactivate', {
    pack: 'who-pqs-devices',
    version: 1,
    organisation: 'o',
    fromMs,
    reason,
  })
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-power/power-cut 14-20 confirmed'])
  await sameAfterRebuild(stage)
})

test('a sensor that was never heard is silent from its placement on, until its first temperature', async () => {
  await stage.close()
  stage = await openJudgeStage(START_MS)
  stage.pass(10)
  expect(await passTo(29)).toEqual([])
  send(29, ['b'])
  expect(await passTo(30)).toEqual(['p-1 isotherm-watch/silent 0- confirmed'])
  await stage.restart()
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 isotherm-watch/silent 0- confirmed'])
  stage.receive(50, [{ at: START_MS + 50 * MINUTE_MS, seq: (seq += 1), sensor: 'a', humidity: 40 }])
  send(50, ['b'])
  expect(await passTo(52)).toEqual(['p-1 isotherm-watch/silent 0- confirmed'])
  send(55, ['a', 'b'])
  expect(await passTo(56)).toEqual(['p-1 isotherm-watch/silent 0-55 confirmed'])
  expect(stage.changes().map(({ kind }) => kind)).toEqual(['opened', 'closed'])
  await sameAfterRebuild(stage)
})

test('that it was silent before its first temperature is found when nobody judged meanwhile', async () => {
  await stage.close()
  stage = await openJudgeStage(START_MS)
  await stage.settled()
  send(70, ['a', 'b'])
  expect((await passTo(71)).toSorted()).toEqual([
    'p-1 isotherm-watch/silent 0-70 confirmed',
    'p-2 isotherm-watch/silent 0-70 confirmed',
  ])
  await sameAfterRebuild(stage)
})

test('a judge that is far behind goes through silences once, and not again for each', async () => {
  const messages = 60
  const contactOf = vi.spyOn(stage.findings, 'contactOf')
  for (let nth = 1; nth <= messages; nth += 1) {
    // more rows than are looked at in one turn
    const others = Array.from({ length: 500 }, (_, age) => {
      return {
        at: START_MS + nth * 40 * MINUTE_MS - age * 1_000,
        seq: (seq += 1),
        sensor: 'b',
        temperature: 5,
      }
    })
    stage.receive(nth * 40, [
      { at: START_MS + nth * 40 * MINUTE_MS, seq: (seq += 1), sensor: 'a', temperature: 5 },
      ...others,
    ])
  }
  await passTo(messages * 40)
  const read = contactOf.mock.results.reduce((sum, { value }) => {
    return sum + (value as ReturnType<typeof stage.findings.contactOf>).silences.length
  }, 0)
  expect(stage.rows().filter((row) => row.startsWith('p-1 '))).toHaveLength(messages - 1)
  expect(read).toBeGreaterThan(messages)
  expect(read).toBeLessThan(messages * 20)
  await sameAfterRebuild(stage)
})

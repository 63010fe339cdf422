import { afterAll, beforeAll, expect, test } from 'vitest'
import { putRecord } from '../store/readings-fixture.ts'
import { furnishTheStage } from './operations-places.ts'
import { codeOf, openStage, organisations, peopleTheStage, type Stage } from './stage.ts'

const MINUTE_MS = 60_000
let stage: Stage
let headers: Record<string, string>

beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await furnishTheStage(stage)
  for (const [index, id] of organisations.entries()) {
    const tMs = stage.clock.nowMs() - 10 * MINUTE_MS
    putRecord({ store: stage.canonical }, index, [{ device: `${id}-device`, tMs }])
  }
  headers = (await stage.user('city-viewer', 'city', 'viewer')).headers
})
afterAll(() => stage.close())

async function sensorsOf(query: string, who = headers): Promise<unknown> {
  const answer = await stage.app.inject({ url: `/api/v1/readings?${query}`, headers: who })
  if (answer.statusCode !== 200) return codeOf(answer)
  return answer.json<{ items: { sensor: string }[] }>().items.map(({ sensor }) => sensor)
}

test('readings of a place or a point answer to whoever reaches its organisation', async () => {
  expect(await sensorsOf('place=clinic-place')).toEqual(['clinic-device/main'])
  expect(await sensorsOf('point=city-point')).toEqual(['city-device/main'])
  expect(await sensorsOf('place=other-place')).toBe('not-found')
  expect(await sensorsOf('point=other-point')).toBe('not-found')
  expect(await sensorsOf('place=nowhere')).toBe('not-found')
  expect(await sensorsOf('point=none')).toBe('not-allowed')
  const everywhere = (await stage.user('viewer-of-all', 'root', 'viewer')).headers
  expect(await sensorsOf('place=other-place', everywhere)).toEqual(['other-device/main'])
  expect(await sensorsOf('point=none', everywhere)).toEqual([])
})

test('a lot shows what lies within reach, and nothing of it elsewhere', async () => {
  expect(await sensorsOf('lot=everywhere')).toEqual(['city-device/main', 'clinic-device/main'])
  expect(await sensorsOf('lot=other-lot')).toEqual([])
  expect(await sensorsOf('lot=unknown')).toEqual([])
  const answer = await stage.app.inject({ url: '/api/v1/lots/everywhere/exposure', headers })
  const { legs } = answer.json<{ legs: { place: string; inSeconds: number; unknownSeconds: number }[] }>()
  expect(legs.map(({ place, inSeconds, unknownSeconds }) => [place, inSeconds, unknownSeconds])).toEqual([
    ['city-place', 600, 3_000],
    ['clinic-place', 600, 3_000],
  ])
})

test('what does not fit together is refused', async () => {
  expect(await sensorsOf('place=city-place&lot=everywhere')).toBe('bad-request')
  expect(await sensorsOf('place=city-place&point=other-point')).toBe('bad-request')
  const refused = async (url: string) => codeOf(await stage.app.inject({ url: `/api/v1/${url}`, headers }))
  expect(await refused('lots/unknown/exposure')).toBe('not-found')
  expect(await refused('lots/everywhere/exposure?from=2&to=1')).toBe('bad-request')
  expect(await refused('lots/everywhere/exposure?from=yesterday')).toBe('bad-request')
})

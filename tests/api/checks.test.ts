import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LiveReader } from '../support/live-reader.ts'
import { furnishTheStage } from './operations-places.ts'
import { codeOf, openStage, peopleTheStage, post, type Stage } from './stage.ts'

let stage: Stage
let base: string
beforeEach(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await furnishTheStage(stage)
  await stage.app.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(stage.app.server.address() as AddressInfo).port}`
})
afterEach(() => stage.close())

test('a check is answered as it is listed and as another screen is told it', async () => {
  const { id, headers } = await stage.user('keeper', 'city', 'keeper')
  const { secret } = await stage.command('key.create', { name: 'wall', organisation: 'root', role: 'viewer' })
  const reader = await LiveReader.open(base, secret)
  await reader.until(({ snapshots }) => snapshots === 1)
  expect([...reader.memory.checks.keys()].toSorted()).toEqual(['city-place', 'clinic-place', 'other-place'])
  stage.clock.advance(60_000)
  const answer = await post(stage.app, '/api/v1/places/city-place/check', { note: '温度计 4.1' }, headers)
  expect([answer.statusCode, answer.json()]).toEqual([
    201,
    {
      id: expect.stringMatching(/^c[0-9a-f]{16}$/) as string,
      place: 'city-place',
      site: 'city-site',
      at: '2026-11-23T08:01:00.000Z',
      claimedAt: null,
      note: '温度计 4.1',
      recordedAt: '2026-11-23T08:01:00.000Z',
      recordedBy: `user:${id}`,
    },
  ])
  await reader.until(({ checks }) => checks.get('city-place')?.['note'] === '温度计 4.1')
  expect(reader.named('check')).toEqual([answer.json()])
  const list = await stage.app.inject({ url: '/api/v1/checks', query: { place: 'city-place' }, headers })
  expect(list.json<{ items: unknown[] }>().items).toHaveLength(2)
  expect(list.json<{ items: unknown[] }>().items[0]).toEqual(answer.json())
  reader.close()
})

test('a double click is two checks, and who may only look or looks elsewhere is refused', async () => {
  const responder = await stage.user('responder', 'city', 'responder')
  const viewer = await stage.user('viewer', 'city', 'viewer')
  const url = '/api/v1/places/city-place/check'
  const twice = await Promise.all([0, 1].map(() => post(stage.app, url, {}, responder.headers)))
  expect(twice.map(({ statusCode }) => statusCode)).toEqual([201, 201])
  const refused = await post(stage.app, url, {}, viewer.headers)
  expect([refused.statusCode, codeOf(refused)]).toEqual([403, 'not-allowed'])
  const foreign = await post(stage.app, '/api/v1/places/other-place/check', {}, responder.headers)
  expect([foreign.statusCode, codeOf(foreign)]).toEqual([404, 'not-found'])
  const claimed = await post(stage.app, url, { claimedAtMs: 0 }, responder.headers)
  expect([claimed.statusCode, codeOf(claimed)]).toEqual([400, 'bad-request'])
})

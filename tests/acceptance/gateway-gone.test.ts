import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/isotherm.ts'
import { StoryCity } from './story-city.ts'

let city: StoryCity
beforeAll(async () => {
  city = await StoryCity.open()
}, 60_000)
afterAll(() => city.close())

const states = async () => {
  const [incident] = await city.incidents()
  const messages = (incident?.['messages'] ?? []) as Record<string, unknown>[]
  return messages.map(({ template, state }) => `${String(template)} ${String(state)}`)
}

test('a gateway that is gone is tried again, also after a kill, and gets each message once in the end', async () => {
  city.gateway.outOfOrder = true
  await city.send([[1, 'a', -10, 8.5]])
  await city.seen(states, ['incident-raised waiting'])
  await city.killAndStart()
  expect(await states()).toEqual(['incident-raised waiting'])
  city.gateway.outOfOrder = false
  await waitFor(async () => (await states())[0] === 'incident-raised sent', 45_000)
  expect([...city.gateway.arrivals.values()]).toEqual([1])
}, 90_000)

test('what waits is taken back when somebody has taken the incident', async () => {
  city.gateway.outOfOrder = true
  await city.send([[2, 'b', -9, 1]])
  await city.seen(async () => (await city.incidents()).length, 2)
  const [, cold] = await city.incidents()
  await city.must(`incidents/${String(cold?.['id'])}/acknowledge`, {})
  city.gateway.outOfOrder = false
  const taken = async () =>
    ((await city.incidents())[1]?.['messages'] as Record<string, unknown>[] | undefined)?.[0]?.['state']
  await city.seen(taken, 'superseded')
  expect(city.sms()).toHaveLength(1)
}, 60_000)

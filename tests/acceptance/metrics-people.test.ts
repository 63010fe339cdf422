import { afterAll, beforeAll, expect, test } from 'vitest'
import { scraped } from '../support/scraped.ts'
import { StoryCity } from './story-city.ts'

let city: StoryCity
beforeAll(async () => {
  city = await StoryCity.open()
}, 60_000)
afterAll(() => city.close())

const numbers = async () => (await scraped(city.stage.running.httpPort)).numbers

test('what people are called for, and a message that waits and then goes out, are counted', async () => {
  city.gateway.outOfOrder = true
  await city.send([[1, 'a', -10, 8.5]])
  const messages = (state: string) => `isotherm_messages{state="${state}"}`
  await expect.poll(async () => (await numbers())[messages('waiting')], { timeout: 25_000 }).toBe(1)
  const open = await numbers()
  const findings = await city.stage.items('findings?open=true')
  const ofKind = (kind: unknown) => findings.filter((finding) => finding['kind'] === kind).length
  expect(ofKind('excursion')).toBeGreaterThan(0)
  expect(open).toMatchObject({
    [messages('sent')]: 0,
    'isotherm_findings_open{kind="excursion"}': ofKind('excursion'),
    'isotherm_findings_open{kind="silence"}': ofKind('silence'),
    'isotherm_incidents{state="raised"}': 1,
    'isotherm_incidents{state="acknowledged"}': 0,
    isotherm_incidents_without_recipients: 0,
    'isotherm_consumer_behind{consumer="desk"}': 0,
  })
  expect(open['isotherm_outbox_oldest_age_seconds']).toBeGreaterThan(0)
  expect(open['isotherm_judge_seconds_count']).toBeGreaterThan(0)

  const [incident] = await city.incidents()
  city.gateway.outOfOrder = false
  await expect.poll(async () => (await numbers())[messages('sent')], { timeout: 60_000 }).toBe(1)
  await city.must(`incidents/${String(incident?.['id'])}/acknowledge`, {})
  const taken = 'isotherm_incidents{state="acknowledged"}'
  await expect.poll(async () => (await numbers())[taken], { timeout: 25_000 }).toBe(1)
  expect(await numbers()).toMatchObject({
    [messages('waiting')]: 0,
    isotherm_outbox_oldest_age_seconds: 0,
    'isotherm_incidents{state="raised"}': 0,
  })
}, 150_000)

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

test('what is judged, judged again, and by probes at fault not told, is counted', async () => {
  const judged = 'isotherm_judge_points_total'
  const again = 'isotherm_judge_rejudged_points_total'
  const before = await numbers()
  await city.send([[2, 'b', -5, 5]])
  const counted = async (name: string) => ((await numbers())[name] ?? 0) - (before[name] ?? 0)
  await expect.poll(() => counted(judged), { timeout: 25_000 }).toBeGreaterThan(0)
  expect(await counted(again)).toBe(0)
  await city.send([[3, 'b', -20, 5]])
  await expect.poll(() => counted(again), { timeout: 25_000 }).toBeGreaterThan(0)
  expect((await numbers())['isotherm_judge_points_waiting']).toBe(0)

  const atFault = async () => (await numbers())['isotherm_sensors_at_fault']
  expect(await atFault()).toBe(0)
  await city.send([[4, 'b', -4, 4_000]])
  await expect.poll(atFault, { timeout: 25_000 }).toBe(1)
  await city.send([[5, 'b', -3, 5]])
  await expect.poll(atFault, { timeout: 25_000 }).toBe(0)
}, 150_000)

import { afterAll, expect, test } from 'vitest'
import { IsothermFolder, waitFor } from '../support/isotherm.ts'

// What was held is looked at, mended and judged again, over the links of three processes; a rebuild agrees.

const folder = new IsothermFolder()
afterAll(() => folder.remove())

const HOUR_MS = 3_600_000
const nowMs = Date.now()
const sent = JSON.stringify([
  { at: nowMs - 2 * HOUR_MS, seq: 1, temperature: 4.1 },
  { at: nowMs - 2 * HOUR_MS + 60_000, seq: 2, temperature: 4.2 },
])

test('held readings are accepted once acceptFrom was moved, and a rebuild gives the same', {
  timeout: 120_000,
}, async () => {
  const core = await folder.start(['core'])
  const gateway = await folder.start(['gateway'])
  const api = await folder.start(['api'])
  await folder.demoSite()
  const time = new Date(nowMs - HOUR_MS).toISOString()
  const made = await folder.json(
    `device create logger --site clinic --simulated --accept-from ${time}`.split(' '),
  )
  const { key } = await folder.json(['key', 'create', 'keeper', '--role', 'keeper'])

  const ask = async (path: string, body?: object): Promise<[number, Record<string, unknown>]> => {
    const answer = await fetch(`http://127.0.0.1:${api.httpPort}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${String(key)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    return [answer.status, (await answer.json()) as Record<string, unknown>]
  }
  const send = async (payload: string): Promise<number> => {
    const basic = Buffer.from(`logger:${String(made['secret'])}`).toString('base64')
    const answer = await fetch(`http://127.0.0.1:${gateway.httpPort}/api/v1/ingest/readings`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
      body: payload,
    })
    return answer.status
  }
  const held = () => folder.json(['held', 'list', '--device', 'logger'])

  await waitFor(async () => (await send(sent)) === 202, 10_000)
  await waitFor(async () => Object.keys(await held()).length === 2, 10_000)
  expect(await held()).toMatchObject([
    { position: { index: 0, item: 1 }, reason: 'before-accept-from' },
    { position: { index: 0, item: 0 }, reason: 'before-accept-from' },
  ])
  expect(await folder.json(['held', 'show', 'logger', '0'])).toMatchObject({
    channel: 'http',
    topic: 'isotherm/v1/logger/readings',
    payload: { as: 'text', content: sent, bytes: sent.length },
  })

  const because = ['--reason', 'its clock was right']
  const early = await folder.json(['held', 'readmit', 'logger', '0', ...because])
  expect(early).toMatchObject({ index: 1, heldBefore: 2, heldNow: 2 })

  await folder.json([
    'device',
    'accept-from',
    'logger',
    new Date(nowMs - 9 * HOUR_MS).toISOString(),
    ...because,
  ])
  const readmit = () => ask('devices/logger/held/0/readmit', { reason: 'its clock was right' })
  const both = await Promise.all([readmit(), readmit()])
  const [first, second] = both.toSorted(([a], [b]) => a - b)
  expect(first).toMatchObject([200, { heldBefore: 2, heldNow: 0 }])
  expect(second?.[0]).toBeOneOf([404, 409])
  expect((await ask('devices/logger/held/0'))[1]).toMatchObject({ device: 'logger', index: 0 })
  expect((await ask('devices/logger/held/99'))[0]).toBe(404)

  expect((await ask('readings?sensor=logger'))[1]).toMatchObject({
    items: [
      { temperature: 4.1, seq: 1, position: { index: 0, item: 0 } },
      { temperature: 4.2, seq: 2, position: { index: 0, item: 1 } },
    ],
  })
  const acts = await folder.json(['audit', 'list', '--kind', 'held.readmit'])
  expect(acts).toMatchObject([
    { subject: 'device:logger', reason: 'its clock was right', new: { record: 0, held: 2 } },
    { subject: 'device:logger', new: { record: 0, held: 2 } },
  ])
  expect(await folder.json(['device', 'balance', 'logger'])).toMatchObject({
    balanced: true,
    messages: { journalled: 3, decoded: 3, held: 0 },
    readings: { decoded: 2, stored: 2, held: 0 },
  })

  await send('{"temperature":')
  await waitFor(async () => Object.keys(await held()).length === 1, 10_000)
  await gateway.kill()
  const alone = await folder.run(['held', 'readmit', 'logger', '3', ...because])
  expect(alone).toMatchObject({ code: 1 })
  expect(alone.err).toMatch(/No gateway is linked/)

  expect(await api.stop()).toBe(0)
  expect(await core.stop()).toBe(0)
  expect((await folder.run(['held', 'show', 'logger', '0'])).err).toMatch(
    /Nothing runs on this data directory/,
  )
  expect(await folder.json(['rebuild'])).toMatchObject({ differences: [] })
})

test('of two readings that contradict each other the one that is decided for stands, and a rebuild gives the same', {
  timeout: 120_000,
}, async () => {
  const own = new IsothermFolder()
  try {
    const all = await own.start(['start'])
    await own.demoSite()
    const made = await own.json(['device', 'create', 'logger', '--site', 'clinic', '--simulated'])
    const basic = Buffer.from(`logger:${String(made['secret'])}`).toString('base64')
    const send = async (temperature: number): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${all.httpPort}/api/v1/ingest/readings`, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
        body: JSON.stringify({ at: nowMs, seq: 1, temperature }),
      })
      return answer.status
    }
    await waitFor(async () => (await send(4.1)) === 202, 10_000)
    expect(await send(9.7)).toBe(202)
    const held = (...given: string[]) => own.json(['held', 'list', '--device', 'logger', ...given])
    await waitFor(async () => Object.keys(await held()).length === 1, 10_000)
    const decide = (index: string, stands: string) =>
      own.run([
        'held',
        'decide',
        'logger',
        index,
        '0',
        '--stands',
        stands,
        '--reason',
        'looked at the logger',
      ])

    expect(await decide('1', 'stored')).toMatchObject({ code: 0 })
    expect(await held()).toMatchObject([{ position: { index: 1 }, decidedBy: { index: 2 } }])
    expect(await held('--waiting')).toEqual([])
    expect((await decide('1', 'stored')).err).toMatch(/decided about before, by record 2/)
    expect((await decide('0', 'held')).err).toMatch(/not held for contradicting/)
    expect((await decide('1', 'mine')).err).toMatch(/Give `held`/)

    expect(await decide('1', 'held')).toMatchObject({ code: 0 })
    expect(await held()).toMatchObject([{ position: { index: 0, item: 0 }, decidedBy: { index: 3 } }])
    expect(await own.json(['device', 'balance', 'logger'])).toMatchObject({
      balanced: true,
      messages: { journalled: 4, decoded: 4, held: 0 },
      readings: { decoded: 2, stored: 1, held: 1 },
    })
    expect(await own.json(['audit', 'list', '--kind', 'held.decide'])).toMatchObject([
      { subject: 'device:logger', new: { record: 1, item: 0, stands: 'stored' } },
      {
        subject: 'device:logger',
        reason: 'looked at the logger',
        new: { record: 1, item: 0, stands: 'held' },
      },
    ])
    expect(await all.stop()).toBe(0)
    expect(await own.json(['rebuild'])).toMatchObject({ differences: [] })
  } finally {
    await own.remove()
  }
})

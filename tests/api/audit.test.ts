import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callTheStage } from './operations-incidents.ts'
import { furnishTheStage } from './operations-places.ts'
import { codeOf, openStage, peopleTheStage, type Stage } from './stage.ts'

interface Item {
  readonly seq: number
  readonly at: string
  readonly actor: string
  readonly kind: string
  readonly subject: string
  readonly reason: string
  readonly old: object | null
  readonly new: object | null
}

let stage: Stage
type Headers = NonNullable<InjectOptions['headers']>
let root: Headers
let city: Headers
/** A person without any role. */
let roleless: string
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await furnishTheStage(stage)
  await callTheStage(stage)
  await confirmMessages(stage)
  await stage.command('rules.activate', { pack: 'p', version: 1, organisation: 'clinic', reason: 'agreed' })
  await stage.command('rules.activate', { pack: 'p', version: 1, organisation: 'root', reason: 'agreed' })
  const both = await stage.command('user.create', {
    name: 'both',
    passwordHash: `scrypt$32768$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}`,
    grant: { organisation: 'city', role: 'viewer' },
  })
  await stage.command('user.grant', { id: both.id, organisation: 'other', role: 'viewer' })
  roleless = (await stage.user('roleless')).id
  root = (await stage.user('auditor-of-all', 'root', 'auditor')).headers
  city = (await stage.user('auditor', 'city', 'auditor')).headers
})
afterAll(() => stage.close())

/** The gateway says of every message that it arrived. */
async function confirmMessages({ facts, command, clock }: Stage): Promise<void> {
  const messages = await facts.transact((tx) => tx.all(tx.db.selectFrom('live_message').select('id')))
  for (const { id } of messages) {
    await command('message.receipt', { message: id, state: 'delivered', atMs: clock.nowMs() })
  }
}

async function list(headers: Headers, query: Readonly<Record<string, string>> = {}) {
  const answer = await stage.app.inject({ url: '/api/v1/audit', query: { limit: '1000', ...query }, headers })
  expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)])
  return answer.json<{ items: Item[]; next: string | null }>()
}

/** Whether acts on a subject are shown. */
async function shows(headers: Headers, subject: string): Promise<boolean> {
  return (await list(headers, { subject })).items.length > 0
}

test('an act is told with who, what, when, why, what was and what is', async () => {
  const revoked = { id: 'clinic-device', reason: '坏了' }
  await stage.command('device.revoke', revoked)
  const { items } = await list(root, { subject: 'device:clinic-device', kind: 'device.revoke' })
  expect(items).toEqual([
    {
      seq: expect.any(Number) as number,
      at: '2026-11-23T08:00:00.000Z',
      recordedAt: '2026-11-23T08:00:00.000Z',
      claimedAt: null,
      actor: 'local:test',
      kind: 'device.revoke',
      subject: 'device:clinic-device',
      reason: '坏了',
      old: { state: 'active' },
      new: { state: 'revoked' },
    },
  ])
})

describe('an act is shown where its subject belongs', () => {
  test.each([
    'organisation:clinic',
    'site:clinic-site',
    'device:clinic-device',
    'sensor:clinic-device/main',
    'place:clinic-place',
    'point:clinic-point',
  ])('%s', async (subject) => {
    const foreign = subject.replaceAll('clinic', 'other')
    expect([await shows(city, subject), await shows(city, foreign)]).toEqual([true, false])
    expect([await shows(root, subject), await shows(root, foreign)]).toEqual([true, true])
  })

  test('what was done with stock where it was done, and who made the lot with root only', async () => {
    const kinds = async (headers: Headers, subject: string) =>
      (await list(headers, { subject })).items.map(({ kind }) => kind)
    expect(await kinds(city, 'lot:clinic-lot')).toEqual(['custody.receive'])
    expect(await kinds(city, 'lot:other-lot')).toEqual([])
    expect(await kinds(root, 'lot:clinic-lot')).toEqual(['lot.create', 'custody.receive'])
  })

  test('incidents, those who are called and their messages, where the place is', async () => {
    for (const kind of ['incident.raise', 'recipient.create', 'message.receipt']) {
      const [all, shown] = [await list(root, { kind }), await list(city, { kind })]
      expect([kind, all.items.length, shown.items.length]).toEqual([kind, 3, 2])
    }
  })

  test.each(['product:vaccine', 'refusals'])('%s: with root only', async (subject) => {
    expect([await shows(city, subject), await shows(root, subject)]).toEqual([false, true])
  })

  test('a key where its role lies', async () => {
    const { items } = await list(root, { kind: 'key.create' })
    const shown = (await list(city, { kind: 'key.create' })).items.map(({ new: told }) => told)
    expect(items.length).toBe(3)
    expect(shown).toMatchObject([{ organisation: 'city' }, { organisation: 'clinic' }])
  })

  test('a person only where all their roles lie, and with root alone when there are none', async () => {
    const grants = (items: readonly Item[]) => items.map(({ new: told }) => told)
    const seen = grants((await list(city, { kind: 'user.grant' })).items)
    expect(seen).toMatchObject([
      { organisation: 'city' },
      { organisation: 'clinic' },
      { organisation: 'city' },
    ])
    expect(grants((await list(root, { kind: 'user.grant' })).items).length).toBe(6)
    const nobody = `user:${roleless}`
    expect([await shows(city, nobody), await shows(root, nobody)]).toEqual([false, true])
  })

  test('a decision about rules where it was taken for', async () => {
    const told = async (headers: Headers) =>
      (await list(headers, { subject: 'rules:p' })).items.map(({ new: is }) => is)
    expect(await told(city)).toMatchObject([{ organisation: 'clinic' }])
    expect(await told(root)).toMatchObject([{ organisation: 'clinic' }, { organisation: 'root' }])
  })
})

test('pages follow each other, oldest first, also where few acts are within reach', async () => {
  const all = (await list(city)).items
  const seqs: number[] = []
  let after: string | null = '0'
  for (let pages = 0; after !== null; pages += 1) {
    const page: { items: Item[]; next: string | null } = await list(city, { limit: '3', after })
    expect([page.items.length <= 3, pages < 100]).toEqual([true, true])
    seqs.push(...page.items.map(({ seq }) => seq))
    after = page.next
  }
  expect(seqs).toEqual(all.map(({ seq }) => seq))
  expect(seqs).toEqual(seqs.toSorted((one, other) => one - other))
  expect(seqs.length).toBeGreaterThan(20)
  const everything = (await list(root)).items.map(({ seq }) => seq)
  expect(everything.slice(0, 3)).toEqual([1, 2, 3])
})

test('kind, subject, actor and period narrow the list', async () => {
  stage.clock.advance(60_000)
  const since = new Date(stage.clock.nowMs()).toISOString()
  await stage.command('device.issue-secret', { id: 'city-device', reason: 'lost' })
  const kinds = async (query: Readonly<Record<string, string>>) =>
    (await list(root, query)).items.map(({ kind }) => kind)
  expect(await kinds({ from: since, actor: 'local:test' })).toEqual(['device.issue-secret'])
  expect(await kinds({ from: since, to: since })).toEqual([])
  expect(await kinds({ subject: 'device:city-device', kind: 'device.issue-secret' })).toEqual([
    'device.issue-secret',
  ])
  expect(await kinds({ actor: 'user:nobody' })).toEqual([])
  expect(await kinds({ to: since })).not.toContain('device.issue-secret')
})

test.each([
  [{ after: 'x' }],
  [{ after: '-1' }],
  [{ from: 'yesterday' }],
  [{ kind: '' }],
  [{ subject: 'x'.repeat(201) }],
  [{ colour: 'red' }],
])('%j is refused', async (query) => {
  const answer = await stage.app.inject({ url: '/api/v1/audit', query, headers: root })
  expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'bad-request'])
})

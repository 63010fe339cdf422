import { MessageChannel } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { type CoreClient, openCoreClient } from '../../app/core-client.ts'
import { type Link, openLink, portChannel } from '../../app/link/index.ts'
import type { LiveCall } from '../../app/link/protocol.ts'
import { Problem } from '../../domain/index.ts'
import { waitFor } from '../support/isotherm.ts'

const links: Link[] = []
afterEach(() => {
  for (const link of links.splice(0)) link.close()
})

/** A core that answers when the test lets it, linked to `client`. */
async function coreFor(client: CoreClient) {
  const { port1, port2 } = new MessageChannel()
  const told: [name: string, durableEnd: number][] = []
  const live: [name: string, isWatched: boolean][] = []
  const core = {
    told,
    live,
    answer: (): void => undefined,
    refusal: undefined as Problem | undefined,
    stuck: false,
  }
  const hear = (name: string) => async (input: unknown) => {
    told.push([name, (input as { durableEnd: number }).durableEnd])
    if (core.refusal !== undefined) throw core.refusal
    if (core.stuck) await new Promise<void>((resolve) => (core.answer = resolve))
    return null
  }
  const side = openLink(portChannel(port1), {
    calls: {
      journal: hear('journal'),
      durable: hear('durable'),
      feed: () => null,
      'live-watched': (input) => {
        live.push(['live-watched', (input as LiveCall).isWatched])
        return null
      },
      live: (input) => {
        live.push(['live', (input as LiveCall).isWatched])
        void side.call('live-piece', { part: 'begin' })
        return null
      },
    },
  })
  const link = openLink(portChannel(port2), client.handlers)
  links.push(side, link)
  return { core, link }
}

function client(): CoreClient {
  return openCoreClient({ load: () => undefined, apply: () => undefined })
}

const mismatch = new Problem('journal-mismatch', { what: 'another one', remedy: 'put it back' })

test('while the core is stuck nothing queues: it is told the newest end when it answers', async () => {
  const one = client()
  const { core, link } = await coreFor(one)
  await one.attach(link)
  await one.announceJournal(5, () => undefined)
  core.stuck = true
  for (let end = 6; end <= 1_000; end += 1) one.tellDurable(end)
  await waitFor(() => core.told.length === 2, 1_000)
  core.stuck = false
  core.answer()
  await waitFor(() => core.told.length === 3, 1_000)
  expect(core.told).toEqual([
    ['journal', 5],
    ['durable', 6],
    ['durable', 1_000],
  ])
  one.tellDurable(1_001)
  await waitFor(() => core.told.length === 4, 1_000)
  expect(core.told.at(-1)).toEqual(['durable', 1_001])
})

test('without a core the journal is not accepted; the first link has it compared before anything else', async () => {
  const one = client()
  await one.announceJournal(5, () => undefined)
  one.tellDurable(7)
  expect(one.journalAccepted).toBe(false)
  const { core, link } = await coreFor(one)
  await one.attach(link)
  expect(one.journalAccepted).toBe(true)
  one.tellDurable(8)
  await waitFor(() => core.told.length === 2, 1_000)
  expect(core.told).toEqual([
    ['journal', 7],
    ['durable', 8],
  ])
})

test('a link that is up before the journal is open has it compared when it is announced', async () => {
  const one = client()
  const { core, link } = await coreFor(one)
  await one.attach(link)
  expect([one.journalAccepted, core.told]).toEqual([false, []])
  await one.announceJournal(5, () => undefined)
  expect([one.journalAccepted, core.told]).toEqual([true, [['journal', 5]]])
})

test('a refusal is told, whether at the announcement or over a later link', async () => {
  const refused: Problem[] = []
  const one = client()
  const first = await coreFor(one)
  await one.attach(first.link)
  first.core.refusal = mismatch
  const announced = one.announceJournal(5, (problem) => refused.push(problem))
  await expect(announced).rejects.toMatchObject({ code: 'journal-mismatch', remedy: 'put it back' })
  const second = await coreFor(one)
  second.core.refusal = mismatch
  await expect(one.attach(second.link)).rejects.toMatchObject({ code: 'journal-mismatch' })
  expect(refused.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['journal-mismatch', 'put it back'],
    ['journal-mismatch', 'put it back'],
  ])
  expect(one.journalAccepted).toBe(false)
})

test('a core that goes away before it compared refuses nothing; the next one is asked', async () => {
  const refused: Problem[] = []
  const one = client()
  const first = await coreFor(one)
  await one.attach(first.link)
  first.core.stuck = true
  const announced = one.announceJournal(5, (problem) => refused.push(problem))
  await waitFor(() => first.core.told.length === 1, 1_000)
  first.link.close()
  await announced
  expect([one.journalAccepted, refused]).toEqual([false, []])
  const second = await coreFor(one)
  await one.attach(second.link)
  expect([one.journalAccepted, refused]).toEqual([true, []])
})

test('what became durable while a core was away is told to the next one', async () => {
  const one = client()
  const first = await coreFor(one)
  await one.attach(first.link)
  await one.announceJournal(5, () => undefined)
  first.link.close()
  await waitFor(() => !one.connected, 1_000)
  one.tellDurable(9)
  expect(one.journalAccepted).toBe(true)
  const second = await coreFor(one)
  await one.attach(second.link)
  one.tellDurable(10)
  await waitFor(() => second.core.told.length === 2, 1_000)
  expect(second.core.told).toEqual([
    ['journal', 9],
    ['durable', 10],
  ])
})

test('what is newest is asked for over the link that is up, and over each new one; by others not at all', async () => {
  const one = client()
  const pieces: string[] = []
  const first = await coreFor(one)
  await one.attach(first.link)
  one.followLive(({ part }) => pieces.push(part))
  await waitFor(() => pieces.length === 1, 1_000)
  const second = await coreFor(one)
  await one.attach(second.link)
  await waitFor(() => pieces.length === 2, 1_000)
  const other = client()
  const third = await coreFor(other)
  await other.attach(third.link)
  expect(pieces).toEqual(['begin', 'begin'])
})

test('whether anybody watches is told over the link that is up, and with each new one', async () => {
  const one = client()
  const first = await coreFor(one)
  await one.attach(first.link)
  one.watchLive(true)
  one.followLive(() => undefined)
  one.watchLive(false)
  one.watchLive(true)
  await waitFor(() => first.core.live.length === 3, 1_000)
  expect(first.core.live).toEqual([
    ['live', true],
    ['live-watched', false],
    ['live-watched', true],
  ])
  const second = await coreFor(one)
  await one.attach(second.link)
  await waitFor(() => second.core.live.length === 1, 1_000)
  expect(second.core.live).toEqual([['live', true]])
})

test('facts are passed on to everybody who asked', async () => {
  const one = client()
  const taken: string[] = []
  for (const name of ['a', 'b']) {
    one.forwardFacts({ load: () => taken.push(`${name} all`), apply: () => taken.push(`${name} one`) })
  }
  one.handlers.notices?.['facts-change']?.({ version: 1, rows: [] })
  await one.handlers.calls?.['facts-snapshot']?.({ part: 'end' })
  expect(taken).toEqual(['a one', 'b one', 'a all', 'b all'])
})

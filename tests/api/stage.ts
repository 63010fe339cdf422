import { createHmac, randomBytes, scryptSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { type Receipt, verifyReceipt } from '../../alerts/index.ts'
import { type ApiParts, createApi, type Health, SESSION_COOKIE } from '../../api/index.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import type { FedView } from '../../app/link/index.ts'
import type { LivePiece } from '../../app/link/protocol.ts'
import { startLive } from '../../app/live.ts'
import { testMessageFor } from '../../app/notify/test-message.ts'
import { openQueries } from '../../app/queries.ts'
import {
  type Actor,
  type Clock,
  encodeRecord,
  type Log,
  type LogFields,
  Problem,
  publishTopic,
  type Role,
} from '../../domain/index.ts'
import { createGateway } from '../../gateway/index.ts'
import {
  createCommands,
  createFactsView,
  devicePolicies,
  encodePasswordHash,
  openCanonicalReads,
  openCanonicalStore,
  openFacts,
  registerSensors,
  type QueryPort,
  verifyPassword,
} from '../../store/index.ts'
import { stageHeld } from './stage-held.ts'

/** What was logged. */
export interface LogLine {
  readonly level: string
  readonly fields: LogFields
  readonly message: string
}

/** The clock of a stage, which stands still until a test moves it. */
export interface StageClock extends Clock {
  advance(ms: number): void
}

/** The API on real facts, queries and gateway, in a folder of its own; only password hashing is cheap. */
export type Stage = Awaited<ReturnType<typeof openStage>>

export const PASSWORD = 'correct horse battery'
/** What receipts are signed with. */
export const RECEIPT_SECRET = 'a secret between two machines'
const health = (): Health => ({ ready: true, parts: { core: 'connected' } })
const setup: Actor = { kind: 'local', id: 'test' }

/** Opens a stage; `parts` replace what the API is made of. */
export async function openStage(parts: Partial<ApiParts> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'iso-api-'))
  const paths = { facts: join(folder, 'facts.sqlite'), readings: join(folder, 'readings.sqlite') }
  const clock = stageClock()
  const facts = await openFacts({ path: paths.facts, clock })
  const canonical = openCanonicalStore({ path: paths.readings })
  const view = createFactsView()
  facts.onChange((change) => {
    view.apply(change)
    for (const each of fed) each.apply(change)
  })
  view.load(await facts.snapshot())
  const fed: FedView[] = []
  let tell = (_piece: LivePiece): void => undefined
  const commands = createCommands({ facts, clock, random: { bytes: (count) => randomBytes(count) } })
  const open = openQueries(paths, view)
  const queries: QueryPort = { query: (name, input) => open.answer(name, input) }
  const journal: Uint8Array[] = []
  const refused: string[] = []
  const receipts: Receipt[] = []
  const lines: LogLine[] = []
  const log = logInto(lines)
  const gateway = createGateway({
    append: (bytes, waiter) => {
      const index = journal.push(bytes) - 1
      queueMicrotask(() => {
        waiter.durable(index)
      })
    },
    lastReceivedAtMs: 0,
    policies: devicePolicies(view),
    countRefusal: (device, reason) => void refused.push(`${device ?? ''} ${reason}`),
    clock,
    log,
  })
  const passwords = {
    hash: async (password: string) => cheapHash(password),
    verify: async (p: string, h: string) => verifyPassword(p, h),
  }
  const intake: ApiParts['intake'] = (request) => gateway.takeReadings(request)
  const takeReceipt: ApiParts['takeReceipt'] = async (headers, body) => {
    const receipt = verifyReceipt([RECEIPT_SECRET], headers, body, clock.nowMs())
    if (receipt instanceof Problem) return receipt
    receipts.push(receipt)
    return { status: 204 }
  }
  const rulePacks = await readRulePacks()
  const live = startLive({
    client: {
      connected: true,
      forwardFacts: (next) => void fed.push(next),
      watchLive: () => undefined,
      followLive: (take) => {
        take({ part: 'begin' })
        take({ part: 'end' })
        tell = take
      },
    },
    view,
    // streams have to wait for their next beat in truth
    clock: { ...clock, sleep: (ms, signal) => systemClock.sleep(ms, signal) },
    log,
  })
  const reads = openCanonicalReads({ path: paths.readings })
  const all: ApiParts = {
    commands,
    held: stageHeld({ reads, commands, clock, journal, canonical, gateway }),
    queries,
    access: view,
    passwords,
    rulePacks,
    live,
    writeTest: (recipient) => testMessageFor(view, recipient, clock.nowMs()),
    intake,
    takeReceipt,
    clock,
    health,
    log,
    metrics: { text: async () => 'some_metric 1\n' },
    ...parts,
  }
  const app = await createApi(all)
  return {
    app,
    parts: all,
    clock,
    canonical,
    facts,
    journal,
    refused,
    receipts,
    lines,
    view,
    live,
    /** What a core would tell of what is newest. */
    tell: (piece: LivePiece) => {
      tell(piece)
    },
    command: <N extends Parameters<typeof commands.command>[0]>(
      name: N,
      input: Parameters<typeof commands.command<N>>[2],
    ) => commands.command(name, setup, input),
    /** A user with one role, and the headers that sign it in. */
    user: async (name: string, organisation?: string, role?: Role) => {
      const user = await commands.command('user.create', setup, { name, passwordHash: cheapHash(PASSWORD) })
      if (organisation !== undefined && role !== undefined) {
        await commands.command('user.grant', setup, { id: user.id, organisation, role })
      }
      return { id: user.id, headers: await signIn(app, name) }
    },
    close: async () => {
      await app.close()
      await gateway.stop()
      open.close()
      reads.close()
      canonical.close()
      await facts.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Signs in and answers the cookie as request headers. */
export async function signIn(app: FastifyInstance, username: string, password = PASSWORD) {
  const answer = await app.inject({ method: 'POST', url: '/api/v1/login', payload: { username, password } })
  const token = answer.cookies.find((cookie) => cookie.name === SESSION_COOKIE)?.value
  if (token === undefined) throw new Error(`no session for ${username}: ${answer.body}`)
  return { cookie: `${SESSION_COOKIE}=${token}` }
}

/** Organisations of a peopled stage: `clinic` lies below `city`, `other` beside them. */
export const organisations = ['city', 'clinic', 'other'] as const
/** One of them. */
export type StageOrganisation = (typeof organisations)[number]

/** Gives every organisation a site, a device with a sensor, a held message and a refusal, a user and a key. */
export async function peopleTheStage({ command, canonical, facts, clock, journal }: Stage) {
  for (const id of organisations) {
    const parent = id === 'clinic' ? 'city' : null
    const device = `${id}-device`
    await command('organisation.create', { id, parent, kind: 'cdc', demo: false, name: id })
    await command('site.create', { id: `${id}-site`, organisation: id, name: id, zone: 'Asia/Shanghai' })
    await command('device.create', { id: device, site: `${id}-site`, kind: 'real' })
    await registerSensors(facts, setup, [{ device, name: 'main', sinceMs: clock.nowMs() }])
    const receivedAtMs = clock.nowMs()
    const topic = publishTopic(device, 'readings')
    const payload = Buffer.from('{')
    const bytes = encodeRecord({ receivedAtMs, deviceId: device, channel: 'mqtt', topic, qos: 1, payload })
    const row = { index: journal.push(bytes) - 1, item: null, device, receivedAtMs }
    canonical.transact((tx) => {
      tx.hold({ ...row, reason: 'malformed-json', detail: 'at 0', excerpt: '{' })
    })
    const counted = { device, reason: 'foreign-topic', hourMs: Date.UTC(2026, 10, 23, 7), count: 3 }
    await command('refusals.add', { rows: [counted] })
    await command('key.create', { name: `${id}-key`, organisation: id, role: 'viewer' })
    const user = await command('user.create', { name: `${id}-person`, passwordHash: cheapHash(PASSWORD) })
    await command('user.grant', { id: user.id, organisation: id, role: 'viewer' })
  }
}

/** The problem code of an answer; undefined when it is none. */
export function codeOf(answer: LightMyRequestResponse): string | undefined {
  const body: unknown = answer.body === '' ? {} : answer.json()
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : undefined
}

/** Sends JSON. */
export function post(
  app: FastifyInstance,
  url: string,
  payload: object,
  headers: InjectOptions['headers'] = {},
) {
  return app.inject({ method: 'POST', url, payload, headers })
}

function stageClock(): StageClock {
  let nowMs = Date.UTC(2026, 10, 23, 8)
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async () => undefined,
    advance: (ms) => {
      nowMs += ms
    },
  }
}

/** A hash the store takes, at no cost. */
export function cheapHash(password: string): string {
  const salt = randomBytes(16)
  const cost = { N: 2, r: 1, p: 1 }
  return encodePasswordHash({ ...cost, salt, hash: scryptSync(password, salt, 32, cost) })
}

function logInto(lines: LogLine[]): Log {
  const at = (level: string) => (fields: LogFields, message: string) =>
    void lines.push({ level, fields, message })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The headers of a receipt, signed at `nowMs`. */
export function receiptHeaders(body: string, nowMs: number, secret = RECEIPT_SECRET) {
  const timestampS = Math.floor(nowMs / 1_000)
  const mac = createHmac('sha256', secret).update(`receipt-1.${timestampS}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'webhook-id': 'receipt-1',
    'webhook-timestamp': String(timestampS),
    'webhook-signature': `v1,${mac}`,
  }
}

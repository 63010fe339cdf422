import type { InjectOptions } from 'fastify'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { incidentOperations } from './operations-incidents.ts'
import { placeOperations } from './operations-places.ts'
import { PASSWORD, organisations, receiptHeaders, type Stage, cheapHash } from './stage.ts'

/** A valid request of one operation about a thing of `organisation` (null: about everything). */
export interface OperationRequest {
  readonly url?: string
  readonly query?: Readonly<Record<string, string>>
  readonly payload?: object
  readonly headers?: InjectOptions['headers']
}

/** Makes a request that would succeed for whoever may do it; `unique` never comes twice. */
export type RequestMaker = (
  stage: Stage,
  organisation: string | null,
  unique: string,
) => OperationRequest | Promise<OperationRequest>

const reason = 'tested'
const nothing = {}

async function newDevice({ command }: Stage, organisation: string | null, id: string) {
  return command('device.create', { id, site: `${organisation}-site`, kind: 'real' })
}

async function newUser({ command }: Stage, organisation: string | null, name: string) {
  const grant = organisation === null ? {} : { grant: { organisation, role: 'viewer' } as const }
  return command('user.create', { name, passwordHash: cheapHash(PASSWORD), ...grant })
}

/** What `peopleTheStage` had held, which no judging lets go. */
function heldOf(organisation: string | null): string {
  const index = organisations.findIndex((each) => each === organisation)
  return `/api/v1/devices/${organisation}-device/held/${Math.max(0, index)}`
}

/** A reading that is held for contradicting another, which waits until it is decided about. */
function newConflict({ journal, canonical, clock }: Stage, organisation: string | null): string {
  const device = organisation === null ? 'city-device' : `${organisation}-device`
  const receivedAtMs = clock.nowMs()
  const excerpt = JSON.stringify({ at: receivedAtMs, seq: 1, temperature: 9 })
  const sent = { channel: 'mqtt', qos: 1, payload: Buffer.from(excerpt) } as const
  const topic = publishTopic(device, 'readings')
  const index = journal.push(encodeRecord({ ...sent, receivedAtMs, deviceId: device, topic })) - 1
  canonical.transact((tx) => {
    tx.hold({ index, item: 0, device, receivedAtMs, reason: 'conflict', detail: '', excerpt })
  })
  return `/api/v1/devices/${device}/held/${index}`
}

/** One valid request per operation of the API, by `operationId`. A new operation must be entered here. */
export const operations: Readonly<Record<string, RequestMaker>> = {
  isAlive: () => nothing,
  metrics: () => nothing,
  isReady: () => nothing,
  whoAmI: () => nothing,
  signOut: () => nothing,
  changePassword: () => ({ payload: { password: PASSWORD, newPassword: PASSWORD } }),
  signIn: () => ({ payload: { username: 'city-person', password: PASSWORD } }),
  listOrganisations: () => nothing,
  createOrganisation: (_stage, parent, id) => ({
    payload: { id, ...(parent === null ? {} : { parent }), kind: 'clinic', name: 'new' },
  }),
  listSites: () => nothing,
  createSite: (_stage, organisation, id) => ({
    payload: { id, organisation, name: 'new', zone: 'Asia/Shanghai' },
  }),
  listDevices: () => nothing,
  registerDevice: (_stage, organisation, id) => ({ payload: { id, site: `${organisation}-site` } }),
  getDevice: (_stage, organisation) => ({ url: `/api/v1/devices/${organisation}-device` }),
  getDeviceBalance: (_stage, organisation) => ({ url: `/api/v1/devices/${organisation}-device/balance` }),
  getDeviceClock: (_stage, organisation) => ({ url: `/api/v1/devices/${organisation}-device/clock` }),
  listDeviceGaps: (_stage, organisation) => ({
    url: `/api/v1/devices/${organisation}-device/gaps`,
    query: { kind: 'seq' },
  }),
  revokeDevice: async (stage, organisation, id) => {
    await newDevice(stage, organisation, id)
    return { url: `/api/v1/devices/${id}/revoke`, payload: { reason } }
  },
  issueDeviceSecret: (_stage, organisation) => ({
    url: `/api/v1/devices/${organisation}-device/secret`,
    payload: { reason },
  }),
  changeDevice: (_stage, organisation) => ({
    url: `/api/v1/devices/${organisation}-device`,
    payload: { acceptFrom: '2026-11-01T00:00:00+08:00', reason },
  }),
  listReadings: (_stage, organisation) => ({
    query: organisation === null ? { point: 'none' } : { sensor: `${organisation}-device/main` },
  }),
  getExcursionReport: (_stage, organisation) => ({ query: { place: `${organisation}-place` } }),
  getLotExposure: () => ({ url: '/api/v1/lots/everywhere/exposure' }),
  listSensors: () => nothing,
  listHeld: () => nothing,
  getHeldRecord: (_stage, organisation) => ({ url: heldOf(organisation) }),
  readmitHeld: (_stage, organisation) => ({ url: `${heldOf(organisation)}/readmit`, payload: { reason } }),
  decideHeld: (stage, organisation) => ({
    url: `${newConflict(stage, organisation)}/decide`,
    payload: { item: 0, stands: 'stored', reason },
  }),
  listRefusals: () => nothing,
  listAudit: () => nothing,
  listUsers: () => nothing,
  createUser: (_stage, organisation, name) => ({
    payload: { name, password: PASSWORD, ...(organisation === null ? {} : { organisation, role: 'keeper' }) },
  }),
  grantRole: async (stage, organisation, name) => {
    const user = await newUser(stage, 'other', name)
    return { url: `/api/v1/users/${user.id}/grants`, payload: { organisation, role: 'keeper' } }
  },
  revokeGrant: async (stage, organisation, name) => {
    const user = await newUser(stage, organisation, name)
    return {
      url: `/api/v1/users/${user.id}/grants/revoke`,
      payload: { organisation, role: 'viewer', reason },
    }
  },
  deactivateUser: async (stage, organisation, name) => {
    const user = await newUser(stage, organisation, name)
    return { url: `/api/v1/users/${user.id}/deactivate`, payload: { reason } }
  },
  setPassword: async (stage, organisation, name) => {
    const user = await newUser(stage, organisation, name)
    return { url: `/api/v1/users/${user.id}/password`, payload: { password: 'another password' } }
  },
  listKeys: () => nothing,
  createKey: (_stage, organisation) => ({ payload: { name: 'new', organisation, role: 'viewer' } }),
  revokeKey: async ({ command }, organisation) => {
    const { key } = await command('key.create', {
      name: 'x',
      organisation: `${organisation}`,
      role: 'viewer',
    })
    return { url: `/api/v1/keys/${key.id}/revoke`, payload: { reason } }
  },
  takeReadings: async (stage, organisation, id) => {
    const { secret } = await newDevice(stage, organisation ?? 'city', id)
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    return { payload: { temperature: 4.2 }, headers: { authorization } }
  },
  takeReceipt: ({ clock }) => {
    const payload = { message: 'm1', state: 'delivered', at: clock.nowMs() }
    return { payload, headers: receiptHeaders(JSON.stringify(payload), clock.nowMs()) }
  },
  ...placeOperations,
  ...incidentOperations,
}

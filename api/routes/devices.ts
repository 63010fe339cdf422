import { type Static, Type } from 'typebox'
import { type Actor, type DeviceFact, Problem } from '../../domain/index.ts'
import type { CommandPort, QueryPort } from '../../store/index.ts'
import type { ThingScope } from '../access.ts'
import { deviceAnswer, isDemo, readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import {
  type DeviceItem,
  deviceItem,
  exactly,
  name,
  page,
  pageOf,
  pageQuery,
  reason,
  text,
  timeInput,
} from '../schemas.ts'
import { parseTime, timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

/** The device a path names. */
export const params = exactly({ id: name('Id of the device.') })
/** Of that device's organisation. */
export const ofPath: ThingScope = { kind: 'organisation', in: 'path', field: 'id', of: 'device' }
const tags = ['devices']
const secret = Type.String({ description: 'Shown this once; only its hash is kept.' })

const intervalSeconds = Type.Number({
  minimum: 1,
  maximum: 86_400,
  description: 'How often it reports; 300 for a new device, unless said otherwise.',
})

const newDevice = exactly({
  id: name('Id of the device: its MQTT user name. Never used again, not even after it is revoked.'),
  site: name('Site it belongs to.'),
  kind: Type.Optional(
    Type.Enum(['real', 'simulated'], {
      description:
        'Default: simulated in a demonstration organisation, real elsewhere; nothing else is taken.',
    }),
  ),
  acceptFrom: Type.Optional(timeInput),
  expectedIntervalSeconds: Type.Optional(intervalSeconds),
  label: Type.Optional(text('Note for people.')),
  reason: Type.Optional(reason),
})

const deviceChange = exactly({
  acceptFrom: Type.Optional(timeInput),
  expectedIntervalSeconds: Type.Optional(intervalSeconds),
  from: Type.Optional(timeInput),
  reason,
})

const counts = Type.Record(Type.String(), Type.Integer())
const balance = Type.Object(
  {
    device: Type.String(),
    messages: counts,
    readings: counts,
    cursors: counts,
    balanced: Type.Boolean(),
  },
  {
    description:
      'Messages journalled = decoded + held + pending; readings decoded = stored + complement + duplicate + held.',
  },
)

/** `devices`: list, register, look at, revoke, new secret, another `acceptFrom`, balance. */
export function deviceRoutes(app: TypedApp, parts: ApiParts): void {
  const { access, commands, queries } = parts
  app.get(
    '/api/v1/devices',
    {
      schema: {
        operationId: 'listDevices',
        summary: 'Devices within reach',
        tags,
        querystring: exactly({ ...pageQuery, site: Type.Optional(name('Only of this site.')) }),
        response: { 200: page(deviceItem) },
      },
      config: { access: { right: 'devices:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = query.site === undefined ? {} : { site: query.site }
      return readyBytes(reply, await queries.query('devices', { scopes, ...pageOf(query), ...only }))
    },
  )

  app.post(
    '/api/v1/devices',
    {
      schema: {
        operationId: 'registerDevice',
        summary: 'Register a device; answers its secret once',
        tags,
        body: newDevice,
        response: { 201: Type.Object({ ...deviceItem.properties, secret }) },
      },
      config: {
        access: {
          right: 'devices:write',
          scope: { kind: 'organisation', in: 'body', field: 'site', of: 'site' },
        },
      },
    },
    async (request, reply) => {
      const created = await commands.command(
        'device.create',
        callerOf(request).actor,
        deviceFrom(request.body, kindAt(parts, request.body.site)),
      )
      reply.code(201)
      // nothing it could have said could have been taken before now
      return { ...deviceAnswer(access, created.device, null), secret: created.secret }
    },
  )

  oneDevice(app, parts)
  deviceChanges(app, parts)
}

function oneDevice(app: TypedApp, { access, queries }: ApiParts): void {
  app.get(
    '/api/v1/devices/:id',
    {
      schema: {
        operationId: 'getDevice',
        summary: 'One device',
        tags,
        params,
        response: { 200: deviceItem },
      },
      config: { access: { right: 'devices:read', scope: ofPath } },
    },
    async ({ params }) => {
      const device = access.device(params.id)
      if (device === undefined) throw gone(params.id)
      return deviceAnswer(access, device, await statusOf(queries, params.id))
    },
  )

  app.get(
    '/api/v1/devices/:id/balance',
    {
      schema: {
        operationId: 'getDeviceBalance',
        summary: 'What became of everything the device sent: nothing disappears silently',
        tags,
        params,
        response: { 200: balance },
      },
      config: { access: { right: 'devices:read', scope: ofPath } },
    },
    async ({ params }, reply) => readyBytes(reply, await queries.query('balance', { device: params.id })),
  )
}

function deviceChanges(app: TypedApp, { access, commands, queries }: ApiParts): void {
  app.post(
    '/api/v1/devices/:id/revoke',
    {
      schema: {
        operationId: 'revokeDevice',
        summary: 'Revoke a device for good; its connection closes at once',
        tags,
        params,
        body: exactly({ reason }),
        response: { 200: deviceItem },
      },
      config: { access: { right: 'devices:write', scope: ofPath } },
    },
    async (request) => {
      const input = { id: request.params.id, reason: request.body.reason }
      const revoked = await commands.command('device.revoke', callerOf(request).actor, input)
      return deviceAnswer(access, revoked, await statusAfter(queries, revoked.id))
    },
  )

  app.post(
    '/api/v1/devices/:id/secret',
    {
      schema: {
        operationId: 'issueDeviceSecret',
        summary: 'Give the device a new secret; the old one stops working at once',
        tags,
        params,
        body: exactly({ reason }),
        response: { 200: Type.Object({ id: Type.String(), secret }) },
      },
      config: { access: { right: 'devices:write', scope: ofPath } },
    },
    async (request) => {
      const { id } = request.params
      const input = { id, reason: request.body.reason }
      const issued = await commands.command('device.issue-secret', callerOf(request).actor, input)
      return { id, secret: issued.secret }
    },
  )

  app.patch(
    '/api/v1/devices/:id',
    {
      schema: {
        operationId: 'changeDevice',
        summary: 'Change from when on readings are accepted, or how often the device reports',
        description: 'One of the two at a time. `from` says since when it reports that often.',
        tags,
        params,
        body: deviceChange,
        response: { 200: deviceItem },
      },
      config: { access: { right: 'devices:write', scope: ofPath } },
    },
    async (request) => {
      const { actor } = callerOf(request)
      const changed = await changeDevice(commands, actor, request.params.id, request.body)
      return deviceAnswer(access, changed, await statusAfter(queries, changed.id))
    },
  )
}

async function statusOf(queries: QueryPort, device: string): Promise<DeviceItem['lastStatus']> {
  const bytes = await queries.query('device.status', { device })
  return JSON.parse(Buffer.from(bytes).toString()) as DeviceItem['lastStatus']
}

/** The same behind a change, which has been made and must not be reported as failed for want of it. */
function statusAfter(queries: QueryPort, device: string): Promise<DeviceItem['lastStatus']> {
  return statusOf(queries, device).catch(() => null)
}

function changeDevice(
  commands: CommandPort,
  actor: Actor,
  id: string,
  { acceptFrom, expectedIntervalSeconds: seconds, from, reason }: Static<typeof deviceChange>,
): Promise<DeviceFact> {
  if (acceptFrom !== undefined && seconds === undefined && from === undefined) {
    const acceptFromMs = parseTime('acceptFrom', acceptFrom)
    return commands.command('device.accept-from', actor, { id, acceptFromMs, reason })
  }
  if (acceptFrom === undefined && seconds !== undefined) {
    const input = { id, expectedIntervalMs: Math.round(seconds * 1_000), reason, ...timeFields({ from }) }
    return commands.command('device.expected-interval', actor, input)
  }
  throw new Problem('bad-request', {
    what: 'The change names not exactly one of acceptFrom and expectedIntervalSeconds.',
    remedy: 'Change one thing at a time; `from` goes with expectedIntervalSeconds.',
  })
}

function deviceFrom(body: Static<typeof newDevice>, kind: 'real' | 'simulated') {
  const { acceptFrom, expectedIntervalSeconds: seconds, ...given } = body
  return {
    kind,
    ...given,
    ...(acceptFrom === undefined ? {} : { acceptFromMs: parseTime('acceptFrom', acceptFrom) }),
    ...(seconds === undefined ? {} : { expectedIntervalMs: Math.round(seconds * 1_000) }),
  }
}

/** The only kind of device the site's organisation may have. */
function kindAt({ access }: ApiParts, site: string): 'real' | 'simulated' {
  return isDemo(access, access.site(site)?.organisation ?? '') ? 'simulated' : 'real'
}

/** The guard found it a moment ago. */
function gone(id: string): Problem {
  return new Problem('not-found', { what: `There is no device ${id}.`, remedy: 'Correct the id.' })
}

import { Type } from 'typebox'
import type { HeldReason } from '../../domain/index.ts'
import { heldReasons } from '../../domain/index.ts'
import type { QueryPort } from '../../store/index.ts'
import { readyBytes } from '../answers.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, page, pageOf, pageQuery, time } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

const device = Type.Optional(name('Only of this device.'))
const sensorItem = Type.Object({
  id: Type.String({ description: '`<device>/<name>`, as `readings?sensor=` takes it.' }),
  device: Type.String(),
  name: Type.String(),
  site: Type.String(),
  demo: Type.Boolean(),
  validFrom: time,
  recordedAt: time,
  recordedBy: Type.String(),
})
const heldItem = Type.Object({
  position: Type.Object(
    { log: Type.String(), index: Type.Integer(), item: Type.Union([Type.Integer(), Type.Null()]) },
    { description: 'The record, and the place of the reading in it; null when the whole message is held.' },
  ),
  device: Type.String(),
  receivedAt: time,
  reason: Type.String(),
  detail: Type.String(),
  excerpt: Type.String(),
  remedy: Type.String(),
  decidedBy: Type.Union([Type.Object({ log: Type.String(), index: Type.Integer() }), Type.Null()], {
    description: 'The record by which it was decided that this is not what is true; null while it waits.',
  }),
})
const refusalItem = Type.Object({
  device: Type.String(),
  reason: Type.String(),
  hour: time,
  count: Type.Integer(),
})

/** `GET sensors`, `GET held`, `GET refusals`: what appeared by itself, and what was not accepted and why. */
export function listRoutes(app: TypedApp, { queries }: ApiParts): void {
  sensorList(app, queries)
  heldList(app, queries)
  refusalList(app, queries)
}

function sensorList(app: TypedApp, queries: QueryPort): void {
  app.get(
    '/api/v1/sensors',
    {
      schema: {
        operationId: 'listSensors',
        summary: 'Sensors within reach; one appears with its first reading',
        tags: ['sensors'],
        querystring: exactly({ ...pageQuery, device }),
        response: { 200: page(sensorItem) },
      },
      config: { access: { right: 'sensors:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const asked = { scopes, ...pageOf(query), ...only(query.device) }
      return readyBytes(reply, await queries.query('sensors', asked))
    },
  )
}

function heldList(app: TypedApp, queries: QueryPort): void {
  app.get(
    '/api/v1/held',
    {
      schema: {
        operationId: 'listHeld',
        summary: 'Messages and readings that cannot be accepted yet, with the reason',
        tags: ['held'],
        querystring: exactly({
          ...pageQuery,
          device,
          reason: Type.Optional(Type.Enum(Object.keys(heldReasons) as HeldReason[])),
          waiting: Type.Optional(
            Type.Boolean({ description: 'True: without what somebody decided is not true.' }),
          ),
        }),
        response: { 200: page(heldItem) },
      },
      config: { access: { right: 'held:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const { reason, waiting } = query
      const asked = {
        scopes,
        ...pageOf(query),
        ...only(query.device),
        ...(reason === undefined ? {} : { reason }),
        ...(waiting === true && { waiting }),
      }
      return readyBytes(reply, await queries.query('held', asked))
    },
  )
}

function refusalList(app: TypedApp, queries: QueryPort): void {
  app.get(
    '/api/v1/refusals',
    {
      schema: {
        operationId: 'listRefusals',
        summary: 'What was refused before it was acknowledged, counted per device, reason and hour',
        description:
          'Refusals of names that are not registered have an empty device; a role on root shows them.',
        tags: ['refusals'],
        querystring: exactly({ ...pageQuery, device }),
        response: { 200: page(refusalItem) },
      },
      config: { access: { right: 'refusals:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const asked = { scopes, ...pageOf(query), ...only(query.device) }
      return readyBytes(reply, await queries.query('refusals', asked))
    },
  )
}

function only(device: string | undefined): { readonly device?: string } {
  return device === undefined ? {} : { device }
}

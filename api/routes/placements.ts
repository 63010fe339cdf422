import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { DEFAULT_SENSOR } from '../../domain/index.ts'
import type { ThingScope } from '../access.ts'
import { placementAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf, requireReach } from '../guard.ts'
import type { AccessFacts, ApiParts } from '../ports.ts'
import { placementItem, standing } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery, reason, timeInput } from '../schemas.ts'
import { parseTime, timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

const tags = ['placements']
const optional = Type.Optional
const sensor = {
  device: name('The device.'),
  sensor: optional(name("The sensor's name on it. Default `main`.")),
}
const end = optional(Type.Union([...timeInput.anyOf, Type.Null()], { description: 'Null: it is open.' }))
const ofDevice: ThingScope = { kind: 'organisation', in: 'body', field: 'device', of: 'device' }

/** `placements`: list, start, end, correct. */
export function placementRoutes(app: TypedApp, parts: ApiParts): void {
  const { queries } = parts
  app.get(
    '/api/v1/placements',
    {
      schema: {
        operationId: 'listPlacements',
        summary: 'Which sensors are and were at points within reach',
        tags,
        querystring: exactly({
          ...pageQuery,
          point: optional(name('Only at this point.')),
          device: optional(name('Only of this device.')),
        }),
        response: { 200: page(placementItem) },
      },
      config: { access: { right: 'placements:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const { point, device } = query
      const only = {
        ...(point === undefined ? {} : { point }),
        ...(device === undefined ? {} : { device }),
      }
      return readyBytes(reply, await queries.query('placements', { scopes, ...pageOf(query), ...only }))
    },
  )

  starting(app, parts)
  ending(app, parts)
  correcting(app, parts)
}

function starting(app: TypedApp, { access, commands }: ApiParts): void {
  app.post(
    '/api/v1/placements',
    {
      schema: {
        operationId: 'startPlacement',
        summary: 'Put a sensor at a point; the answer says whether it is judged',
        tags,
        body: exactly({
          ...sensor,
          point: name('The point.'),
          standing: optional(standing),
          from: optional(timeInput),
          to: end,
          reason: optional(reason),
        }),
        response: { 201: placementItem },
      },
      config: {
        access: {
          right: 'placements:write',
          scope: { kind: 'organisation', in: 'body', field: 'point', of: 'point' },
        },
      },
    },
    async (request, reply) => {
      const { sensor = DEFAULT_SENSOR, from, to, ...given } = request.body
      requireReach(access, request, 'device', given.device)
      const input = { ...given, sensor, ...timeFields({ from, to }) }
      const fact = await commands.command('placement.start', callerOf(request).actor, input)
      reply.code(201)
      return placementAnswer(access, fact)
    },
  )
}

/** A placement is of its point's organisation as well as of its device's: both must be within reach. */
function requirePlaced(
  access: AccessFacts,
  request: FastifyRequest,
  { device, sensor, atMs }: { readonly device: string; readonly sensor: string; readonly atMs: number },
): void {
  const placement = access.placementOf(device, sensor, atMs)
  // the command tells of a sensor that is at no point
  if (placement !== undefined) requireReach(access, request, 'point', placement.point)
}

function ending(app: TypedApp, { access, commands, clock }: ApiParts): void {
  app.post(
    '/api/v1/placements/end',
    {
      schema: {
        operationId: 'endPlacement',
        summary: 'Take a sensor away from its point',
        tags,
        body: exactly({ ...sensor, at: optional(timeInput), reason: optional(reason) }),
        response: { 200: placementItem },
      },
      config: { access: { right: 'placements:write', scope: ofDevice } },
    },
    async (request) => {
      const { sensor = DEFAULT_SENSOR, at, ...given } = request.body
      const input = { ...given, sensor, ...timeFields({ at }) }
      requirePlaced(access, request, { ...input, atMs: input.atMs ?? clock.nowMs() })
      const fact = await commands.command('placement.end', callerOf(request).actor, input)
      return placementAnswer(access, fact)
    },
  )
}

function correcting(app: TypedApp, { access, commands }: ApiParts): void {
  app.post(
    '/api/v1/placements/correct',
    {
      schema: {
        operationId: 'correctPlacement',
        summary: 'Say what the placement that held at an instant truly was',
        description: 'What is left out stays. What was recorded before stays known.',
        tags,
        body: exactly({
          ...sensor,
          at: timeInput,
          point: optional(name('The point it truly was at.')),
          standing: optional(standing),
          from: optional(timeInput),
          to: end,
          reason,
        }),
        response: { 200: placementItem },
      },
      config: { access: { right: 'placements:write', scope: ofDevice } },
    },
    async (request) => {
      const { sensor = DEFAULT_SENSOR, at, from, to, ...given } = request.body
      if (given.point !== undefined) requireReach(access, request, 'point', given.point)
      const input = { ...given, sensor, atMs: parseTime('at', at), ...timeFields({ from, to }) }
      requirePlaced(access, request, input)
      const fact = await commands.command('placement.correct', callerOf(request).actor, input)
      return placementAnswer(access, fact)
    },
  )
}

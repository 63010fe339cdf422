import { Type } from 'typebox'
import { directionOfCause, type IncidentFact, instantText, instantTextOrNull } from '../../domain/index.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { incidentItem, incidentListItem, incidentState, incidentStoryOf } from '../schemas-incidents.ts'
import { exactly, name, page, pageOf, pageQuery, reason } from '../schemas.ts'
import { findingItem } from './findings.ts'
import type { TypedApp } from './typed.ts'

const tags = ['incidents']
const params = exactly({ id: name('Id of the incident.') })
const ofIncident = { kind: 'organisation', in: 'path', field: 'id', of: 'incident' } as const

/** `incidents`: list, look at one, acknowledge, resolve, mute. */
export function incidentRoutes(app: TypedApp, parts: ApiParts): void {
  incidentList(app, parts)
  incidentStory(app, parts)
  acts(app, parts)
}

function incidentList(app: TypedApp, { queries }: ApiParts): void {
  app.get(
    '/api/v1/incidents',
    {
      schema: {
        operationId: 'listIncidents',
        summary: 'Incidents of places within reach, newest first',
        tags,
        querystring: exactly({
          ...pageQuery,
          place: Type.Optional(name('Only of this place.')),
          state: Type.Optional(incidentState),
          open: Type.Optional(Type.Boolean({ description: 'Only those still out, or only those over.' })),
        }),
        response: { 200: page(incidentListItem) },
      },
      config: { access: { right: 'incidents:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const { place, state, open } = query
      const only = {
        ...(place === undefined ? {} : { place }),
        ...(state === undefined ? {} : { state }),
        ...(open === undefined ? {} : { open }),
      }
      return readyBytes(reply, await queries.query('incidents', { scopes, ...pageOf(query), ...only }))
    },
  )
}

function incidentStory(app: TypedApp, { queries }: ApiParts): void {
  app.get(
    '/api/v1/incidents/:id',
    {
      schema: {
        operationId: 'showIncident',
        summary: 'One incident: its findings, who was told when, and what was done',
        tags,
        params,
        response: { 200: incidentStoryOf(findingItem) },
      },
      config: { access: { right: 'incidents:read', scope: ofIncident } },
    },
    async ({ params }, reply) => readyBytes(reply, await queries.query('incident', params)),
  )
}

function acts(app: TypedApp, { commands }: ApiParts): void {
  app.post(
    '/api/v1/incidents/:id/acknowledge',
    {
      schema: {
        operationId: 'acknowledgeIncident',
        summary: 'Take the incident: calls stop; of two at once one is refused and told who took it',
        tags,
        params,
        body: exactly({ reason: Type.Optional(reason) }),
        response: { 200: incidentItem },
      },
      config: { access: { right: 'incidents:write', scope: ofIncident } },
    },
    async (request) => {
      const input = { ...request.params, ...request.body }
      return incidentAnswer(await commands.command('incident.acknowledge', callerOf(request).actor, input))
    },
  )

  app.post(
    '/api/v1/incidents/:id/resolve',
    {
      schema: {
        operationId: 'resolveIncident',
        summary: 'Close an incident that is over; refused while it is out of range',
        tags,
        params,
        body: exactly({ reason }),
        response: { 200: incidentItem },
      },
      config: { access: { right: 'incidents:write', scope: ofIncident } },
    },
    async (request) => {
      const input = { ...request.params, ...request.body }
      return incidentAnswer(await commands.command('incident.resolve', callerOf(request).actor, input))
    },
  )

  app.post(
    '/api/v1/incidents/:id/mute',
    {
      schema: {
        operationId: 'muteIncident',
        summary: 'Silence this screen for five minutes; it is no acknowledgement, and calls go on',
        tags,
        params,
        response: { 200: incidentItem },
      },
      config: { access: { right: 'incidents:write', scope: ofIncident } },
    },
    async (request) =>
      incidentAnswer(await commands.command('incident.mute', callerOf(request).actor, request.params)),
  )
}

function incidentAnswer(incident: IncidentFact) {
  const { id, place, cause, state, grade, acknowledgedBy, resolvedBy, resolution, mutedBy } = incident
  return {
    id,
    place,
    cause,
    direction: directionOfCause(cause),
    state,
    grade,
    open: incident.open === 1,
    seenLate: incident.seenLate === 1,
    raisedAt: instantText(incident.validFrom),
    calledAt: instantTextOrNull(incident.calledMs),
    callDueAt: instantTextOrNull(incident.callDueMs),
    acknowledgedBy,
    acknowledgedAt: instantTextOrNull(incident.acknowledgedMs),
    resolvedBy,
    resolvedAt: instantTextOrNull(incident.resolvedMs),
    resolution,
    mutedBy,
    mutedUntil: instantTextOrNull(incident.mutedUntilMs),
  }
}

import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { callerOf, credentialOf, requireFound } from '../guard.ts'
import { responseSink } from '../live/stream.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

const EVENT_STREAM = 'text/event-stream; charset=utf-8'

const description =
  'Server-sent events. First `snapshot`: the newest reading of every sensor (`points`), the open findings ' +
  '(`findings`) and the incidents that are not resolved (`incidents`). Then `reading`, `finding` and `incident`, each ' +
  'with a thing that is new or another now; `gone`, with section and id, for a thing that leaves the snapshot; and ' +
  '`heartbeat` every 10 s. Data are JSON. A connection that breaks, or a reader that falls behind, gets a new ' +
  '`snapshot`, which replaces everything before: there is no replay by Last-Event-ID. The stream ends when its caller ' +
  'loses a right, the session or the key.'

/** `GET live`: what is newest, and what changes. */
export function liveRoutes(app: TypedApp, { live, access }: ApiParts): void {
  app.addHook('preClose', async () => {
    live.close()
  })
  app.get(
    '/api/v1/live',
    {
      // a stream without a body would never end
      exposeHeadRoute: false,
      schema: {
        operationId: 'followLive',
        summary:
          'The newest readings, open findings and unresolved incidents within reach, and every change of them',
        description,
        tags: ['live'],
        querystring: exactly({
          site: Type.Optional(name('Only of this site.')),
          place: Type.Optional(name('Only of this place and of places nested in it.')),
          follow: Type.Optional(
            Type.Boolean({ default: true, description: 'false: only the snapshot, then the stream ends.' }),
          ),
        }),
        response: {
          200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } },
        },
      },
      config: { access: { right: 'readings:read', scope: { kind: 'list' } }, limit: 'live' },
    },
    async (request, reply) => {
      const { site, place, follow } = request.query
      if (site !== undefined) requireFound(access, request, 'site', site)
      if (place !== undefined) requireFound(access, request, 'place', place)
      const caller = callerOf(request)
      const filter = { ...(site === undefined ? {} : { site }), ...(place === undefined ? {} : { place }) }
      reply.header('x-accel-buffering', 'no')
      if (follow === false) {
        // bytes go out as they are; the schema says that they are text
        return reply.type(EVENT_STREAM).send(live.snapshotFor({ caller, filter }) as never)
      }
      const credential = credentialOf(request)
      live.check({ caller, filter })
      live.open({ request: request.id, caller, filter, credential, sink: eventSink(reply) })
      return reply
    },
  )
}

/** Takes the answer out of the framework's hands, with the headers it has set so far. */
function eventSink(reply: FastifyReply) {
  reply.hijack()
  // the connection ends with the stream, so that stopping the server waits for nobody
  const own = { 'content-type': EVENT_STREAM, connection: 'close' }
  reply.raw.writeHead(200, { ...headersOf(reply), ...own })
  reply.raw.flushHeaders()
  return responseSink(reply.raw)
}

function headersOf(reply: FastifyReply): Record<string, string | number | string[]> {
  const set = Object.entries(reply.getHeaders())
  return Object.fromEntries(set.flatMap(([header, value]) => (value === undefined ? [] : [[header, value]])))
}

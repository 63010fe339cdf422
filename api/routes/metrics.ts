import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Problem } from '../../domain/index.ts'
import type { MetricsPort } from '../ports.ts'
import type { TypedApp } from './typed.ts'

/** What Prometheus expects (exposition format 0.0.4). */
const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** `GET /metrics`, for Prometheus: with the token, or without one for this machine alone. */
export function metricsRoute(app: TypedApp, metrics: MetricsPort): void {
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        summary: 'Numbers of this process, in the text format of Prometheus',
        description:
          'With `metrics_token` as Bearer token; where none is set, only for callers on this machine that come through ' +
          'no proxy. docs/metrics.md lists the names.',
        tags: ['health'],
        response: { 200: { content: { 'text/plain': { schema: Type.String() } } } },
      },
      config: { access: { right: null, scope: { kind: 'monitoring' } }, limit: 'none' },
    },
    async (request, reply) => {
      checkWhoAsks(request, metrics.token)
      const text = await metrics.text()
      return reply.type(MEDIA_TYPE).send(text)
    },
  )
}

function checkWhoAsks({ headers, socket }: FastifyRequest, token: string | undefined): void {
  if (token !== undefined) {
    const sent = /^Bearer ([^ ]+)$/i.exec(headers.authorization ?? '')?.[1]
    if (sent !== undefined && isSame(sent, token)) return
    throw new Problem('bad-credentials', {
      what: 'The metrics need the token of this server.',
      remedy: 'Send `Authorization: Bearer` and the value of metrics_token.',
    })
  }
  // what came through a proxy may come from anywhere
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip'].some(
    (name) => headers[name] !== undefined,
  )
  if (!isForwarded && isLoopback(socket.remoteAddress)) return
  throw new Problem('bad-credentials', {
    what: 'Without a token the metrics are for callers on the machine of this server.',
    remedy: 'Set metrics_token (ISOTHERM_METRICS_TOKEN), and send it as Bearer token.',
  })
}

/** Takes as long for any token of any length. */
function isSame(one: string, other: string): boolean {
  const hashed = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hashed(one), hashed(other))
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:127\.|::1$|::ffff:127\.)/.test(address)
}

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Problem } from '../../domain/index.ts'
import { PAYLOAD_BYTES_MAX, problemStatus } from '../../domain/index.ts'
import type { Intake } from '../ports.ts'
import type { TypedApp } from './typed.ts'

/** `application/json` and everything that is JSON by its suffix (RFC 6839 section 3.1). */
export const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i

/** `POST ingest/readings`: the MQTT payload over HTTP, with device credentials. */
export function ingestRoutes(app: TypedApp, intake: Intake): void {
  void app.register(async (part: TypedApp) => {
    // the bytes go into the journal as they came; whether they are JSON is ingest's to say
    part.removeAllContentTypeParsers()
    part.addContentTypeParser(
      JSON_MEDIA_TYPE,
      { parseAs: 'buffer', bodyLimit: PAYLOAD_BYTES_MAX },
      (_request, body, done) => {
        done(null, body)
      },
    )
    part.setErrorHandler(async (thrown: FastifyError, request, reply) => {
      if (thrown.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') throw thrown
      const answer = await intake({ ...sender(request), body: TOO_LARGE })
      throw 'problem' in answer ? refused(reply, answer.problem) : thrown
    })
    part.post(
      '/api/v1/ingest/readings',
      {
        bodyLimit: PAYLOAD_BYTES_MAX,
        schema: {
          operationId: 'takeReadings',
          summary: 'Take readings of a device; answers when they are durable',
          description:
            'The body is the MQTT payload, up to 61,440 bytes: one reading or an array of them. It is kept as it ' +
            'is and answered with its place in the log, even when it turns out to be unreadable (see `held`).',
          tags: ['readings'],
          response: { 202: Type.Object({ index: Type.Integer() }) },
        },
        config: { access: { right: null, scope: { kind: 'device-credentials' } }, limit: 'none' },
      },
      async (request, reply) => {
        const { body } = request
        const answer = await intake({ ...sender(request), body: body instanceof Uint8Array ? body : NOTHING })
        if ('problem' in answer) throw refused(reply, answer.problem)
        reply.code(answer.status)
        return { index: answer.index }
      },
    )
  })
}

const NOTHING = new Uint8Array()
/** Stands for every body that was too large to be read, so that the gateway refuses and counts it. */
const TOO_LARGE = new Uint8Array(PAYLOAD_BYTES_MAX + 1)

function sender({ headers, id, ip, socket }: FastifyRequest) {
  return { authorization: headers.authorization, receivedFrom: ip, request: id, socket }
}

function refused(reply: FastifyReply, problem: Problem): Problem {
  if (problemStatus[problem.code] === 401) {
    reply.header('www-authenticate', 'Basic realm="isotherm device", charset="UTF-8"')
  }
  return problem
}

import { Type } from 'typebox'
import { Problem } from '../../domain/index.ts'
import type { TakeReceipt } from '../ports.ts'
import { JSON_MEDIA_TYPE } from './ingest.ts'
import type { TypedApp } from './typed.ts'

/** A receipt is an id, a word, a time and a short reason. */
const RECEIPT_BYTES_MAX = 4_096
const NOTHING = new Uint8Array()

/** `POST receipts`: what became of a message, from the gateway of the HTTP channel, signed as it was sent. */
export function receiptRoutes(app: TypedApp, takeReceipt: TakeReceipt): void {
  void app.register(async (part: TypedApp) => {
    // the signature is over the bytes, so they are taken as they came
    part.removeAllContentTypeParsers()
    part.addContentTypeParser(
      JSON_MEDIA_TYPE,
      { parseAs: 'buffer', bodyLimit: RECEIPT_BYTES_MAX },
      (_request, body, done) => {
        done(null, body)
      },
    )
    part.post(
      '/api/v1/receipts',
      {
        bodyLimit: RECEIPT_BYTES_MAX,
        schema: {
          operationId: 'takeReceipt',
          summary: 'Take the receipt of a message; answers when it is durable',
          description:
            'For the gateway of the HTTP channel. The body, up to 4,096 bytes, is `{"message", "state": "delivered" ' +
            'or "undelivered", "at", "detail"?}`, signed after Standard Webhooks; docs/webhooks.md has an example.',
          tags: ['notifications'],
          response: { 204: Type.Null() },
        },
        config: { access: { right: null, scope: { kind: 'signature' } } },
      },
      async (request, reply) => {
        const { body, headers } = request
        const answer = await takeReceipt(headers, body instanceof Uint8Array ? body : NOTHING)
        if (answer instanceof Problem) throw answer
        reply.code(answer.status)
        return null
      },
    )
  })
}

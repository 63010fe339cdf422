import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { openHttpChannel, verifyReceipt } from '../../alerts/index.ts'
import { signatureOf, signingKey } from '../../alerts/notify/http/signature.ts'
import { fetchUrl } from '../../app/doors/network.ts'
import { sample, startGateway } from '../alerts/notify/gateway.ts'

// The peer is the implementation of the people who wrote the specification.
const now = new Date()
const headersOf = (id: string, timestampS: number, signature: string) => ({
  'webhook-id': id,
  'webhook-timestamp': String(timestampS),
  'webhook-signature': signature,
})

describe('Standard Webhooks', () => {
  test('the example of the specification', () => {
    const key = signingKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampS: 1_614_265_330 }
    expect(signatureOf(key, signed, Buffer.from('{"test": 2432232314}'))).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  test('we sign as the peer signs, with both forms of secret', () => {
    const anyKey = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((key) => {
      return `whsec_${Buffer.from(key).toString('base64')}`
    })
    const anyText = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', '-', '.', '!'),
      minLength: 24,
      maxLength: 64,
    })
    const id = fc.string({ unit: fc.constantFrom('a', 'b', '0', '_', '-'), minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(
        fc.oneof(anyKey, anyText),
        id,
        fc.nat(4_000_000_000),
        fc.string({ unit: 'grapheme' }),
        (secret, id, timestampS, body) => {
          const peer = secret.startsWith('whsec_')
            ? new Webhook(secret)
            : new Webhook(secret, { format: 'raw' })
          const ours = signatureOf(signingKey(secret), { id, timestampS }, Buffer.from(body))
          expect(ours).toBe(peer.sign(id, new Date(timestampS * 1_000), body))
        },
      ),
    )
  })

  test('the peer accepts what the channel sends', async () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    const gateway = await startGateway((response) => void response.writeHead(204).end())
    const clock = { nowMs: () => Date.now() }
    await openHttpChannel({ url: gateway.url, secret, fetch: fetchUrl, clock }).send(
      sample,
      new AbortController().signal,
    )
    await gateway.close()
    const [taken] = gateway.taken
    const verified = new Webhook(secret).verify(taken?.body ?? '', taken?.headers as Record<string, string>)
    expect(verified).toMatchObject({ id: sample.id, to: sample.to, text: sample.text })
  })

  test('we accept a receipt that the peer signed, and none it signed with another secret', () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    const body = JSON.stringify({ message: 'm1', state: 'delivered', at: now.toISOString() })
    const timestampS = Math.floor(now.getTime() / 1_000)
    const headers = headersOf('receipt-1', timestampS, new Webhook(secret).sign('receipt-1', now, body))
    expect(verifyReceipt([secret], headers, Buffer.from(body), now.getTime())).toEqual({
      message: 'm1',
      state: 'delivered',
      atMs: now.getTime(),
    })
    const other = `whsec_${randomBytes(32).toString('base64')}`
    expect(verifyReceipt([other], headers, Buffer.from(body), now.getTime())).toMatchObject({
      code: 'bad-credentials',
    })
  })
})

import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A message as the gateway got it. */
export interface GatewayMessage {
  readonly id: string
  readonly template: string
  readonly language: string
  readonly to: string
  readonly text: string
  readonly variables: Readonly<Record<string, string>>
}

/**
 * An SMS gateway that checks signatures with code of its own (Standard Webhooks), keeps what it got, and answers with
 * receipts when it is told where. It can be told to be out of order.
 */
export class SmsGateway {
  readonly #key = randomBytes(32)
  readonly #server: Server
  /** In the order of their first arrival. */
  readonly messages = new Map<string, GatewayMessage>()
  /** When each arrived first, by `performance.now`. */
  readonly arrivedMs = new Map<string, number>()
  /** How often each message arrived. */
  readonly arrivals = new Map<string, number>()
  /** What was not signed as it should be. */
  readonly unsigned: string[] = []
  outOfOrder = false

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        if (!this.outOfOrder) this.#take(body, request.headers)
        response.writeHead(this.outOfOrder ? 503 : 200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ reference: 'taken' }))
      })
    })
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** The settings that make Isotherm use it. */
  get settings(): NodeJS.ProcessEnv {
    const { port } = this.#server.address() as AddressInfo
    return {
      ISOTHERM_SMS_URL: `http://127.0.0.1:${port}/send`,
      ISOTHERM_SMS_SECRET: `whsec_${this.#key.toString('base64')}`,
    }
  }

  /** Sends a signed receipt to the API at this port; answers the status. */
  async receipt(httpPort: number, message: string, state: 'delivered' | 'undelivered'): Promise<number> {
    const body = JSON.stringify({ message, state, at: new Date().toISOString() })
    const id = `receipt-${message}`
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const answer = await fetch(`http://127.0.0.1:${httpPort}/api/v1/receipts`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': this.#sign(id, timestamp, body),
      },
      body,
    })
    return answer.status
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(body: string, headers: NodeJS.Dict<string | string[]>): void {
    const [id, timestamp] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])]
    if (headers['webhook-signature'] !== this.#sign(id, timestamp, body)) this.unsigned.push(body)
    const message = JSON.parse(body) as GatewayMessage
    if (!this.messages.has(message.id)) this.arrivedMs.set(message.id, performance.now())
    if (!this.messages.has(message.id)) this.messages.set(message.id, message)
    this.arrivals.set(message.id, (this.arrivals.get(message.id) ?? 0) + 1)
  }

  #sign(id: string, timestamp: string, body: string): string {
    return `v1,${createHmac('sha256', this.#key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  }
}

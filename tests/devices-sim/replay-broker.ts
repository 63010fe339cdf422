import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Aedes } from 'aedes'
import type { Clock } from '../../domain/index.ts'

/** The platform's clock. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => {})
  },
}

/** One message a broker took, as it came. */
export interface Taken {
  readonly topic: string
  readonly clientId: string
  readonly qos: number
  readonly payload: string
}

/** What becomes of a message: acknowledged, the connection closed, or nothing until `acknowledge` is called. */
export type Take = (message: Taken, acknowledge: () => void) => 'acknowledge' | 'close' | 'wait'

/** A broker in this process. */
export interface ReplayBroker {
  readonly port: number
  /** Connections asked for so far, refused ones too. */
  connects(): number
  /** Closes every connection at once, whatever is pending. */
  stop(): Promise<void>
}

/** Starts one on `port` (0 = any). Only device `vault-7` with `secret` may connect. */
export async function startBroker(take: Take, port = 0, secret = 's3cret'): Promise<ReplayBroker> {
  let connects = 0
  const broker = await Aedes.createBroker({
    authenticate: (_client, username, password, done) => {
      connects += 1
      done(null, username === 'vault-7' && password?.toString() === secret)
    },
    authorizePublish: (client, { topic, qos, payload }, done) => {
      const message = { topic, qos, clientId: client?.id ?? '', payload: payload.toString() }
      const verdict = take(message, () => done(null))
      if (verdict === 'acknowledge') done(null)
      if (verdict === 'close') done(new Error('closed by the test'))
    },
  })
  const server = createServer(broker.handle)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the test broker has no port')
  return {
    port: address.port,
    connects: () => connects,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      await closed
    },
  }
}

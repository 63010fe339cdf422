import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../domain/index.ts'
import { Problem } from '../domain/index.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How often an address may ask: `general` when absent. */
    limit?: 'general' | 'login' | 'live' | 'none'
  }
}

const MINUTE_MS = 60_000

/** A page of live charts asks a few times a second; a loop gone wild asks thousands of times. */
const REQUESTS_PER_MINUTE_MAX = 6_000
/** Each attempt costs a tenth of a second of hashing; a whole hospital may sit behind one address. */
const LOGINS_PER_MINUTE_MAX = 60

/** The snapshot a stream begins with costs tens of milliseconds where tens of thousands of sensors are in reach. */
const STREAMS_PER_MINUTE_MAX = 300

/** Wrong passwords for one name before it has to wait. */
export const FAILED_LOGINS_MAX = 10
/** How long it waits, counted from the first of them. */
export const FAILED_LOGINS_WINDOW_MS = 5 * MINUTE_MS
/** Names remembered at once; more means somebody tries names, whom the limit per address slows down. */
const NAMES_MAX = 10_000

/** Limits requests per address. Add it before the guard, so that refused requests count too. */
export async function limitAddresses(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { after }) =>
      new Problem('too-many-requests', {
        what: 'This address asks too often.',
        remedy: `Wait ${after}; the header Retry-After has the seconds.`,
      }),
  })
  const limiters = {
    general: app.rateLimit({ max: REQUESTS_PER_MINUTE_MAX, timeWindow: MINUTE_MS }),
    login: app.rateLimit({ max: LOGINS_PER_MINUTE_MAX, timeWindow: MINUTE_MS }),
    live: app.rateLimit({ max: STREAMS_PER_MINUTE_MAX, timeWindow: MINUTE_MS }),
  }
  app.addHook('onRequest', async (request, reply) => {
    const limit = request.routeOptions.config.limit ?? 'general'
    if (limit !== 'none') await limiters[limit].call(app, request, reply)
  })
}

/** Counts failed sign-ins per name, so that nobody guesses one person's password from many addresses. */
export interface FailedLogins {
  /** Counts an attempt; throws `too-many-requests` when the name has to wait. */
  attempt(name: string): void
  /** Forgets the name's attempts after a right password. */
  succeeded(name: string): void
}

/** An empty count; bounded, the names tried longest ago are forgotten first. */
export function countFailedLogins(clock: Clock): FailedLogins {
  const attempts = new Map<string, { readonly sinceMs: number; readonly count: number }>()
  return {
    attempt: (name) => {
      const nowMs = clock.monotonicMs()
      const found = attempts.get(name)
      const running =
        found !== undefined && nowMs - found.sinceMs < FAILED_LOGINS_WINDOW_MS ? found : undefined
      if (running !== undefined && running.count >= FAILED_LOGINS_MAX) {
        const waitS = Math.ceil((running.sinceMs + FAILED_LOGINS_WINDOW_MS - nowMs) / 1_000)
        throw new Problem('too-many-requests', {
          what: 'Too many wrong passwords for this name.',
          remedy: `Wait ${waitS} seconds; if you do not know the password, ask an administrator to set a new one.`,
        })
      }
      // counted before the password is checked, so that attempts at the same time count as well
      attempts.delete(name)
      attempts.set(name, { sinceMs: running?.sinceMs ?? nowMs, count: (running?.count ?? 0) + 1 })
      const [oldest] = attempts.keys()
      if (attempts.size > NAMES_MAX && oldest !== undefined) attempts.delete(oldest)
    },
    succeeded: (name) => {
      attempts.delete(name)
    },
  }
}

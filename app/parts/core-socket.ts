import { type Clock, type Log, reasonOf } from '../../domain/index.ts'
import type { CoreClient } from '../core-client.ts'
import { connectLocal } from '../doors/sockets.ts'
import { openLink } from '../link/index.ts'

/** How long to wait before looking for the core again. */
const RETRY_MS = 1_000

/**
 * Keeps `client` linked to the core of another process until `signal` aborts: when the core goes away the
 * facts last seen stay in force and the link is made anew as soon as its socket answers.
 */
export async function keepConnected(options: {
  readonly path: string
  readonly client: CoreClient
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}): Promise<void> {
  const { path, client, clock, log, signal } = options
  let waiting = false
  while (!signal.aborted) {
    const channel = await connectLocal(path)
    if (channel === undefined) {
      if (!waiting) log.warn({ path }, 'waiting for the core')
      waiting = true
      await clock.sleep(RETRY_MS, signal)
      continue
    }
    const link = openLink(channel, client.handlers)
    const gone = new Promise<void>((resolve) => {
      link.onClose(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    try {
      await client.attach(link)
      log.info({ path }, 'linked to the core')
      waiting = false
      await gone
    } catch (thrown) {
      log.warn({ reason: reasonOf(thrown) }, 'the core did not answer')
      await clock.sleep(RETRY_MS, signal)
    }
    link.close()
  }
}

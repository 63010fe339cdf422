import { type Clock, type Log, type Problem, reasonOf } from '../../domain/index.ts'
import type { CoreClient } from '../core-client.ts'
import { connectLocal } from '../doors/sockets.ts'
import { type Link, openLink } from '../link/index.ts'

/** How long to wait before looking for the core again. */
const RETRY_MS = 1_000

/**
 * Keeps `client` linked to the core of another process until `signal` aborts: when the core goes away the
 * facts last seen stay in force and the link is made anew as soon as its socket answers. Stopping does not wait
 * for an answer that is due: the core may be a stopped process.
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
    const close = (): void => {
      link.close()
    }
    signal.addEventListener('abort', close, { once: true })
    if (signal.aborted) close()
    try {
      await client.attach(link)
      log.info({ path }, 'linked to the core')
      waiting = false
      const failure = await closed(link)
      if (failure !== undefined) throw failure
    } catch (thrown) {
      if (signal.aborted) return
      log.warn({ reason: reasonOf(thrown) }, 'the link to the core failed and is made anew')
      await clock.sleep(RETRY_MS, signal)
    } finally {
      signal.removeEventListener('abort', close)
      close()
    }
  }
}

function closed(link: Link): Promise<Problem | undefined> {
  return new Promise((resolve) => {
    link.onClose(resolve)
  })
}

import { type Clock, type Log, reasonOf } from '../domain/index.ts'
import { startThread, type Thread } from './doors/threads.ts'
import { type Link, openLink } from './link/index.ts'

/** Restarting a thread that dies at once must not burn a core. */
const RESTART_DELAY_MS = 1_000

/** A thread that holds nothing but what it can be told again, and is started again when it dies. */
export interface LastingThread {
  /** As `Link.call`; rejects with `core-unavailable` while the thread is down. */
  call(name: string, input: unknown): Promise<unknown>
  stop(): Promise<void>
}

/**
 * Starts the module at `url` in a thread; `name` is what the log calls it. `onStart` is given the link to each thread
 * that is started, for what it must be told.
 */
export function startLastingThread(options: {
  readonly name: string
  readonly url: URL
  readonly data: unknown
  readonly onStart?: (link: Link) => void
  /** Called each time it has died and is started again. */
  readonly onRestart?: () => void
  readonly clock: Clock
  readonly log: Log
}): LastingThread {
  const { name, url, data, onStart, onRestart, clock, log } = options
  const stopping = new AbortController()
  let thread: Thread
  let link: Link
  const start = (): void => {
    thread = startThread(url, data)
    link = openLink(thread.channel, {})
    onStart?.(link)
    void thread.ended.then(async (failure) => {
      if (stopping.signal.aborted) return
      log.error({ thread: name, reason: reasonOf(failure) }, 'a thread died and is started again')
      await clock.sleep(RESTART_DELAY_MS, stopping.signal)
      if (stopping.signal.aborted) return
      onRestart?.()
      start()
    })
  }
  start()
  return {
    call: (called, input) => link.call(called, input),
    stop: async () => {
      stopping.abort()
      await thread.stop()
    },
  }
}

import { type Clock, type Log, reasonOf } from '../../domain/index.ts'
import type { Queries, QueryName, QueryPort } from '../../store/index.ts'
import { startThread, type Thread } from '../doors/threads.ts'
import type { DataLayout } from '../layout.ts'
import { type Link, openLink } from '../link/index.ts'

/** Restarting a thread that dies at once must not burn a core. */
const RESTART_DELAY_MS = 1_000

/** The query thread, started again when it dies: it holds no state. */
export interface QueryThread extends QueryPort {
  stop(): Promise<void>
}

/** Starts the thread; the stores must exist already, because it opens them read-only. */
export function startQueryThread(options: {
  readonly layout: DataLayout
  readonly clock: Clock
  readonly log: Log
}): QueryThread {
  const { layout, clock, log } = options
  let stopped = false
  let thread: Thread
  let link: Link
  const start = (): void => {
    thread = startThread(new URL('../query-worker.ts', import.meta.url), layout)
    link = openLink(thread.channel, {})
    void thread.ended.then(async (failure) => {
      if (stopped) return
      log.error({ reason: reasonOf(failure) }, 'the query thread died and is started again')
      await clock.sleep(RESTART_DELAY_MS)
      if (!stopped) start()
    })
  }
  start()
  return {
    query: async <N extends QueryName>(name: N, input: Queries[N]) =>
      (await link.call('query', { name, input })) as Uint8Array,
    stop: async () => {
      stopped = true
      await thread.stop()
    },
  }
}

import { type Clock, type Log, reasonOf } from '../../domain/index.ts'
import type { FactsView, Queries, QueryName, QueryPort } from '../../store/index.ts'
import type { CoreClient } from '../core-client.ts'
import { startThread, type Thread } from '../doors/threads.ts'
import type { DataLayout } from '../layout.ts'
import { type Link, openLink } from '../link/index.ts'
import type { FactsNotice } from '../link/protocol.ts'

/** Restarting a thread that dies at once must not burn a core. */
const RESTART_DELAY_MS = 1_000

/** The query thread, started again when it dies: all it holds is a view of the facts, which it is given anew. */
export interface QueryThread extends QueryPort {
  stop(): Promise<void>
}

/**
 * Starts the thread; the stores must exist already, because it opens them read-only. It learns what `view` knows and
 * then what `client` passes on.
 */
export function startQueryThread(options: {
  readonly layout: DataLayout
  readonly client: Pick<CoreClient, 'forwardFacts'>
  readonly view: Pick<FactsView, 'ready' | 'version' | 'rows'>
  readonly clock: Clock
  readonly log: Log
}): QueryThread {
  const { layout, client, view, clock, log } = options
  let stopped = false
  let thread: Thread
  let link: Link
  const start = (): void => {
    thread = startThread(new URL('../query-worker.ts', import.meta.url), layout)
    link = openLink(thread.channel, {})
    // the view changes only with what is forwarded, so nothing falls between this and the next change
    if (view.ready)
      link.notify('facts-snapshot', { version: view.version, rows: view.rows() } satisfies FactsNotice)
    void thread.ended.then(async (failure) => {
      if (stopped) return
      log.error({ reason: reasonOf(failure) }, 'the query thread died and is started again')
      await clock.sleep(RESTART_DELAY_MS)
      if (!stopped) start()
    })
  }
  start()
  client.forwardFacts({
    load: (snapshot) => {
      link.notify('facts-snapshot', snapshot)
    },
    apply: (change) => {
      link.notify('facts-change', change)
    },
  })
  return {
    query: async <N extends QueryName>(name: N, input: Queries[N]) =>
      (await link.call('query', { name, input })) as Uint8Array,
    stop: async () => {
      stopped = true
      await thread.stop()
    },
  }
}

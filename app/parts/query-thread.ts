import type { Clock, Log } from '../../domain/index.ts'
import type { Queries, QueryName, QueryPort } from '../../store/index.ts'
import { startLastingThread } from '../lasting-thread.ts'
import type { DataLayout } from '../layout.ts'

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
  const url = new URL('../query-worker.ts', import.meta.url)
  const thread = startLastingThread({ name: 'query', url, data: layout, clock, log })
  return {
    query: async <N extends QueryName>(name: N, input: Queries[N]) =>
      (await thread.call('query', { name, input })) as Uint8Array,
    stop: () => thread.stop(),
  }
}

import type { Clock, FactChange, Log } from '../../domain/index.ts'
import type { FactsView, Queries, QueryName, QueryPort } from '../../store/index.ts'
import type { CoreClient } from '../core-client.ts'
import { startLastingThread } from '../lasting-thread.ts'
import type { DataLayout } from '../layout.ts'
import { type Link, sendSnapshot } from '../link/index.ts'

/** Asking a thread again that is busy must not burn a core. */
const RETRY_DELAY_MS = 1_000

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
  readonly onRestart?: () => void
}): QueryThread {
  const { layout, client, view, clock } = options
  let link: Link
  // one after the other: what changes while a snapshot travels comes behind it
  let sent: Promise<void> = Promise.resolve()
  const load = (to: Link, all: FactChange): void => {
    sent = sent.then(() => feed(to, all, clock))
  }
  const onStart = (started: Link): void => {
    link = started
    // the view changes only with what is forwarded, so nothing falls between this and the next change
    if (view.ready) load(link, { version: view.version, rows: view.rows() })
  }
  const url = new URL('../query-worker.ts', import.meta.url)
  const thread = startLastingThread({ ...options, name: 'query', url, data: layout, onStart })
  client.forwardFacts({
    load: (all) => {
      load(link, all)
    },
    apply: (change) => {
      const to = link
      sent = sent.then(() => {
        to.notify('facts-change', change)
      })
    },
  })
  return {
    query: async <N extends QueryName>(name: N, input: Queries[N]) =>
      (await thread.call('query', { name, input })) as Uint8Array,
    stop: () => thread.stop(),
  }
}

/** Sends the facts until the thread has taken them; nothing once its link is closed. */
async function feed(link: Link, all: FactChange, clock: Clock): Promise<void> {
  while (!link.closed) {
    try {
      await sendSnapshot(link, all)
      return
    } catch {
      // Nothing is lost: a thread that died has a successor that is fed anew, a busy one is asked again.
      if (!link.closed) await clock.sleep(RETRY_DELAY_MS)
    }
  }
}

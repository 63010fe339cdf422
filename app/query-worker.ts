import { Problem } from '../domain/index.ts'
import { createFactsView } from '../store/index.ts'
import { systemClock } from './doors/clock.ts'
import { threadChannel, threadData } from './doors/threads.ts'
import { feeding, openLink } from './link/index.ts'
import type { QueryCall } from './link/protocol.ts'
import { openQueries } from './queries.ts'
import type { DataLayout } from './layout.ts'

// Lists and history are read in a thread of their own, on read-only connections: a year of one sensor takes
// longer than an acknowledgement may wait. Where sensors and lots were it learns from whoever started it.

/** The facts are on their way when the thread starts; a query that needs them waits so long at most. */
const FACTS_WAIT_MS = 5_000

const view = createFactsView()
const loaded = Promise.withResolvers<void>()

async function viewReady(): Promise<void> {
  if (view.ready) return
  const giveUp = new AbortController()
  await Promise.race([loaded.promise, systemClock.sleep(FACTS_WAIT_MS, giveUp.signal)])
  giveUp.abort()
  if (view.ready) return
  throw new Problem('core-unavailable', {
    what: 'The server has not yet learnt where sensors and lots are.',
    remedy: 'Try again in a moment; if it stays, check that the core is running.',
  })
}

const queries = openQueries(threadData() as DataLayout, view, viewReady)

const fed = feeding({
  load: (all) => {
    view.load(all)
    loaded.resolve()
  },
  apply: (change) => {
    view.apply(change)
  },
})

openLink(threadChannel(), {
  ...fed,
  calls: {
    ...fed.calls,
    query: (input) => {
      const { name, input: given } = input as QueryCall
      return queries.answer(name, given)
    },
  },
})

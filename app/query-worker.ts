import { threadChannel, threadData } from './doors/threads.ts'
import { openLink } from './link/index.ts'
import type { QueryCall } from './link/protocol.ts'
import { openQueries } from './queries.ts'
import type { DataLayout } from './layout.ts'

// Lists and history are read in a thread of their own, on read-only connections: a year of one sensor takes
// longer than an acknowledgement may wait.

const queries = openQueries(threadData() as DataLayout)

openLink(threadChannel(), {
  calls: {
    query: (input) => {
      const { name, input: given } = input as QueryCall
      return queries.answer(name, given)
    },
  },
})

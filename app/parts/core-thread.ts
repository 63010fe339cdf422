import { startCore } from '../core/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { systemRandom } from '../doors/random.ts'
import { listenLocal } from '../doors/sockets.ts'
import { endThread, threadChannel, threadData } from '../doors/threads.ts'
import type { DataLayout } from '../layout.ts'
import { openConfiguredLogs } from '../logs.ts'

// The core of `isotherm start`, in a thread beside the broker. It also answers on its socket, so that the
// command line of this machine reaches it in the same way as a core in a process of its own.

/** What `startCoreThread` hands over. */
export interface CoreThreadData {
  readonly configuration: Configuration
  readonly layout: DataLayout
}

const { configuration, layout } = threadData() as CoreThreadData
const logs = openConfiguredLogs(configuration, 'core')
const core = await startCore({ configuration, layout, clock: systemClock, random: systemRandom, logs })
core.failed.catch(endThread)
const listener = await listenLocal(layout.socket, (channel) => {
  core.serve(channel)
})
core.serve(threadChannel(), {
  stop: async () => {
    await listener.close()
    await core.stop()
  },
})

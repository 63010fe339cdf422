import type { Clock, Log } from '../../domain/index.ts'
import { reasonOf } from '../../domain/index.ts'
import type { CoreClient } from '../core-client.ts'
import type { Sample } from './definitions.ts'
import type { SampleSource } from './registry.ts'

/** Prometheus waits 10 s for a scrape; what this process knows by itself must come in time. */
const ANSWER_MS_MAX = 3_000

/** What the core counts; without a core, or with one that does not answer in time, that it is not connected. */
export function coreSamples({
  client,
  clock,
  log,
}: {
  readonly client: Pick<CoreClient, 'connected' | 'numbers'>
  readonly clock: Clock
  readonly log: Log
}): SampleSource {
  return async () => {
    const enough = new AbortController()
    try {
      const late = clock.sleep(ANSWER_MS_MAX, enough.signal).then(() => undefined)
      const told = client.connected ? await Promise.race([client.numbers(), late]) : undefined
      if (told !== undefined) return [connected(true), ...told]
    } catch (thrown) {
      // Nothing is lost: the next scrape asks again.
      log.debug({ reason: reasonOf(thrown) }, 'the core did not tell its numbers')
    } finally {
      enough.abort()
    }
    return [connected(false)]
  }
}

/** Whether there is a core, where nobody asks it for its numbers. */
export function linkSamples({ client }: { readonly client: Pick<CoreClient, 'connected'> }): SampleSource {
  return () => [connected(client.connected)]
}

function connected(isConnected: boolean): Sample {
  return { name: 'isotherm_core_connected', value: isConnected ? 1 : 0 }
}

import type { Clock } from '../../../domain/index.ts'
import { watchEventLoop } from '../../doors/event-loop.ts'
import type { CoreStatus } from '../../link/protocol.ts'
import type { Sample } from '../../metrics/definitions.ts'
import type { JudgeNumbers } from '../judge/index.ts'
import { consumerSamples, type ConsumerParts } from './consumers.ts'
import { judgeSamples } from './judge.ts'
import { type Memory, Remembered } from './remembered.ts'
import { statusSamples } from './status.ts'
import { type StoreParts, storeSamples } from './stores.ts'

/** What the core's numbers are made from. */
export type NumberParts = ConsumerParts &
  StoreParts & {
    readonly status: () => CoreStatus
    readonly judge: { numbers(): JudgeNumbers }
    readonly clock: Clock
  }

/** Several who ask at once, and one after the other, are answered with one reading; who asks gives up after 3 s. */
const ALL: Memory = { forMs: 1_000, patienceMs: 2_000 }
/** What goes through whole tables is read this often at most. */
const TABLES: Memory = { forMs: 15_000, patienceMs: 1_000 }

/** Opens the numbers of a core; answers what they are, soon. */
export function openNumbers(parts: NumberParts): () => Promise<readonly Sample[]> {
  const { clock } = parts
  const delay = watchEventLoop('core')
  const tables = new Remembered(clock, TABLES, () => storeSamples(parts))
  const all = new Remembered(clock, ALL, async () => {
    const status = parts.status()
    return [
      ...delay(),
      ...(await consumerSamples(parts, status)),
      ...statusSamples(status),
      ...judgeSamples(parts.judge.numbers()),
      ...(await tables.get()),
    ]
  })
  return () => all.get()
}

import type { Clock } from '../../../domain/index.ts'
import { watchEventLoop } from '../../doors/event-loop.ts'
import type { CoreStatus } from '../../link/protocol.ts'
import type { Sample } from '../../metrics/definitions.ts'
import { consumerSamples, type ConsumerParts } from './consumers.ts'
import { Remembered } from './remembered.ts'
import { statusSamples } from './status.ts'
import { type StoreParts, storeSamples } from './stores.ts'

/** What the core's numbers are made from. */
export type NumberParts = ConsumerParts &
  StoreParts & {
    readonly status: () => CoreStatus
    readonly judge: { numbers(): { readonly waiting: number; readonly judged: number } }
    readonly clock: Clock
  }

/** Several who ask at once, and one after the other, are answered with one reading. */
const AGAIN_MS = 1_000
/** What goes through whole tables is read this often at most. */
const TABLES_MS = 15_000

/** Opens the numbers of a core; answers what they are, soon. */
export function openNumbers(parts: NumberParts): () => Promise<readonly Sample[]> {
  const { clock } = parts
  const delay = watchEventLoop('core')
  const tables = new Remembered(clock, TABLES_MS, () => storeSamples(parts))
  const all = new Remembered(clock, AGAIN_MS, async () => {
    const { waiting, judged } = parts.judge.numbers()
    const status = parts.status()
    return [
      ...delay(),
      ...(await consumerSamples(parts, status)),
      ...statusSamples(status),
      { name: 'isotherm_judge_points_waiting', value: waiting } as const,
      { name: 'isotherm_judge_points_total', value: judged } as const,
      ...(await tables.get()),
    ]
  })
  return () => all.get()
}

import type { Clock, Log } from '../../domain/index.ts'
import type { AccessFacts } from '../ports.ts'

/** What a hub works with. */
export interface LiveHubParts {
  readonly facts: AccessFacts
  readonly clock: Clock
  readonly log: Log
  /** Whether what the hub is told is current at this moment; streams are told with every heartbeat. */
  readonly following: () => boolean
  /** Hears whether anybody watches, whenever that changes; at first nobody does. */
  readonly onWatched?: (isWatched: boolean) => void
  /** Bytes of snapshots that may wait for readers; default 256 MiB. */
  readonly snapshotBytesMax?: number
}

/** How a hub is doing; counts since its start. */
export interface LiveStats {
  readonly streams: number
  /** Written and not taken yet, of all of them. */
  readonly unsentBytes: number
  /** Events that readers who were behind have missed; each of them got a snapshot later. */
  readonly dropped: number
  readonly snapshots: number
  /** Streams closed because nobody took anything any more, or too much was kept for slow ones. */
  readonly stuck: number
}

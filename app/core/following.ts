import type { Clock, Log } from '../../domain/index.ts'
import {
  ACCEPT_BEFORE_REGISTRATION_MS,
  decodeRecord,
  type MessageRecord,
  Problem,
  recordText,
} from '../../domain/index.ts'
import { type DeviceTermsAt, requireSameLog, runCensus, runIngest } from '../../ingest/index.ts'
import { openJournalReader, type RemoteJournalReader } from '../../journal/index.ts'
import {
  type CanonicalReads,
  type CanonicalStore,
  deviceFactsAt,
  type Facts,
  type FactsView,
} from '../../store/index.ts'
import { nodeDisk } from '../doors/disk.ts'
import type { DataLayout } from '../layout.ts'
import { openSensorRegistration } from './sensors.ts'

/** A device that is not in the facts cannot have been admitted, but a restored log may still name it. */
const EXPECTED_INTERVAL_UNKNOWN_MS = 300_000

/** What follows the journal inside the core: ingest, census and the registration of sensors. */
export interface Following {
  /** Rejects when a follower cannot go on. Never resolves. */
  readonly failed: Promise<never>
  /** Null until the part that writes the journal said how much of it is durable. */
  durableEnd(): number | null
  /**
   * Compares the cursors with the journal a gateway has opened, of which `durableEnd` records are durable; the first
   * time, ingest and census start. Rejects, and soon after the core fails, when the journal is not the one they
   * followed; then nobody may be admitted.
   */
  compare(durableEnd: number): Promise<void>
  /** A durable record of the journal; rejects with `not-found` where there is none. */
  record(index: number): Promise<MessageRecord>
  /** More of the compared journal is durable. */
  advance(durableEnd: number): void
  stop(): Promise<void>
}

/** What the followers work with. */
export interface FollowingParts {
  readonly layout: DataLayout
  readonly clock: Clock
  readonly log: Log
  readonly store: CanonicalStore
  readonly reads: CanonicalReads
  readonly facts: Facts
  readonly view: FactsView
  /** Called after each step of ingest. */
  readonly onIngest: () => void
}

/** Opens the journal for reading. Nothing of it is taken before it was compared. */
export async function openFollowing(parts: FollowingParts): Promise<Following> {
  const { layout, clock, log, reads } = parts
  const stopping = new AbortController()
  const failure = Promise.withResolvers<never>()
  const open = (): Promise<RemoteJournalReader> =>
    openJournalReader({ directory: layout.journal, disk: nodeDisk() })
  const reader = await open()
  const sensors = openSensorRegistration({ ...parts, fail: failure.reject })
  sensors.look()
  let told: number | null = null
  let followers: Promise<unknown> | undefined

  const advance = (durableEnd: number): void => {
    try {
      reader.advance(durableEnd)
      told = durableEnd
    } catch (thrown) {
      // What was followed is not what the gateway writes: the core must compare again, from its start.
      failure.reject(thrown)
      throw thrown
    }
  }
  const follow = (): void => {
    const onProgress = (): void => {
      parts.onIngest()
      sensors.look()
    }
    followers = runFollowers(parts, reader, onProgress, stopping.signal)
    followers.catch((thrown: unknown) => {
      log.error({ record: recordText(reads.cursor('ingest')) }, 'a follower of the journal cannot go on')
      failure.reject(thrown)
    })
  }
  const compare = async (durableEnd: number): Promise<void> => {
    // A reader of its own: the one of the followers may hold files open that have been replaced since.
    const fresh = await open()
    try {
      fresh.advance(durableEnd)
      await requireSameLog(fresh, reads)
    } finally {
      fresh.close()
    }
    advance(durableEnd)
    if (followers === undefined && !stopping.signal.aborted) follow()
  }
  return {
    failed: failure.promise,
    durableEnd: () => told,
    compare: async (durableEnd) => {
      try {
        await compare(durableEnd)
      } catch (thrown) {
        // The gateway that asked is answered first: it must not admit anybody, and has to say why.
        void clock.sleep(0).then(() => failure.reject(thrown))
        throw thrown
      }
    },
    record: (index) => recordAt(reader, told ?? 0, index),
    advance,
    stop: async () => {
      stopping.abort()
      await Promise.allSettled([followers])
      await sensors.stop()
      reader.close()
    },
  }
}

async function recordAt(reader: RemoteJournalReader, end: number, index: number): Promise<MessageRecord> {
  if (Number.isSafeInteger(index) && index >= 0 && index < end) {
    const enough = new AbortController()
    for await (const [entry] of reader.follow(index, enough.signal)) {
      enough.abort()
      if (entry !== undefined) return decodeRecord(entry.bytes)
    }
  }
  throw new Problem('not-found', {
    what: `The journal holds no record ${index}; it ends before ${end}.`,
    remedy: 'Take the index from the list of what is held. Where no gateway runs, start it first.',
  })
}

/** Runs ingest and the census until `signal` aborts; rejects when one of them cannot go on. */
function runFollowers(
  { layout, store, view, clock, log }: FollowingParts,
  reader: RemoteJournalReader,
  onProgress: () => void,
  signal: AbortSignal,
): Promise<unknown> {
  const following = { reader, store, clock, log, signal }
  return Promise.all([
    runIngest({ ...following, termsAt: termsFrom(view), freeBytes: freeBytesOf(layout), onProgress }),
    runCensus(following),
  ])
}

/** How much of the disk of a data directory is free; none, where that cannot be told. */
export function freeBytesOf({ root }: DataLayout): () => Promise<number> {
  const disk = nodeDisk()
  return async () => {
    try {
      return (await disk.space(root)).freeBytes
    } catch {
      // what is taken then is small, and goes on
      return 0
    }
  }
}

/** Terms of a device at an instant, from the facts in memory. */
export function termsFrom(view: FactsView): DeviceTermsAt {
  return (device, atMs) =>
    deviceFactsAt(view, device, atMs) ?? {
      acceptFromMs: atMs - ACCEPT_BEFORE_REGISTRATION_MS,
      expectedIntervalMs: EXPECTED_INTERVAL_UNKNOWN_MS,
    }
}

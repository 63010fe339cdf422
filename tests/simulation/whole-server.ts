import { startDesk } from '../../app/core/incidents/desk.ts'
import { startJudge, type Judge } from '../../app/core/judge/judge.ts'
import { termsFrom } from '../../app/core/following.ts'
import { type Clock, decodeRecord, type Log, Problem, type RulePack } from '../../domain/index.ts'
import { Admission } from '../../gateway/admit.ts'
import { defaultLimits } from '../../gateway/index.ts'
import { requireSameLog, runCensus, runIngest } from '../../ingest/index.ts'
import { storeBetween } from '../support/store-between.ts'
import { type Disk, type Journal, openJournal } from '../../journal/index.ts'
import {
  type CanonicalReads,
  type CanonicalStore,
  type CanonicalTransaction,
  createFactsView,
  type Facts,
  type FactsView,
  type FindingReads,
  openCanonicalReads,
  openCanonicalStore,
  openDeskStore,
  openFindingReads,
} from '../../store/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'
import type { WholeBreak } from './whole-model.ts'
import { inPieces, withShortTurns } from './whole-turns.ts'

/** Where the log lies on the simulated disk. */
export const JOURNAL = '/data/journal/readings'

/** What a process is started with. */
export interface ServerParts {
  readonly disk: Disk
  readonly readingsPath: string
  readonly facts: Facts
  readonly packs: readonly RulePack[]
  readonly clock: Clock
  readonly random: SeededRandom
  readonly log: Log
  readonly broken: WholeBreak | undefined
  /** False from the instant on at which the process was killed: nothing it still does may leave a trace. */
  readonly alive: () => boolean
  /** True when the store's next commit fails, as on a full disk. */
  readonly storeFails: () => boolean
  /** Called between two turns of ingest, in the middle of a stretch or at its end. */
  readonly betweenTurns: () => void
}

/** The process: journal, admission, ingest, census, judge and incident desk, all of them the real ones. */
export interface SimulatedServer {
  readonly journal: Journal
  readonly admission: Admission
  readonly reads: CanonicalReads
  readonly findings: FindingReads
  readonly view: FactsView
  readonly judge: Judge
  /** Set when a follower of the journal could not go on. */
  failed(): unknown
  /** Ends everything; what is under way is dropped. */
  end(): Promise<void>
}

/** Opens everything as a start does. Undefined when the disk refused, so that the process ended; throws what else. */
export async function startServer(parts: ServerParts): Promise<SimulatedServer | undefined> {
  const { random, disk, clock, log } = parts
  try {
    const journal = await openJournal({
      directory: JOURNAL,
      segmentBytesMax: 2_000 + random.below(60_000),
      commitRecordsMax: 1 + random.below(50),
      spaceReserve: { share: 0, bytes: 0 },
      queueRecordsMax: 500,
      disk,
      clock,
      random,
      log,
    })
    const last = await journal.last()
    return await startCore(parts, journal, last === undefined ? 0 : decodeRecord(last).receivedAtMs)
  } catch (thrown) {
    if (!parts.alive() || isUnavailable(thrown)) return undefined
    throw thrown
  }
}

/** True for what ends a process that its supervisor starts again. */
export function isUnavailable(thrown: unknown): boolean {
  return thrown instanceof Problem && thrown.code === 'journal-unavailable'
}

async function startCore(
  parts: ServerParts,
  journal: Journal,
  lastReceivedAtMs: number,
): Promise<SimulatedServer> {
  const { readingsPath: path, facts, clock, log, packs, random } = parts
  const store = breakable(openCanonicalStore({ path }), parts)
  const reads = openCanonicalReads({ path })
  const findings = openFindingReads({ path })
  const view = createFactsView()
  const stopping = new AbortController()
  const { signal } = stopping
  const close = (): void => {
    for (const each of [findings, reads, store]) each.close()
  }
  try {
    await requireSameLog(journal, reads)
    view.load(await facts.snapshot())
  } catch (thrown) {
    close()
    throw thrown
  }
  const common = { findings, view, packs, clock, log, signal }
  const deskStore = openDeskStore(facts, random)
  const desk = startDesk({ ...common, store: deskStore, onMessages: () => undefined })
  const isLevel = (): boolean => reads.cursor('ingest') >= journal.durableEnd
  const judge = startJudge({ ...common, store, reads, isLevel, onFindings: () => desk.wake() })
  const stopFacts = facts.onChange((change) => {
    view.apply(change)
    judge.onFacts(change)
  })
  let failure: unknown
  const following = { reader: journal, store, clock, log, signal }
  const followers = Promise.all([
    runIngest({
      ...following,
      reader: inPieces(journal, random),
      clock: withShortTurns(clock, random, parts.betweenTurns),
      termsAt: termsFrom(view),
      freeBytes: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
      onProgress: () => judge.wake(),
    }),
    runCensus(following),
  ]).catch((thrown: unknown) => {
    failure = thrown
  })
  return {
    journal,
    admission: new Admission({
      append: (bytes, waiter) => journal.appendFor(bytes, waiter),
      lastReceivedAtMs,
      clock,
      log,
      limits: defaultLimits,
    }),
    reads,
    findings,
    view,
    judge,
    failed: () => failure,
    end: async () => {
      stopping.abort()
      stopFacts()
      await journal.close()
      await Promise.all([followers, judge.stopped, desk.stopped])
      close()
    },
  }
}

/** The real store, whose commits fail when told to, and never again once the process is dead. */
function breakable(store: CanonicalStore, parts: ServerParts): CanonicalStore {
  const requireAlive = (): void => {
    if (!parts.alive()) throw cannotWrite('the process is dead')
  }
  const real = parts.broken === 'half-stretch' ? withHalves(store) : store
  return storeBetween(real, {
    before: requireAlive,
    given: (tx) => (parts.broken === undefined ? tx : brokenTransaction(tx, parts)),
    after: () => {
      // it may have died while a job at length was at it
      requireAlive()
      if (parts.storeFails()) throw cannotWrite('the disk is full')
    },
  })
}

/** What a stretch has done by the time at which it breaks off stays. */
function withHalves(store: CanonicalStore): CanonicalStore {
  return {
    ...store,
    transactAtLength: async (job, commit) => {
      let failure: unknown
      const half = async (tx: CanonicalTransaction) =>
        job(tx).catch((thrown: unknown) => {
          failure = thrown
        })
      const result = await store.transactAtLength(half, commit)
      if (failure !== undefined) throw failure
      return result as Awaited<ReturnType<typeof job>>
    },
  }
}

function brokenTransaction(tx: CanonicalTransaction, { broken, random }: ServerParts): CanonicalTransaction {
  if (broken === 'skip-held') return { ...tx, hold: () => undefined }
  if (broken === 'lose-duplicate-check')
    return { ...tx, displaced: () => undefined, undated: () => undefined }
  if (broken !== 'deaf-judge') return tx
  return {
    ...tx,
    savePointOutcome: (outcome) => {
      if (!random.oneIn(4)) tx.savePointOutcome(outcome)
    },
  }
}

function cannotWrite(why: string): Problem {
  return new Problem('core-unavailable', { what: `Simulated: ${why}.`, remedy: 'Try again.' })
}

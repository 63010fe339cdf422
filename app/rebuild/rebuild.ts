import { Problem } from '../../domain/index.ts'
import { runCensus, runIngest } from '../../ingest/index.ts'
import { openJournalReader } from '../../journal/index.ts'
import {
  type CanonicalStore,
  carryFindings,
  carryProjection,
  compareReadings,
  createFactsView,
  type Facts,
  type FactsView,
  lockDataDirectory,
  type LockHolder,
  openCanonicalReads,
  openCanonicalStore,
  openDeskStore,
  openFacts,
  openFindingReads,
  type DataDirectoryLock,
  type RebuiltPair,
  type TableDifference,
} from '../../store/index.ts'
import type { LogParts, OnProgress } from '../backup/index.ts'
import { startFeed } from '../core/feed.ts'
import { freeBytesOf, termsFrom } from '../core/following.ts'
import { startJudge } from '../core/judge/judge.ts'
import { isThere } from '../doors/files.ts'
import type { Logs } from '../doors/log.ts'
import { readRulePacks } from '../doors/rule-packs.ts'
import { keepFactsOfOlderFormat, requireFormat, settleFormat } from '../format.ts'
import type { DataLayout } from '../layout.ts'
import { recoveredEnd, requireOwnJournal } from '../own-journal.ts'
import { oldReadings, putInPlace, removeDatabase } from './files.ts'

/** How often it is looked whether all records are taken, and progress is told. */
const LOOK_MS = 50

/** What is rebuilt with. */
export interface RebuildOptions extends LogParts {
  readonly layout: DataLayout
  readonly holder: LockHolder
  /** Of what takes and judges records; `log` is that of the journal. */
  readonly logs: Pick<Logs, 'alerts' | 'ingest'>
  readonly onProgress: OnProgress
}

/** A rebuilt store of readings. */
export interface Rebuilt {
  /** Records of the journal that were taken. */
  readonly records: number
  /** What differs from the readings before; null when there were none that could be read. */
  readonly differences: readonly TableDifference[] | null
  /** Changes of findings that were told, with respect to those before. */
  readonly findingChanges: number
  /** Where the readings before were put; null when nothing differs, or there were none. */
  readonly kept: string | null
}

/**
 * Makes readings and findings anew from the journal and the facts, beside those in use, compares the two and puts the
 * new file in the place of the old one. Isotherm must be stopped. Nobody is called: what the incident desk knows it
 * knows by the ids of findings, which are derived. What is interrupted has changed nothing and is begun anew.
 *
 * Throws `data-directory-locked`, what `requireFormat` and the journal refuse, `journal-mismatch` or
 * `journal-cursor-beyond-end` when the journal is not the one the readings were made of, and `journal-trimmed` or
 * `journal-damaged` when its first records are not here.
 */
export async function rebuildReadings(options: RebuildOptions): Promise<Rebuilt> {
  const { layout, holder, clock } = options
  await requireFormat(layout)
  if (!(await isThere(layout.facts))) {
    throw new Problem('not-found', {
      what: `There is no data directory of Isotherm in ${layout.root}.`,
      remedy: 'Name the one that is meant with --data-dir.',
    })
  }
  const locks: DataDirectoryLock[] = []
  let facts: Facts | undefined
  try {
    for (const role of ['core', 'gateway']) locks.push(lockDataDirectory({ path: layout.root, role, holder }))
    await requireFormat(layout)
    await keepFactsOfOlderFormat(layout, clock)
    facts = await openFacts({ path: layout.facts, clock })
    const rebuilt = await rebuild(options, facts)
    await settleFormat(layout)
    return rebuilt
  } finally {
    await facts?.close()
    for (const lock of locks) lock.release()
  }
}

async function rebuild(options: RebuildOptions, facts: Facts): Promise<Rebuilt> {
  const { layout, random } = options
  const end = await recoveredEnd(options)
  await requireFirstRecord(options, end)
  const old = await oldReadings(layout)
  // from another journal, or from none, a rebuild would make away with readings that are there
  if (old === 'sound') await requireOwnJournal(options, end)
  const pair: RebuiltPair = { before: layout.readings, after: `${layout.readings}.rebuilding` }
  await removeDatabase(pair.after)
  const store = openCanonicalStore({ path: pair.after })
  let differences: readonly TableDifference[] | null = null
  let findingChanges: number
  try {
    if (old === 'sound') carryFindings(pair)
    findingChanges = await fill(options, facts, store, pair.after, end)
    if (old === 'sound') {
      options.onProgress('comparing', 0, 1)
      differences = compareReadings(pair)
      if (differences.length === 0) carryProjection(pair)
    }
  } finally {
    store.close()
  }
  // the numbers of changes begin anew; the desk knows findings by their ids, and does nothing again
  if (old !== 'sound') await openDeskStore(facts, random).step((tx) => tx.setCursor(0))
  const isKept = old === 'damaged' || (differences !== null && differences.length > 0)
  const kept = await putInPlace(pair, isKept, options.clock)
  return { records: end, differences, findingChanges, kept }
}

/** Readings of records that are not here would be lost: a store is made from the first record and all behind it. */
async function requireFirstRecord({ layout, disk }: RebuildOptions, end: number): Promise<void> {
  if (end === 0) return
  const reader = await openJournalReader({ directory: layout.journal, disk })
  const enough = new AbortController()
  try {
    reader.advance(end)
    for await (const _ of reader.follow(0, enough.signal)) enough.abort()
  } finally {
    reader.close()
  }
}

/** Takes every record into the new store and judges every point; answers how many changes of findings were told. */
async function fill(
  options: RebuildOptions,
  facts: Facts,
  store: CanonicalStore,
  path: string,
  end: number,
): Promise<number> {
  const view = createFactsView()
  const stopFeed = await startFeed(facts, {
    snapshot: (all) => {
      view.load(all)
    },
    change: (one) => {
      view.apply(one)
    },
  })
  const findings = openFindingReads({ path })
  try {
    const changesBefore = findings.lastChange()
    if (end > 0) await takeRecords(options, store, path, view, end)
    await judgeAll(options, store, path, view)
    return findings.lastChange() - changesBefore
  } finally {
    findings.close()
    stopFeed()
  }
}

async function takeRecords(
  { layout, disk, clock, logs, onProgress }: RebuildOptions,
  store: CanonicalStore,
  path: string,
  view: FactsView,
  end: number,
): Promise<void> {
  const reader = await openJournalReader({ directory: layout.journal, disk })
  const reads = openCanonicalReads({ path })
  const stopping = new AbortController()
  const { signal } = stopping
  reader.advance(end)
  const following = { reader, store, clock, log: logs.ingest, signal }
  const followers = Promise.all([
    runIngest({
      ...following,
      termsAt: termsFrom(view),
      freeBytes: freeBytesOf(layout),
      onProgress: () => undefined,
    }),
    runCensus(following),
  ])
  const taken = async (): Promise<void> => {
    while (!signal.aborted && Math.min(reads.cursor('ingest'), reads.cursor('census')) < end) {
      onProgress('taking records', reads.cursor('ingest'), end)
      await clock.sleep(LOOK_MS, signal)
    }
  }
  try {
    // a follower that cannot go on rejects; it never ends by itself
    await Promise.race([followers, taken()])
  } finally {
    stopping.abort()
    await Promise.allSettled([followers])
    reads.close()
    reader.close()
  }
}

async function judgeAll(
  { clock, logs, onProgress }: RebuildOptions,
  store: CanonicalStore,
  path: string,
  view: FactsView,
): Promise<void> {
  const reads = openCanonicalReads({ path })
  const findings = openFindingReads({ path })
  const packs = await readRulePacks()
  const stopping = new AbortController()
  onProgress('judging', 0, 1)
  const parts = { store, reads, findings, view, packs, clock, log: logs.alerts, signal: stopping.signal }
  // only what was received is there, up to the newest of it
  const judge = startJudge({ ...parts, isLevel: () => false })
  try {
    await judge.settled()
  } finally {
    stopping.abort()
    await judge.stopped
    findings.close()
    reads.close()
  }
}

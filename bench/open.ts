import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dataLayout } from '../app/layout.ts'
import { IsothermFolder } from '../tests/support/isotherm.ts'
import { type Bench, type BenchLine, type BenchOptions, median, rounded } from './bench.ts'
import { openBenchJournal } from './journal.ts'
import { type WrittenLog, writeLog } from './written-log.ts'

/** Records behind the start (issue: ready within 3 s with as many). */
const RECORDS = 50_000_000
/** Less than one segment, so one whole one. */
const QUICK_RECORDS = 1_000
const ROUNDS = 5
/** A start on a busy machine. */
const READY_MS_MAX = 120_000
const MS_PER_S = 1_000

/** How long it takes until a log with 50 million records behind it takes records again. */
export const open: Bench = {
  what: 'opening a log of 50 million records after a kill, and the whole start on it',
  cases: ['journal', 'start'],
  async *run(options) {
    for (const name of options.cases)
      yield await (name === 'journal' ? openCase(options) : startCase(options))
  },
}

/** The journal alone, against reading its last segment, which it must. Both from the disk, not from the page cache. */
async function openCase(options: BenchOptions): Promise<BenchLine> {
  const directory = mkdtempSync(join(tmpdir(), 'iso-open-'))
  try {
    const log = writeLog(directory, options.quick ? QUICK_RECORDS : RECORDS, options.tell)
    const own: number[] = []
    const reading: number[] = []
    for (let round = 0; round < (options.quick ? 1 : ROUNDS); round += 1) {
      forget(directory)
      reading.push(timed(() => void execFileSync('cat', [log.last], { stdio: 'ignore' })))
      forget(directory)
      const startMs = performance.now()
      const journal = await openBenchJournal(directory)
      own.push(performance.now() - startMs)
      if (journal.durableEnd !== log.records) throw new Error(`opened at record ${journal.durableEnd}`)
      await unconfirmed(journal.close(), log)
    }
    return line('journal', options, own, { peer: 'reading the last segment', values: reading }, log)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** `isotherm start` from its call until it is ready, its cursors at the end of the log, against an empty directory. */
async function startCase(options: BenchOptions): Promise<BenchLine> {
  const [folder, empty] = [new IsothermFolder(), new IsothermFolder()]
  try {
    await started(folder)
    await started(empty)
    const layout = dataLayout(folder.dataDir)
    const log = writeLog(layout.journal, options.quick ? QUICK_RECORDS : RECORDS, options.tell)
    setCursors(layout.readings, log)
    const own: number[] = []
    const peer: number[] = []
    for (let round = 0; round < (options.quick ? 1 : ROUNDS); round += 1) {
      forget(layout.journal)
      own.push(await started(folder))
      peer.push(await started(empty))
    }
    return line('start', options, own, { peer: 'a start on an empty log', values: peer }, log)
  } finally {
    await folder.remove()
    await empty.remove()
  }
}

/** Starts and kills it; milliseconds until it said that it is ready. */
async function started(folder: IsothermFolder): Promise<number> {
  const startMs = performance.now()
  const running = await folder.start(['start', '--no-demo'], {}, { readyMsMax: READY_MS_MAX })
  const readyMs = performance.now() - startMs
  await running.kill()
  return readyMs
}

/** What ingest and census would have written had they taken every record. */
function setCursors(path: string, { records, lastSha256 }: WrittenLog): void {
  const store = new DatabaseSync(path)
  const set = store.prepare('insert or replace into cursor (name, next, record_sha256) values (?, ?, ?)')
  for (const name of ['ingest', 'census']) set.run(name, records, lastSha256)
  store.close()
}

/** Drops the files of a folder from the page cache, as a machine that was switched on has none. */
function forget(directory: string): void {
  for (const name of readdirSync(directory)) {
    execFileSync('dd', [`if=${join(directory, name)}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' })
  }
}

/** Closing confirms the last frame; the next opening shall find the log as a kill leaves it. */
async function unconfirmed(closed: Promise<void>, { last, lastBytes }: WrittenLog): Promise<void> {
  await closed
  if (statSync(last).size > lastBytes) execFileSync('truncate', ['-s', String(lastBytes), last])
}

function line(
  name: string,
  { quick }: BenchOptions,
  own: readonly number[],
  { peer, values }: { readonly peer: string; readonly values: readonly number[] },
  { records, recordBytes, bytes, segments, lastBytes }: WrittenLog,
): BenchLine {
  const [value, peerValue] = [median(own) / MS_PER_S, median(values) / MS_PER_S]
  return {
    bench: 'open',
    case: name,
    value: rounded(value, 3),
    unit: 's',
    peer,
    peer_value: rounded(peerValue, 3),
    ratio: rounded(peerValue / value, 3),
    worst: rounded(Math.max(...own) / MS_PER_S, 3),
    records,
    record_bytes: recordBytes,
    log_bytes: bytes,
    segments,
    last_segment_bytes: lastBytes,
    quick,
  }
}

function timed(run: () => void): number {
  const startMs = performance.now()
  run()
  return performance.now() - startMs
}

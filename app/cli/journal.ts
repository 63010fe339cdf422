import type { Command } from 'commander'
import { instantText, instantTextOrNull, Problem } from '../../domain/index.ts'
import { RETENTION_YEARS } from '../../batches/index.ts'
import type { ConsumerName } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { nodeDisk } from '../doors/disk.ts'
import { systemRandom } from '../doors/random.ts'
import { processIdentity, terminal } from '../doors/terminal.ts'
import { dataLayout } from '../layout.ts'
import { openCommandLogs } from '../logs.ts'
import {
  type Goes,
  journalOutlook,
  type KeptBy,
  type SegmentOutlook,
  trimJournal,
  whatGoes,
} from '../retention/index.ts'
import { printList, printThing } from './print.ts'
import { type CommandOptions, runs, textOption } from './run.ts'

/** Adds `journal`. */
export function addJournal(program: Command): void {
  const journal = program.command('journal').description('what the journal holds, and for how long it must')
  runs(
    journal
      .command('list')
      .description('list the segments of the journal: what is in them, and from when on each may go'),
    async (configuration, options) => {
      const items = (await journalOutlook(parts(configuration))).map(segmentItem)
      const columns = ['first', 'records', 'bytes', 'receivedFrom', 'receivedUntil', 'mayGoAfter', 'keptBy']
      printList(items, columns, options['json'] === true)
    },
  )
  runs(
    journal
      .command('trim')
      .description('remove the oldest segments that need not be kept any more; Isotherm must be stopped')
      .option('--reason <text>', 'why; required unless nothing is removed')
      .option('--dry-run', 'remove nothing and tell what would go; Isotherm may run')
      .option('--yes', 'remove what --dry-run tells; it cannot be taken back'),
    trim,
  )
}

async function trim(configuration: Configuration, options: CommandOptions): Promise<void> {
  const json = options['json'] === true
  if (options['dryRun'] === true || options['yes'] !== true) {
    const goes = whatGoes(await journalOutlook(parts(configuration)))
    tellGoes(goes, null, json)
    if (options['dryRun'] === true || goes === undefined) return
    throw new Problem('bad-request', {
      what: 'Nothing was removed: what is removed cannot be had back without a backup.',
      remedy: 'Make a backup and keep it; then say --yes, with --reason.',
    })
  }
  const reason = textOption(options, 'reason')
  if (reason === undefined) {
    throw new Problem('bad-request', {
      what: 'Records are removed for a reason, which the audit trail keeps.',
      remedy: 'Give it with --reason.',
    })
  }
  const { pid, host, account } = processIdentity()
  const gone = await trimJournal({
    ...parts(configuration),
    random: systemRandom,
    log: openCommandLogs(configuration, 'journal').journal,
    holder: { pid, host, startedAt: systemClock.nowMs() },
    actor: { kind: 'local', id: account },
    reason,
  })
  tellGoes(gone, gone?.act ?? null, json)
}

function tellGoes(goes: Goes | undefined, act: number | null, json: boolean): void {
  if (goes === undefined && !json) {
    terminal.tell('Nothing may go yet; `isotherm journal list` says why.')
    return
  }
  const { segments = 0, records = 0, bytes = 0, firstKept = null } = goes ?? {}
  const receivedUntil = instantTextOrNull(goes?.receivedUntilMs ?? null)
  printThing({ removed: act !== null, segments, records, bytes, receivedUntil, firstKept, act }, json)
}

function parts(configuration: Configuration) {
  // one that was used once and is not any more would keep everything for good
  const influx: readonly ConsumerName[] = configuration.influx_url === undefined ? [] : ['influx']
  const consumers: readonly ConsumerName[] = ['ingest', 'census', 'judge', ...influx]
  return { layout: dataLayout(configuration.data_dir), disk: nodeDisk(), clock: systemClock, consumers }
}

function segmentItem(segment: SegmentOutlook): Readonly<Record<string, unknown>> {
  const { first, next, bytes, receivedFromMs, receivedUntilMs, mayGoAfterMs, keptBy } = segment
  return {
    first,
    records: next === null ? null : next - first,
    bytes,
    receivedFrom: instantTextOrNull(receivedFromMs),
    receivedUntil: instantTextOrNull(receivedUntilMs),
    mayGoAfter: mayGoAfterMs === null ? null : instantText(mayGoAfterMs),
    keptBy: keptByText(keptBy),
  }
}

/** What keeps a segment, in words; null when nothing does. */
function keptByText(keptBy: KeptBy): string | null {
  if (keptBy.kind === 'nothing') return null
  if (keptBy.kind === 'lot') return `lot ${keptBy.lot}`
  if (keptBy.kind === 'consumer') return `${keptBy.consumer} has not taken it`
  if (keptBy.kind === 'years') return `${RETENTION_YEARS} years`
  return keptBy.kind === 'newest' ? 'it is the newest' : 'an older one stays'
}

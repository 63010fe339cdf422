import { join } from 'node:path'
import { Problem } from '../../domain/index.ts'
import type { Disk } from '../../journal/index.ts'
import { consumersIn, copyDatabases, factVersionIn, type LockHolder } from '../../store/index.ts'
import { isThere } from '../doors/files.ts'
import { namesIn } from '../doors/folders.ts'
import { readSoftwareVersion } from '../doors/version.ts'
import { FIRST_FORMAT, formatOf, requireFormat } from '../format.ts'
import { type DataLayout, dataLayout } from '../layout.ts'
import { refuseLostReadings } from '../stores.ts'
import { copyFile, onDisk, requireRoom, sumOf } from './copy-file.ts'
import { copyLog, damagedSource, extentOf, type LogExtent, type LogParts, settleLog } from './logs.ts'
import { type Manifest, type ManifestFile, versionFor, writeManifest } from './manifest.ts'
import { type BackupTarget, openTarget } from './target.ts'

/** What of a long piece of work is under way, and how far it is. */
export type OnProgress = (step: string, done: number, total: number) => void

/** What a backup is made with. */
export interface BackupOptions extends LogParts {
  readonly layout: DataLayout
  /** The folder it is written to. */
  readonly to: string
  readonly holder: LockHolder
  readonly onProgress: OnProgress
}

/** What the backup is of: fixed within a moment, copied after it. */
interface Instant {
  readonly takenAtMs: number
  readonly audit: LogExtent
  readonly journal: LogExtent
}

/**
 * Backs up a data directory while it is in use, or while nobody uses it: all of it as a power cut at one instant would
 * have left it, which is what everything here knows how to go on from. It only reads, and nobody waits for it. The
 * manifest comes last; whatever is thrown leaves no folder that could be taken for a backup.
 */
export async function takeBackup(options: BackupOptions): Promise<Manifest> {
  const { layout, to, holder } = options
  await requireFormat(layout)
  if (!(await isThere(layout.facts))) {
    throw new Problem('not-found', {
      what: `There is no data directory of Isotherm in ${layout.root}.`,
      remedy: 'Name the one that is meant with --data-dir.',
    })
  }
  await refuseLostReadings(layout)
  const target = await openTarget(to, layout.root, holder)
  let manifest: Manifest
  try {
    manifest = await write(options)
  } catch (thrown) {
    await discard(target)
    throw thrown
  }
  await target.finish()
  return manifest
}

async function write(options: BackupOptions): Promise<Manifest> {
  const { layout, to, disk } = options
  const copy = dataLayout(to)
  const format = (await formatOf(layout)) ?? FIRST_FORMAT
  await requireRoom(disk, to, await bytesOf(layout, disk))
  const instant = await copyStores(options, copy)
  await copyLogs(options, copy, instant)
  for (const name of ['purpose', 'format'] as const) {
    if (!(await isThere(layout[name]))) continue
    const paths = { from: layout[name], to: copy[name] }
    await copyFile(disk, { ...paths, bytes: Number.MAX_SAFE_INTEGER }, () => undefined)
  }
  const positions = await positionsIn(options, copy)
  const files = await filesIn(options, copy)
  const manifest: Manifest = {
    manifest: versionFor(files),
    product: await readSoftwareVersion(),
    format,
    takenAt: new Date(instant.takenAtMs).toISOString(),
    positions,
    files,
  }
  await onDisk(to, () => disk.syncDirectory(to))
  await writeManifest(to, manifest)
  return manifest
}

/** Bytes of everything that will be copied, as of now. */
async function bytesOf(layout: DataLayout, disk: Disk): Promise<number> {
  let bytes = 0
  const extents = [await extentOf(disk, layout.journal), await extentOf(disk, layout.audit)]
  for (const segment of extents.flat()) bytes += segment.bytes
  for (const path of [layout.facts, layout.readings]) {
    if (!(await isThere(path))) continue
    const file = await onDisk(path, () => disk.open(path, 'read'))
    bytes += await file.size()
    await file.close()
  }
  return bytes
}

/**
 * The audit log is measured before the instant and the journal behind it: of the acts in the one and the records of the
 * other the stores then know as much as they must.
 */
async function copyStores(
  { layout, disk, clock, onProgress }: BackupOptions,
  copy: DataLayout,
): Promise<Instant> {
  const audit = await extentOf(disk, layout.audit)
  let [takenAtMs, journal]: [number, LogExtent] = [0, []]
  const stores = [{ from: layout.facts, to: copy.facts }]
  if (await isThere(layout.readings)) stores.push({ from: layout.readings, to: copy.readings })
  await onDisk(copy.root, () =>
    copyDatabases(stores, {
      clock,
      onInstant: async () => {
        journal = await extentOf(disk, layout.journal)
        takenAtMs = clock.nowMs()
      },
      onProgress: (done, total) => {
        onProgress('copying the stores', done, total)
      },
    }),
  )
  return { takenAtMs, audit, journal }
}

async function copyLogs(
  { layout, disk, onProgress }: BackupOptions,
  copy: DataLayout,
  { audit, journal }: Instant,
): Promise<void> {
  const total = [...audit, ...journal].reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  const onBytes = (bytes: number): void => {
    done += bytes
    onProgress('copying the logs', done, total)
  }
  await copyLog(disk, audit, { from: layout.audit, to: copy.audit }, onBytes)
  await copyLog(disk, journal, { from: layout.journal, to: copy.journal }, onBytes)
}

/** Reads the copied logs from begin to end, and the stores: what is damaged is found now and not when it is needed. */
async function positionsIn(options: BackupOptions, copy: DataLayout): Promise<Manifest['positions']> {
  const { layout, onProgress } = options
  const settled = async (name: 'journal' | 'audit'): Promise<number> => {
    try {
      return await settleLog(options, copy[name], (done, total) => {
        onProgress(`checking the log ${name}`, done, total)
      })
    } catch (thrown) {
      throw damagedSource(thrown, copy[name], layout[name])
    }
  }
  const positions = {
    journal: await settled('journal'),
    audit: await settled('audit'),
    facts: factVersionIn(copy.facts),
    consumers: (await isThere(copy.readings)) ? consumersIn(copy.readings) : null,
  }
  for (const name of ['ingest', 'census']) {
    const next = positions.consumers?.[name] ?? 0
    if (next > positions.journal) throw beyondEnd(layout, name, next, positions.journal)
  }
  return positions
}

async function filesIn({ disk, onProgress }: BackupOptions, copy: DataLayout): Promise<ManifestFile[]> {
  const names = ['facts.sqlite', 'readings.sqlite', 'purpose', 'format.json']
  for (const folder of ['journal/readings', 'audit']) {
    const segments = await onDisk(join(copy.root, folder), () => namesIn(join(copy.root, folder)))
    names.push(...segments.map((name) => `${folder}/${name}`))
  }
  const files: ManifestFile[] = []
  for (const [index, path] of names.entries()) {
    onProgress('computing checksums', index, names.length)
    if (!(await isThere(join(copy.root, path)))) continue
    files.push({ path, ...(await sumOf(disk, join(copy.root, path), () => undefined)) })
  }
  return files
}

async function discard(target: BackupTarget): Promise<void> {
  try {
    await target.discard()
  } catch {
    // Nothing looks whole: without its manifest the folder is no backup, and what failed before says more.
  }
}

function beyondEnd({ journal }: DataLayout, name: string, next: number, end: number): Problem {
  return new Problem('journal-cursor-beyond-end', {
    what: `The ${name} of this data directory stands at record ${next}, and the journal in ${journal} ends before ${end}: they do not belong together.`,
    remedy: 'Put back the journal that belongs to the stores, or restore an earlier backup.',
  })
}

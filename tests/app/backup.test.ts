import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { restoreBackup, takeBackup } from '../../app/backup/index.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { dataLayout } from '../../app/layout.ts'
import type { Disk } from '../../journal/index.ts'
import { lockDataDirectory, openCanonicalReads } from '../../store/index.ts'
import { silentLog } from '../journal/stage.ts'
import { layEarlierDirectory } from '../support/earlier-directory.ts'

const holder = { pid: process.pid, host: 'here', startedAt: Date.UTC(2026, 10, 26) }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iso-backup-'))
  layEarlierDirectory(source())
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const at = (...names: string[]) => join(folder, ...names)
const source = () => at('data')
const segment = 'journal/readings/00000000000000000000.seg'
const parts = (disk: Disk) => ({
  disk,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  holder,
  onProgress: () => undefined,
})

function take(to = at('backup'), disk = nodeDisk()) {
  return takeBackup({ ...parts(disk), layout: dataLayout(source()), to })
}

function restore(to = at('restored'), from = at('backup'), disk = nodeDisk()) {
  return restoreBackup({ ...parts(disk), layout: dataLayout(to), from })
}

const refused = (code: string, text: string) => ({ code, message: expect.stringContaining(text) as string })

/** Changes one byte of a file. */
function spoil(path: string, offset: number): void {
  const bytes = readFileSync(path)
  bytes[offset] = (bytes[offset] ?? 0) ^ 0x40
  writeFileSync(path, bytes)
}

/** Everything below a folder but locks, with its bytes. */
function contents(root: string): readonly (readonly [string, string])[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => statSync(join(root, name)).isFile() && !/\.(?:lock|holder|sqlite-(?:wal|shm))$/.test(name),
    )
    .toSorted()
    .map((name) => [name, readFileSync(join(root, name)).toString('hex')] as const)
}

describe('a backup', () => {
  test('is whole, closed to others, and leaves its source as it is', async () => {
    const before = contents(source())
    const manifest = await take()
    expect(contents(source())).toEqual(before)
    expect(manifest).toMatchObject({
      format: 0,
      positions: { journal: 46, audit: 35, facts: 35, consumers: { ingest: 46, census: 46 } },
    })
    expect(JSON.parse(readFileSync(at('backup', 'manifest.json'), 'utf8'))).toEqual(manifest)
    const names = [...manifest.files.map(({ path }) => path), 'manifest.json'].toSorted()
    expect(contents(at('backup')).map(([name]) => name)).toEqual(names)
    expect(readdirSync(at('backup')).filter((name) => /lock|holder|wal|shm/.test(name))).toEqual([])
    expect(statSync(at('backup')).mode & 0o777).toBe(0o700)
  })

  test('cuts off what a write under way had left at the end of the journal', async () => {
    appendFileSync(at('data', segment), Buffer.alloc(140, 0x5a))
    const before = statSync(at('data', segment)).size
    expect((await take()).positions.journal).toBe(46)
    expect(statSync(at('data', segment)).size).toBe(before)
    await restore()
  })

  test('refuses a folder with anything in it, and any folder in the data directory', async () => {
    mkdirSync(at('backup'))
    writeFileSync(at('backup', 'mine'), 'kept')
    await expect(take()).rejects.toMatchObject(refused('already-exists', 'not empty'))
    expect(readFileSync(at('backup', 'mine'), 'utf8')).toBe('kept')
    symlinkSync(source(), at('way'))
    for (const to of [source(), at('data', 'deep', 'backup'), at('way', 'backup')]) {
      await expect(take(to)).rejects.toMatchObject({ code: expect.stringMatching(/bad-request/) as string })
    }
    expect(readdirSync(source()).toSorted()).not.toContain('backup')
    await take(at('empty'))
    await expect(take(at('empty'))).rejects.toMatchObject(refused('already-exists', 'it holds a backup'))
  })

  test('is not begun where nothing is, nor twice at once in one folder', async () => {
    const nowhere = takeBackup({ ...parts(nodeDisk()), layout: dataLayout(at('nowhere')), to: at('backup') })
    await expect(nowhere).rejects.toMatchObject(refused('not-found', 'no data directory'))
    mkdirSync(at('backup'))
    const lock = lockDataDirectory({ path: at('backup'), role: 'backup', holder })
    await expect(take()).rejects.toMatchObject({ code: 'data-directory-locked' })
    lock.release()
    // as a backup leaves it that was killed
    writeFileSync(at('backup', 'facts.sqlite'), 'half of it')
    await take()
    await restore()
  })

  test.for([
    ['a record', segment, 200, 'journal-damaged'],
    ['an act', 'audit/00000000000000000000.seg', 5_000, 'journal-damaged'],
    ['the readings', 'readings.sqlite', 20, 'store-damaged'],
    ['a page of the facts', 'facts.sqlite', 4_096 * 3, 'store-damaged'],
  ] as const)(
    'of a source in which %s is damaged is none, and says where',
    async ([, name, offset, code]) => {
      spoil(at('data', name), offset)
      const found = await take().catch((thrown: unknown) => thrown)
      expect(found).toMatchObject(refused(code, at('data', name)))
      // and of no other file
      expect(String(found).split(at('data')).length).toBe(2)
      expect(existsSync(at('backup'))).toBe(false)
    },
  )

  test('for which there is no room leaves nothing', async () => {
    const small = { ...nodeDisk(), space: async () => ({ freeBytes: 1_000, totalBytes: 10_000 }) }
    await expect(take(at('backup'), small)).rejects.toMatchObject(refused('disk-full', 'needs 1 MiB'))
    expect(existsSync(at('backup'))).toBe(false)
    const full: Disk = {
      ...nodeDisk(),
      open: async (path, mode) => {
        const file = await nodeDisk().open(path, mode)
        const write = () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
        return mode === 'create' && path.includes('journal') ? { ...file, write } : file
      },
    }
    mkdirSync(at('kept'))
    await expect(take(at('kept'), full)).rejects.toMatchObject(refused('disk-full', segment))
    expect(readdirSync(at('kept'))).toEqual([])
  })
})

describe('a restore', () => {
  beforeEach(() => take())

  test('gives every record and every count, and the format of this release', async () => {
    expect(await restore()).toMatchObject({ behind: 0, balanced: true })
    const reads = openCanonicalReads({ path: at('restored', 'readings.sqlite') })
    expect(reads.totals()).toMatchObject({ messages: { journalled: 46, decoded: 45, held: 1, pending: 0 } })
    reads.close()
    expect(existsSync(at('restored', 'restoring'))).toBe(false)
    expect(readFileSync(at('restored', segment))).toEqual(readFileSync(at('backup', segment)))
    expect(existsSync(at('restored', 'format.json'))).toBe(true)
  })

  test('refuses what is no backup, or not whole', async () => {
    await expect(restore(at('restored'), at('nowhere'))).rejects.toMatchObject({ code: 'backup-incomplete' })
    rmSync(at('backup', 'manifest.json'))
    await expect(restore()).rejects.toMatchObject(refused('backup-incomplete', at('backup')))
    expect(existsSync(at('restored'))).toBe(false)
  })

  test.for([
    ['a changed byte', (path: string) => spoil(path, 3_000), 'is not what was written there'],
    ['a missing file', (path: string) => rmSync(path), 'is missing'],
    ['a longer file', (path: string) => appendFileSync(path, 'x'), 'is not what was written there'],
  ] as const)('refuses %s, names the file, and writes nothing', async ([, change, text]) => {
    change(at('backup', segment))
    await expect(restore()).rejects.toMatchObject(
      refused('backup-damaged', `${at('backup', segment)} ${text}`),
    )
    expect(existsSync(at('restored'))).toBe(false)
  })

  test.for([
    ['no JSON', () => '{', 'backup-damaged'],
    ['a file elsewhere', (text: string) => text.replace(/"purpose"/, '"../../purpose"'), 'backup-damaged'],
    [
      'a newer manifest',
      (text: string) => text.replace('"manifest": 1', '"manifest": 3'),
      'data-directory-version',
    ],
    [
      'a newer format',
      (text: string) => text.replace('"format": 0', '"format": 9'),
      'data-directory-version',
    ],
  ] as const)('refuses a manifest with %s', async ([, change, code]) => {
    const path = at('backup', 'manifest.json')
    writeFileSync(path, change(readFileSync(path, 'utf8')))
    await expect(restore()).rejects.toMatchObject({ code })
    expect(existsSync(at('restored'))).toBe(false)
  })

  test('writes over nothing, and not into a directory that is in use', async () => {
    const before = contents(source())
    await expect(restore(source())).rejects.toMatchObject(refused('already-exists', source()))
    expect(contents(source())).toEqual(before)
    await expect(restore(at('backup', 'inside'))).rejects.toMatchObject({ code: 'bad-request' })
    mkdirSync(at('restored'))
    const lock = lockDataDirectory({ path: at('restored'), role: 'gateway', holder })
    await expect(restore()).rejects.toMatchObject({ code: 'data-directory-locked' })
    lock.release()
    await restore()
  })

  test('that was interrupted begins anew', async () => {
    mkdirSync(at('restored', 'journal', 'readings'), { recursive: true })
    writeFileSync(at('restored', segment), 'half of it')
    writeFileSync(at('restored', 'restoring'), at('backup'))
    await restore()
    expect(readFileSync(at('restored', segment))).toEqual(readFileSync(at('backup', segment)))
    await expect(restore()).rejects.toMatchObject({ code: 'already-exists' })
  })

  test('for which there is no room leaves a directory that nobody starts', async () => {
    const small = { ...nodeDisk(), space: async () => ({ freeBytes: 1_000, totalBytes: 10_000 }) }
    await expect(restore(at('restored'), at('backup'), small)).rejects.toMatchObject({ code: 'disk-full' })
    expect(readdirSync(at('restored'))).toContain('restoring')
    await restore()
  })
})

import { expect, test } from 'vitest'
import type { DiskFile } from '../../journal/index.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'

const RUNS = 200

/** What is left of each of many disks, all used in the same way, after a power cut; sorted, each outcome once. */
async function outcomes(use: (disk: SimulatedDisk, file: DiskFile) => Promise<void>): Promise<string[]> {
  const seen = new Set<string>()
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const disk = new SimulatedDisk({ seed })
    await disk.makeDirectory('/d')
    const file = await disk.open('/d/file', 'create')
    await use(disk, file)
    seen.add(await contents(disk.crash()))
  }
  return [...seen].toSorted()
}

async function contents(disk: SimulatedDisk): Promise<string> {
  const texts: string[] = []
  for (const name of await disk.list('/d')) {
    const file = await disk.open(`/d/${name}`, 'read')
    const target = new Uint8Array(await file.size())
    await file.read(target, 0)
    texts.push(`${name}=${runs(target)}`)
  }
  return texts.join(' ')
}

/** Bytes as text, a run of one byte as the byte and its length. */
function runs(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', '.')
  return text.replaceAll(/(.)\1{9,}/g, (run) => `${run.charAt(0)}x${run.length}`)
}

test('what was synced, name and bytes, is there after every power cut', async () => {
  const seen = await outcomes(async (disk, file) => {
    await file.write(Buffer.from('safe'), 0)
    await file.sync()
    await disk.syncDirectory('/d')
  })
  expect(seen).toEqual(['file=safe'])
})

test('a name that was not synced may be gone, though the bytes were', async () => {
  const seen = await outcomes(async (_, file) => {
    await file.write(Buffer.from('safe'), 0)
    await file.sync()
  })
  expect(seen).toEqual(['', 'file=safe'])
})

test('a write that was not synced is kept, lost or torn by sectors, and may leave zeros', async () => {
  const seen = await outcomes(async (disk, file) => {
    await disk.syncDirectory('/d')
    await file.write(Buffer.alloc(1024, 'w'), 0)
  })
  expect(seen).toEqual([
    'file=',
    'file=.x1024',
    'file=.x512wx512',
    'file=wx1024',
    'file=wx512',
    'file=wx512.x512',
  ])
})

test('of several writes any may survive without the others, and so may a truncation', async () => {
  const seen = await outcomes(async (disk, file) => {
    await file.write(Buffer.from('....'), 0)
    await file.sync()
    await disk.syncDirectory('/d')
    await file.write(Buffer.from('a'), 0)
    await file.write(Buffer.from('b'), 1)
    await file.truncate(3)
  })
  expect(seen).toEqual(
    ['...', 'a..', '.b.', 'ab.', '....', 'a...', '.b..', 'ab..'].map((text) => `file=${text}`).toSorted(),
  )
})

test('a removal or renaming that was not synced may not have happened', async () => {
  const seen = await outcomes(async (disk, file) => {
    await file.sync()
    await disk.syncDirectory('/d')
    await disk.rename('/d/file', '/d/moved')
  })
  expect(seen).toEqual(['file=', 'moved='])
})

test('after a failed sync the bytes are shown, and a later sync does not bring them to the disk', async () => {
  const seen = await outcomes(async (disk, file) => {
    await disk.syncDirectory('/d')
    await file.write(Buffer.from('ghost'), 0)
    disk.failNext('sync', 'EIO')
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
    const restarted = disk.restart()
    expect(await contents(restarted)).toBe('file=ghost')
    const again = await restarted.open('/d/file', 'write')
    await again.sync()
  })
  expect(seen).toEqual(['file=', 'file=.....', 'file=ghost'])
})

test('a process that dies leaves the page cache as it was', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/file', 'create')
  await file.write(Buffer.from('cached'), 0)
  const restarted = disk.restart()
  expect(await contents(restarted)).toBe('file=cached')
  await expect(file.write(Buffer.from('x'), 0)).rejects.toMatchObject({ code: 'EIO' })
})

test('the operation asked for fails, and the one during which the power goes is the last', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  await disk.makeDirectory('/d')
  disk.failAt(3, 'EIO')
  disk.cutPowerAt(5)
  const file = await disk.open('/d/file', 'create')
  await expect(file.write(Buffer.from('a'), 0)).rejects.toMatchObject({ code: 'EIO' })
  await file.write(Buffer.from('a'), 0)
  await expect(file.sync()).rejects.toThrow('the power went off')
  await expect(disk.list('/d')).rejects.toThrow('the power is off')
  expect([disk.operations, disk.powerIsOff]).toEqual([5, true])
})

test('a full disk takes what fits and says so', async () => {
  const disk = new SimulatedDisk({ seed: 1, capacityBytes: 10 })
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/file', 'create')
  await file.write(Buffer.from('1234567'), 0)
  await expect(file.write(Buffer.from('89abcd'), 7)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await contents(disk)).toBe('file=123456789a')
  expect(await disk.space('/d')).toEqual({ freeBytes: 0, totalBytes: 10 })
})

test('the use of a descriptor whose sync had failed is noted', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/file', 'create')
  disk.failNext('sync', 'EIO')
  await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
  await file.write(Buffer.from('a'), 0)
  expect(disk.violations).toEqual(['/d/file used after its sync had failed'])
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../app/doors/disk.ts'
import type { Disk } from '../../journal/index.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'

const root = mkdtempSync(join(tmpdir(), 'isotherm-disk-'))
afterAll(() => rmSync(root, { recursive: true }))
let run = 0

describe.each([
  ['the real disk', nodeDisk],
  ['the simulated disk', () => new SimulatedDisk({ seed: 1 })],
] as const)('%s', (_, makeDisk) => {
  let disk: Disk
  let directory: string
  beforeEach(async () => {
    run += 1
    disk = makeDisk()
    directory = join(root, String(run), 'below', 'deeper')
    await disk.makeDirectory(directory)
  })

  const path = (name: string): string => join(directory, name)

  async function put(name: string, text: string): Promise<void> {
    const file = await disk.open(path(name), 'create')
    await file.write(Buffer.from(text), 0)
    await file.sync()
    await file.close()
  }

  async function get(name: string): Promise<string> {
    const file = await disk.open(path(name), 'read')
    const target = new Uint8Array(await file.size())
    expect(await file.read(target, 0)).toBe(target.length)
    await file.close()
    return Buffer.from(target).toString('latin1')
  }

  test('makes a directory with its parents, and again', async () => {
    await disk.makeDirectory(directory)
    expect(await disk.list(directory)).toEqual([])
  })

  test('lists names, sorted', async () => {
    await put('b', '')
    await put('a', '')
    await put('c', '')
    expect(await disk.list(directory)).toEqual(['a', 'b', 'c'])
    await expect(disk.list(path('missing'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('creates only what is not there, and opens only what is', async () => {
    await put('a', 'x')
    await expect(disk.open(path('a'), 'create')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(disk.open(path('b'), 'read')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(disk.open(path('b'), 'write')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(disk.open(join(directory, 'no', 'b'), 'create')).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await get('a')).toBe('x')
  })

  test('reads what lies at a position: all of it, a part at the end, nothing behind', async () => {
    await put('a', '0123456789')
    const file = await disk.open(path('a'), 'read')
    const target = new Uint8Array(4).fill(0x2e)
    expect(await file.read(target, 3)).toBe(4)
    expect(Buffer.from(target).toString()).toBe('3456')
    expect(await file.read(target, 8)).toBe(2)
    expect(Buffer.from(target).toString()).toBe('8956')
    expect(await file.read(target, 10)).toBe(0)
    expect(await file.read(target, 1000)).toBe(0)
    await file.close()
  })

  test('writes at positions: over, behind, and beyond a gap of zeros', async () => {
    await put('a', 'abc')
    const file = await disk.open(path('a'), 'write')
    await file.write(Buffer.from('X'), 1)
    await file.write(Buffer.from('def'), 3)
    await file.write(Buffer.from('z'), 8)
    expect(await file.size()).toBe(9)
    await file.sync()
    await file.close()
    expect(await get('a')).toBe('aXcdef\0\0z')
  })

  test('writes all of many bytes', async () => {
    const bytes = Buffer.alloc(3_000_000, 'isotherm')
    const file = await disk.open(path('a'), 'create')
    await file.write(bytes, 5)
    await file.close()
    expect((await get('a')).slice(5)).toBe(bytes.toString('latin1'))
  })

  test('reads back through the descriptor that writes, and through another at once', async () => {
    const writing = await disk.open(path('a'), 'create')
    const reading = await disk.open(path('a'), 'read')
    await writing.write(Buffer.from('now'), 0)
    for (const file of [writing, reading]) {
      const target = new Uint8Array(3)
      expect(await file.read(target, 0)).toBe(3)
      expect(Buffer.from(target).toString()).toBe('now')
      await file.close()
    }
  })

  test('truncates to fewer bytes and to more, which are zeros', async () => {
    await put('a', 'abcdef')
    const file = await disk.open(path('a'), 'write')
    await file.truncate(2)
    expect(await file.size()).toBe(2)
    await file.truncate(4)
    await file.sync()
    await file.close()
    expect(await get('a')).toBe('ab\0\0')
  })

  test('does not write through a descriptor opened for reading, nor use a closed one', async () => {
    await put('a', 'abc')
    const file = await disk.open(path('a'), 'read')
    await expect(file.write(Buffer.from('x'), 0)).rejects.toMatchObject({ code: 'EBADF' })
    await file.close()
    await expect(file.read(new Uint8Array(1), 0)).rejects.toMatchObject({ code: 'EBADF' })
    expect(await get('a')).toBe('abc')
  })

  test('removes and renames', async () => {
    await put('a', 'of a')
    await put('b', 'of b')
    await disk.rename(path('a'), path('b'))
    expect(await disk.list(directory)).toEqual(['b'])
    expect(await get('b')).toBe('of a')
    await disk.remove(path('b'))
    expect(await disk.list(directory)).toEqual([])
    await expect(disk.remove(path('b'))).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(disk.rename(path('b'), path('c'))).rejects.toMatchObject({ code: 'ENOENT' })
    await disk.syncDirectory(directory)
    await expect(disk.syncDirectory(path('missing'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('says how much space there is', async () => {
    const { freeBytes, totalBytes } = await disk.space(directory)
    expect(freeBytes).toBeGreaterThan(0)
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
    await expect(disk.space(path('missing'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

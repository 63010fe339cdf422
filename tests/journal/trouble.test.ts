import { beforeEach, describe, expect, test } from 'vitest'
import type { JournalOptions } from '../../journal/index.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import {
  appendAll,
  bytesOf,
  DIRECTORY,
  ManualClock,
  numbered,
  open,
  segmentBytes,
  segments,
  settle,
  texts,
} from './stage.ts'

let disk: SimulatedDisk
let clock: ManualClock
beforeEach(() => {
  disk = new SimulatedDisk({ seed: 5, capacityBytes: 100_000 })
  clock = new ManualClock()
})

function opened(options: Partial<JournalOptions> = {}): ReturnType<typeof open> {
  return open(disk, { clock, ...options })
}

async function later(ms: number): Promise<void> {
  clock.advance(ms)
  await settle()
}

describe('a failed write or sync', () => {
  test.each([
    ['write', 'EIO'],
    ['sync', 'EIO'],
    ['sync', 'ENOSPC'],
  ] as const)('(%s, %s) refuses everything until a restart', async (kind, code) => {
    const journal = await opened()
    await journal.append(bytesOf('safe'))
    disk.failNext(kind, code)
    const outcomes = await Promise.allSettled(numbered('r', 5).map((text) => journal.append(bytesOf(text))))
    expect(new Set(outcomes.map((outcome) => outcome.status))).toEqual(new Set(['rejected']))
    expect(journal.state()).toEqual({ kind: 'failed', reason: expect.stringContaining(code) as string })
    await later(10_000)
    await expect(journal.append(bytesOf('later'))).rejects.toMatchObject({
      code: 'journal-unavailable',
      message: expect.stringContaining(
        `The journal in ${DIRECTORY} failed and takes no records: ${code}`,
      ) as string,
    })
    expect(journal.durableEnd).toBe(1)
    await journal.close()
    expect(disk.violations).toEqual([])
    const again = await open(disk.restart())
    expect((await texts(again))[0]).toBe('safe')
    expect(await again.append(bytesOf('later'))).toBe(again.durableEnd - 1)
  })

  test('rejects those who joined while it was under way, too', async () => {
    const journal = await opened()
    await journal.append(bytesOf('safe'))
    disk.failNext('sync', 'EIO')
    const writes = disk.counts.write
    const early = journal.append(bytesOf('early'))
    while (disk.counts.write === writes) await Promise.resolve()
    const late = journal.append(bytesOf('late'))
    await expect(early).rejects.toMatchObject({ code: 'journal-unavailable' })
    await expect(late).rejects.toMatchObject({ code: 'journal-unavailable' })
  })

  test('while a segment is begun fails the journal as well', async () => {
    for (const kind of ['open', 'write', 'sync', 'syncDirectory'] as const) {
      const fresh = new SimulatedDisk({ seed: 2 })
      const journal = await open(fresh)
      fresh.failNext(kind, 'EIO')
      await expect(journal.append(bytesOf('a'))).rejects.toMatchObject({ code: 'journal-unavailable' })
      expect(journal.state().kind).toBe('failed')
      await journal.close()
      expect(await (await open(fresh.restart())).append(bytesOf('b'))).toBe(0)
    }
  })

  test('leaves what was durable readable', async () => {
    const journal = await opened()
    await appendAll(journal, ['a', 'b'])
    disk.failNext('write', 'EIO')
    await expect(journal.append(bytesOf('c'))).rejects.toThrow('EIO')
    expect(await texts(journal)).toEqual(['a', 'b'])
  })
})

describe('a full disk', () => {
  test('refuses with a remedy, leaves no torn bytes, and goes on when space returns', async () => {
    const journal = await opened()
    await journal.append(bytesOf('safe'))
    const before = await segmentBytes(disk, 0)
    disk.setCapacity(before.length + 50)
    await expect(journal.append(new Uint8Array(1000))).rejects.toMatchObject({
      code: 'journal-full',
      remedy: expect.stringContaining('Free space') as string,
    })
    expect(journal.state()).toEqual({ kind: 'full', freeBytes: 50, neededBytes: 0 })
    expect(await segmentBytes(disk, 0)).toEqual(before)
    await expect(journal.append(bytesOf('x'))).rejects.toMatchObject({ code: 'journal-full' })
    await later(999)
    expect(journal.state().kind).toBe('full')
    disk.setCapacity(100_000)
    await later(1)
    expect(journal.state()).toEqual({ kind: 'open' })
    expect(await journal.append(bytesOf('next'))).toBe(1)
    expect(await texts(await open(disk.crash()))).toEqual(['safe', 'next'])
  })

  test('while a segment is begun leaves nothing behind either', async () => {
    for (const kind of ['open', 'write'] as const) {
      const fresh = new SimulatedDisk({ seed: 4 })
      const journal = await open(fresh, { clock, segmentBytesMax: 1 })
      await appendAll(journal, numbered('r', 256))
      fresh.failNext(kind, 'ENOSPC')
      await expect(journal.append(bytesOf('r256'))).rejects.toMatchObject({ code: 'journal-full' })
      expect((await segments(fresh)).length).toBe(1)
      await later(1000)
      expect(await journal.append(bytesOf('r256'))).toBe(256)
      expect((await texts(journal)).at(-1)).toBe('r256')
    }
  })

  test('that cannot even cut the torn bytes off fails the journal', async () => {
    const journal = await opened()
    await journal.append(bytesOf('safe'))
    disk.failNext('write', 'ENOSPC')
    disk.failNext('truncate', 'EIO')
    await expect(journal.append(bytesOf('x'))).rejects.toMatchObject({ code: 'journal-unavailable' })
    expect(journal.state().kind).toBe('failed')
    expect((await texts(await open(disk.crash())))[0]).toBe('safe')
  })
})

describe('the reserve of free space', () => {
  const reserve = { share: 0.5, bytes: 30_000 }

  test('stops appends before the disk is full, and lets them go on', async () => {
    const journal = await opened({ spaceReserve: reserve })
    await journal.append(bytesOf('safe'))
    disk.setCapacity(120)
    await later(1000)
    await expect(journal.append(bytesOf('x'))).rejects.toMatchObject({
      code: 'journal-full',
      message: `The disk of ${DIRECTORY} has 14 bytes free; the journal needs 60.`,
    })
    expect(journal.state()).toEqual({ kind: 'full', freeBytes: 14, neededBytes: 60 })
    disk.setCapacity(100_000)
    await later(1000)
    expect(await journal.append(bytesOf('next'))).toBe(1)
  })

  test('is the smaller of the share and the bytes', async () => {
    disk.setCapacity(100_000)
    const journal = await opened({ spaceReserve: { share: 1, bytes: 99_950 } })
    await journal.append(bytesOf('safe'))
    await later(1000)
    await expect(journal.append(bytesOf('x'))).rejects.toThrow('needs 99950')
  })

  test('is looked at once a second, not for each commit', async () => {
    const journal = await opened({ spaceReserve: reserve })
    for (let at = 0; at < 10; at += 1) await journal.append(bytesOf('r'))
    expect(disk.counts.space).toBe(1)
    await later(999)
    await journal.append(bytesOf('r'))
    expect(disk.counts.space).toBe(1)
    await later(1)
    await journal.append(bytesOf('r'))
    expect(disk.counts.space).toBe(2)
  })

  test('is looked at after 16 MiB as well, however fast they came', async () => {
    disk.setCapacity(2 ** 40)
    const journal = await opened({ spaceReserve: reserve })
    const large = new Uint8Array(65_000)
    for (let round = 0; round < 9; round += 1) {
      await Promise.all(Array.from({ length: 16 }, () => journal.append(large)))
    }
    expect(disk.counts.space).toBe(1)
    for (let round = 0; round < 9; round += 1) {
      await Promise.all(Array.from({ length: 16 }, () => journal.append(large)))
    }
    expect(disk.counts.space).toBe(2)
  })

  test('does not stop appends when nobody can say what is free', async () => {
    const journal = await opened({ spaceReserve: reserve })
    disk.failNext('space', 'EIO')
    expect(await journal.append(bytesOf('a'))).toBe(0)
  })

  test('ends its wait when the journal closes', async () => {
    const journal = await opened({ spaceReserve: { share: 1, bytes: 99_950 } })
    await journal.append(bytesOf('safe'))
    await later(1000)
    await expect(journal.append(bytesOf('a'))).rejects.toMatchObject({ code: 'journal-full' })
    await journal.close()
    const asked = disk.counts.space
    await later(60_000)
    expect(disk.counts.space).toBe(asked)
    expect(journal.state()).toEqual({ kind: 'closed' })
  })
})

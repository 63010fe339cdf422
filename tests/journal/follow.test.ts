import { beforeEach, describe, expect, test } from 'vitest'
import type { Log } from '../../domain/index.ts'
import { beginningOf, type Journal } from '../../journal/index.ts'
import { segmentName } from '../../journal/format.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { Following } from './following.ts'
import {
  appendAll,
  bytesOf,
  DIRECTORY,
  numbered,
  open,
  putSegment,
  segmentBytes,
  settle,
  silentLog,
  take,
  textOf,
} from './stage.ts'

let disk: SimulatedDisk
beforeEach(() => {
  disk = new SimulatedDisk({ seed: 11 })
})

describe('follow', () => {
  test('gives every record from an index on, also deep in later segments', async () => {
    const journal = await open(disk, { segmentBytesMax: 2000, commitRecordsMax: 37 })
    await appendAll(journal, numbered('r', 2000))
    for (const from of [0, 1, 36, 37, 255, 256, 1111, 1999]) {
      const entries = await take(journal, from, 2000 - from)
      expect(entries.map(({ index, bytes }) => `${index}=${textOf(bytes)}`)).toEqual(
        Array.from({ length: 2000 - from }, (_, at) => `${from + at}=r${from + at}`),
      )
    }
  })

  test('yields at most 512 records at a time', async () => {
    const journal = await open(disk)
    await appendAll(journal, numbered('r', 1200))
    const following = new Following(journal, 100)
    await settle()
    expect(following.batches.map((batch) => batch.length)).toEqual([512, 512, 76])
    await following.stop()
  })

  test('ends a batch once it holds 1 MiB', async () => {
    const journal = await open(disk)
    await Promise.all(Array.from({ length: 40 }, () => journal.append(new Uint8Array(60_000))))
    const following = new Following(journal, 0)
    await settle()
    expect(following.batches.map((batch) => batch.length)).toEqual([18, 18, 4])
    await following.stop()
  })

  test('waits at the end for more, and returns when told to stop', async () => {
    const journal = await open(disk)
    const following = new Following(journal, 0)
    await settle()
    expect(following.batches).toEqual([])
    await appendAll(journal, ['a', 'b'])
    await settle()
    await journal.append(bytesOf('c'))
    await settle()
    expect(following.batches.map((batch) => batch.map((entry) => entry.index))).toEqual([[0, 1], [2]])
    await following.stop()
    await journal.append(bytesOf('d'))
    await settle()
    expect(following.texts).toEqual(['a', 'b', 'c'])
  })

  test('crosses into new segments while following live', async () => {
    const journal = await open(disk, { segmentBytesMax: 1 })
    const following = new Following(journal, 0)
    for (let round = 0; round < 5; round += 1) {
      await appendAll(journal, numbered(`${round}-`, 200))
      await settle()
    }
    expect(following.texts.length).toBe(1000)
    expect(following.texts.at(-1)).toBe('4-199')
    await following.stop()
  })

  test('shows no record before it is durable', async () => {
    const journal = await open(disk)
    await journal.append(bytesOf('durable'))
    const following = new Following(journal, 0)
    await settle()
    disk.failNext('sync', 'EIO')
    await expect(journal.append(bytesOf('written, not synced'))).rejects.toThrow('EIO')
    await settle()
    expect(following.texts).toEqual(['durable'])
    await following.stop()
  })

  test('ends after the last record when the journal closes', async () => {
    const journal = await open(disk)
    const following = new Following(journal, 0)
    const late = new Following(journal, 0)
    await appendAll(journal, ['a', 'b'])
    await journal.close()
    await following.ended
    await late.ended
    expect([following.texts, late.texts]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('refuses a cursor beyond the end at once, and waits at the end itself', async () => {
    const journal = await open(disk)
    await appendAll(journal, ['a', 'b'])
    const { signal } = new AbortController()
    expect(() => journal.follow(3, signal)).toThrow(
      expect.objectContaining({
        code: 'journal-cursor-beyond-end',
        message: `A follower wants record 3 of the journal in ${DIRECTORY}, which ends before 2.`,
      }),
    )
    const following = new Following(journal, 2)
    await journal.append(bytesOf('c'))
    await settle()
    expect(following.texts).toEqual(['c'])
    await following.stop()
  })

  test('keeps what it gave: later reads do not change it', async () => {
    const journal = await open(disk)
    await journal.append(bytesOf('aaaa'))
    const following = new Following(journal, 0)
    await settle()
    await journal.append(bytesOf('bbbb'))
    await settle()
    expect(following.texts).toEqual(['aaaa', 'bbbb'])
    await following.stop()
  })

  test('lets go of its file when the reader breaks off', async () => {
    const journal = await open(disk)
    await appendAll(journal, ['a', 'b'])
    const [opened, closed] = [disk.counts.open, disk.counts.close]
    await take(journal, 0, 1)
    expect([disk.counts.open - opened, disk.counts.close - closed]).toEqual([1, 1])
  })

  test('deep in a long segment reads little once the places are known', async () => {
    const journal = await open(disk, { commitRecordsMax: 20 })
    await Promise.all(Array.from({ length: 400 }, () => journal.append(new Uint8Array(20_000))))
    const reads = disk.counts.read
    const [entry] = await take(journal, 390, 1)
    expect(entry?.index).toBe(390)
    // The last mark lies at most 1 MiB before: a few windows, not 8 MB.
    expect(disk.counts.read - reads).toBeLessThan(10)
  })
})

describe('damage on the way', () => {
  async function threeSegments(): Promise<Journal> {
    const journal = await open(disk, { segmentBytesMax: 1 })
    await appendAll(journal, numbered('r', 256))
    await appendAll(journal, numbered('s', 256))
    await appendAll(journal, numbered('t', 10))
    return journal
  }

  async function damage(firstIndex: number, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
    await putSegment(disk, firstIndex, change(await segmentBytes(disk, firstIndex)))
  }

  test.each([
    ['a changed payload', (bytes: Uint8Array) => bytes.fill(0xee, 500, 501), 64, 'bad payload'],
    ['a missing end', (bytes: Uint8Array) => bytes.subarray(0, 900), 64, 'torn payload'],
    ['missing frames', (bytes: Uint8Array) => bytes.subarray(0, 64), 64, 'nothing'],
    ['a changed header', (bytes: Uint8Array) => bytes.fill(0xee, 20, 21), 0, 'bad header'],
  ])('%s stops the follower with file and place', async (_, change, offset, what) => {
    const journal = await threeSegments()
    await damage(256, change)
    const following = new Following(journal, 0)
    await expect(following.ended).rejects.toMatchObject({
      code: 'journal-damaged',
      message: expect.stringContaining(
        `Segment ${DIRECTORY}/${segmentName(256)} is damaged at byte ${offset}: ${what}; `,
      ) as string,
    })
    expect(following.texts.length).toBe(256)
  })

  test('bytes behind the last record of an older segment are damage', async () => {
    const journal = await threeSegments()
    const end = (await segmentBytes(disk, 256)).length
    await damage(256, (bytes) => Buffer.concat([bytes, bytesOf('more')]))
    const following = new Following(journal, 0)
    await expect(following.ended).rejects.toThrow(
      `at byte ${end}: torn header; there is something where the segment`,
    )
    expect(following.texts.length).toBe(512)
  })

  test('a missing segment is damage, wherever the follower comes from', async () => {
    const journal = await threeSegments()
    await disk.remove(`${DIRECTORY}/${segmentName(256)}`)
    const following = new Following(journal, 0)
    await expect(following.ended).rejects.toThrow(
      `${segmentName(256)} is damaged at byte 0: the file is missing`,
    )
    expect(following.texts.length).toBe(256)
    const reopened = await open(disk)
    expect(reopened.durableEnd).toBe(522)
    await expect(take(reopened, 255, 2)).rejects.toThrow(
      'records are missing between here and the next segment',
    )
    expect((await take(reopened, 512, 1)).map((entry) => textOf(entry.bytes))).toEqual(['t0'])
  })

  test('a log whose first segments are gone says so, and goes on from those that are here', async () => {
    await (await threeSegments()).close()
    await disk.remove(`${DIRECTORY}/${segmentName(0)}`)
    const warnings: unknown[] = []
    const log: Log = { ...silentLog, warn: (fields, message) => warnings.push({ ...fields, message }) }
    const journal = await open(disk, { log })
    expect(warnings).toEqual([
      {
        path: DIRECTORY,
        record: 'readings:256',
        message: 'the journal does not have the records before this one',
      },
    ])
    for (const from of [0, 5, 255]) {
      await expect(take(journal, from, 1)).rejects.toMatchObject({
        code: 'journal-damaged',
        message: `Record ${from} of the journal in ${DIRECTORY} is not here: the log begins with record 256.`,
        remedy: expect.stringContaining('Put back the segments') as string,
      })
    }
    expect((await beginningOf(disk, DIRECTORY)).firstRecord).toBe(256)
    expect(await journal.append(bytesOf('next'))).toBe(522)
    const rest = await take(journal, 256, 267)
    expect([rest[0], rest.at(-1)].map((entry) => entry && textOf(entry.bytes))).toEqual(['s0', 'next'])
  })

  test('a disk that does not read is not damage', async () => {
    const journal = await threeSegments()
    disk.failNext('read', 'EIO')
    await expect(take(journal, 0, 1)).rejects.toMatchObject({
      code: 'journal-unavailable',
      message: expect.stringContaining('cannot be read at record 0: EIO') as string,
    })
  })
})

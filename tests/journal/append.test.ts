import { beforeEach, describe, expect, test } from 'vitest'
import type { Log } from '../../domain/index.ts'
import { FRAME_HEADER_BYTES, segmentName } from '../../journal/format.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import {
  appendAll,
  bytesOf,
  numbered,
  open,
  segmentBytes,
  segments,
  silentLog,
  take,
  texts,
} from './stage.ts'

let disk: SimulatedDisk
beforeEach(() => {
  disk = new SimulatedDisk({ seed: 3 })
})

describe('append', () => {
  test('gives indexes in the order of the calls, and they stay', async () => {
    const journal = await open(disk)
    expect(await appendAll(journal, ['a', 'b', 'c'])).toEqual([0, 1, 2])
    expect(await journal.append(bytesOf('d'))).toBe(3)
    expect(journal.durableEnd).toBe(4)
    const again = await open(disk.crash())
    expect(await texts(again)).toEqual(['a', 'b', 'c', 'd'])
    expect(await again.append(bytesOf('e'))).toBe(4)
  })

  test('resolves in the order of the calls, after the sync', async () => {
    const journal = await open(disk)
    await journal.append(bytesOf('first'))
    const order: string[] = []
    const syncs = disk.counts.sync
    const appends = numbered('r', 20).map(async (text) => {
      await journal.append(bytesOf(text))
      order.push(`${text} after ${disk.counts.sync - syncs}`)
    })
    await Promise.all(appends)
    expect(order).toEqual(numbered('r', 20).map((text) => `${text} after 1`))
  })

  test('shares one sync among all that wait, and collects the next batch meanwhile', async () => {
    const journal = await open(disk)
    await journal.append(bytesOf('first'))
    const syncs = disk.counts.sync
    const writes = disk.counts.write
    const early = appendAll(journal, numbered('early', 100))
    while (disk.counts.write === writes) await Promise.resolve()
    const late = appendAll(journal, numbered('late', 100))
    expect((await early).at(-1)).toBe(100)
    expect((await late).at(-1)).toBe(200)
    expect(disk.counts.sync - syncs).toBe(2)
  })

  test('splits what waits by count and by bytes', async () => {
    const journal = await open(disk, { commitRecordsMax: 30 })
    await journal.append(bytesOf('first'))
    const syncs = disk.counts.sync
    await appendAll(journal, numbered('r', 100))
    expect(disk.counts.sync - syncs).toBe(4)
    const large = new Uint8Array(60_000)
    await Promise.all(Array.from({ length: 40 }, () => journal.append(large)))
    expect(disk.counts.sync - syncs).toBe(4 + 3)
  })

  test('takes an empty record and the largest one, and refuses a larger one', async () => {
    const journal = await open(disk)
    expect(await journal.append(new Uint8Array(0))).toBe(0)
    expect(await journal.append(new Uint8Array(65_535).fill(7))).toBe(1)
    await expect(journal.append(new Uint8Array(65_536))).rejects.toMatchObject({ code: 'payload-too-large' })
    expect((await take(journal, 0, 2)).map((entry) => entry.bytes.length)).toEqual([0, 65_535])
  })

  test('refuses what would wait beyond the bounds, and keeps the others', async () => {
    const journal = await open(disk, { queueRecordsMax: 3 })
    const outcomes = await Promise.allSettled(numbered('r', 5).map((text) => journal.append(bytesOf(text))))
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    await expect(Promise.reject((outcomes[3] as PromiseRejectedResult).reason)).rejects.toMatchObject({
      code: 'journal-unavailable',
    })
    const bytes = await open(new SimulatedDisk({ seed: 1 }), { queueBytesMax: 20 })
    const two = [bytes.append(new Uint8Array(10)), bytes.append(new Uint8Array(7))]
    await expect(two[1]).rejects.toMatchObject({ code: 'journal-unavailable' })
    expect(await two[0]).toBe(0)
    expect(await bytes.append(new Uint8Array(18))).toBe(1)
    expect(await texts(journal)).toEqual(['r0', 'r1', 'r2'])
  })

  test('tells listeners of each new end until they stop; one that fails stops no other', async () => {
    const errors: unknown[] = []
    const log: Log = { ...silentLog, error: (fields) => errors.push(fields) }
    const journal = await open(disk, { log })
    const ends: number[] = []
    journal.onDurable(() => {
      throw new TypeError('listener')
    })
    const stop = journal.onDurable((end) => ends.push(end))
    await appendAll(journal, ['a', 'b'])
    await journal.append(bytesOf('c'))
    stop()
    await journal.append(bytesOf('d'))
    expect(ends).toEqual([2, 3])
    expect(errors).toEqual([{ reason: 'listener' }, { reason: 'listener' }, { reason: 'listener' }])
  })
})

describe('segments', () => {
  test('begin at multiples of 256 once the one before is long enough', async () => {
    const journal = await open(disk, { segmentBytesMax: 1500, commitRecordsMax: 50 })
    // Six bytes each; a frame of 50 takes 336, so the fifth one makes the segment long, at record 250.
    await appendAll(
      journal,
      numbered('r', 1000).map((text) => text.padEnd(4)),
    )
    expect(await segments(disk)).toEqual([0, 256, 512, 768].map(segmentName))
    expect((await take(journal, 0, 1000)).map((entry) => entry.index)).toEqual(
      Array.from({ length: 1000 }, (_, at) => at),
    )
  })

  test('are durable with their name before the first acknowledgement out of them', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const fresh = new SimulatedDisk({ seed })
      const journal = await open(fresh, { segmentBytesMax: 1 })
      await appendAll(journal, numbered('r', 256))
      await journal.append(bytesOf('first of the second'))
      const recovered = await open(fresh.crash())
      expect((await texts(recovered)).at(-1)).toBe('first of the second')
    }
  })

  test('have different salts', async () => {
    const journal = await open(disk, { segmentBytesMax: 1 })
    await appendAll(journal, numbered('r', 257))
    const salts = [await segmentBytes(disk, 0), await segmentBytes(disk, 256)].map((bytes) =>
      bytes.slice(24, 32),
    )
    expect(salts[0]).not.toEqual(salts[1])
  })
})

describe('close', () => {
  test('waits for what is under way, refuses the rest, and can be called again', async () => {
    const journal = await open(disk)
    const under = appendAll(journal, ['a', 'b'])
    const closing = journal.close()
    await expect(journal.append(bytesOf('late'))).rejects.toMatchObject({ code: 'journal-unavailable' })
    expect(await under).toEqual([0, 1])
    await closing
    await journal.close()
    expect(journal.state()).toEqual({ kind: 'closed' })
  })

  test('confirms the last frame, once', async () => {
    const journal = await open(disk)
    await journal.append(bytesOf('a'))
    const open1 = (await segmentBytes(disk, 0)).length
    await journal.close()
    expect((await segmentBytes(disk, 0)).length).toBe(open1 + FRAME_HEADER_BYTES)
    await (await open(disk)).close()
    expect((await segmentBytes(disk, 0)).length).toBe(open1 + FRAME_HEADER_BYTES)
  })

  test('loses nothing when the confirmation cannot be written', async () => {
    const warnings: string[] = []
    const log: Log = { ...silentLog, warn: (_, message) => warnings.push(message) }
    const journal = await open(disk, { log })
    await journal.append(bytesOf('a'))
    disk.failNext('write', 'EIO')
    await journal.close()
    expect(warnings).toEqual(['the journal closed without a confirmation'])
    expect(await texts(await open(disk))).toEqual(['a'])
  })

  test('of an empty log leaves no file', async () => {
    await (await open(disk)).close()
    expect(await segments(disk)).toEqual([])
  })
})

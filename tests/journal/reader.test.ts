import { beforeEach, describe, expect, test } from 'vitest'
import { openJournalReader } from '../../journal/index.ts'
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
  take,
  textOf,
} from './stage.ts'

let disk: SimulatedDisk
beforeEach(() => {
  disk = new SimulatedDisk({ seed: 13 })
})

describe('a reader beside the writer', () => {
  test('sees what it is told is durable, over segments begun after it was opened', async () => {
    const reader = await openJournalReader({ directory: DIRECTORY, disk })
    const following = new Following(reader, 0)
    await settle()
    expect(reader.durableEnd).toBe(0)
    const journal = await open(disk, { segmentBytesMax: 1 })
    journal.onDurable((end) => reader.advance(end))
    for (let round = 0; round < 4; round += 1) {
      await appendAll(journal, numbered(`${round}-`, 256))
      await settle()
      expect(following.texts.length).toBe((round + 1) * 256)
    }
    expect(reader.durableEnd).toBe(1024)
    expect((await take(reader, 700, 1)).map((entry) => textOf(entry.bytes))).toEqual(['2-188'])
    reader.close()
    await following.ended
  })

  test('gives nothing beyond what it was told, though it is there', async () => {
    const journal = await open(disk)
    await appendAll(journal, ['a', 'b'])
    await appendAll(journal, ['c'])
    const reader = await openJournalReader({ directory: DIRECTORY, disk })
    const following = new Following(reader, 0)
    reader.advance(2)
    await settle()
    expect(following.texts).toEqual(['a', 'b'])
    reader.advance(3)
    await settle()
    expect(following.texts).toEqual(['a', 'b', 'c'])
    await following.stop()
  })

  test('judges a cursor as soon as it knows the end', async () => {
    const reader = await openJournalReader({ directory: DIRECTORY, disk })
    const early = new Following(reader, 5)
    reader.advance(4)
    await expect(early.ended).rejects.toMatchObject({ code: 'journal-cursor-beyond-end' })
    expect(() => reader.follow(5, new AbortController().signal)).toThrow(
      expect.objectContaining({ code: 'journal-cursor-beyond-end' }),
    )
  })

  test('refuses an end that goes back', async () => {
    const reader = await openJournalReader({ directory: DIRECTORY, disk })
    reader.advance(4)
    reader.advance(4)
    expect(() => reader.advance(3)).toThrow('ended at record 4 and is now said to end at 3')
  })

  test('waits where it is when the file still holds the unfinished write of a process that died', async () => {
    const journal = await open(disk)
    await appendAll(journal, ['a', 'b'])
    const reader = await openJournalReader({ directory: DIRECTORY, disk })
    reader.advance(2)
    const whole = await segmentBytes(disk, 0)
    await putSegment(disk, 0, Buffer.concat([whole, bytesOf('IFRM torn')]))
    const following = new Following(reader, 0)
    await settle()
    expect(following.texts).toEqual(['a', 'b'])
    const again = await open(disk)
    again.onDurable((end) => reader.advance(end))
    await again.append(bytesOf('c'))
    await settle()
    expect(following.texts).toEqual(['a', 'b', 'c'])
    await following.stop()
  })
})

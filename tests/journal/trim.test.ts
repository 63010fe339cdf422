import { createHash } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import type { Log } from '../../domain/index.ts'
import { beginningOf, openJournalReader, trimLog } from '../../journal/index.ts'
import { segmentName } from '../../journal/format.ts'
import { TRIM_NOTE_NAME } from '../../journal/trim-note.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import {
  appendAll,
  bytesOf,
  DIRECTORY,
  numbered,
  open,
  putSegment,
  segmentBytes,
  segments,
  silentLog,
  take,
  textOf,
} from './stage.ts'

const TRIMMED_AT = '2026-11-28T00:00:00.000Z'
const order = { receivedUntilMs: Date.UTC(2021, 4, 1), trimmedAtMs: Date.parse(TRIMMED_AT), act: 17 }

let disk: SimulatedDisk
/** Four segments of 256 records, a to c full and d with ten. */
beforeEach(async () => {
  disk = new SimulatedDisk({ seed: 5 })
  const journal = await open(disk, { segmentBytesMax: 1 })
  for (const prefix of ['a', 'b', 'c']) await appendAll(journal, numbered(prefix, 256))
  await appendAll(journal, numbered('d', 10))
  await journal.close()
})

const trim = (firstKept: number) => trimLog(disk, DIRECTORY, { ...order, firstKept })

test('the oldest segments go, and it is written down what they were', async () => {
  const removed = await segmentBytes(disk, 256)
  expect(await trim(512)).toEqual({ segments: 2, firstRecord: 512 })
  expect(await segments(disk)).toEqual([segmentName(512), segmentName(768), TRIM_NOTE_NAME])
  const sha256 = createHash('sha256').update(removed).digest('hex')
  expect(await beginningOf(disk, DIRECTORY)).toEqual({
    firstRecord: 512,
    decision: 'go on, trimmed',
    note: { ...order, firstKept: 512, lastRemoved: { firstIndex: 256, bytes: removed.length, sha256 } },
  })
})

test('the log goes on: numbers stay, it takes records, and says of those that are gone why', async () => {
  await trim(512)
  const lines: unknown[] = []
  const tell = (level: string) => (fields: object, message: string) =>
    lines.push({ level, ...fields, message })
  const log: Log = { ...silentLog, info: tell('info'), warn: tell('warn') }
  const journal = await open(disk, { log })
  expect(lines).toEqual([
    {
      level: 'info',
      path: DIRECTORY,
      record: 'readings:512',
      message: 'the journal was trimmed to this record',
    },
  ])
  expect(journal.durableEnd).toBe(778)
  for (const from of [0, 300, 511]) {
    await expect(take(journal, from, 1)).rejects.toMatchObject({
      code: 'journal-trimmed',
      message: `Record ${from} of the journal in ${DIRECTORY} was removed on ${TRIMMED_AT} by act 17: the log begins with record 512.`,
      remedy: expect.stringContaining('a backup of before') as string,
    })
  }
  expect(await journal.append(bytesOf('next'))).toBe(778)
  const rest = await take(journal, 512, 267)
  expect([rest[0], rest.at(-1)].map((entry) => entry && textOf(entry.bytes))).toEqual(['c0', 'next'])
})

test('again, it goes on from where it was; the same again does nothing', async () => {
  await trim(256)
  expect(await trim(256)).toEqual({ segments: 0, firstRecord: 256 })
  expect(await trimLog(disk, DIRECTORY, { ...order, act: 18, firstKept: 768 })).toEqual({
    segments: 2,
    firstRecord: 768,
  })
  expect((await beginningOf(disk, DIRECTORY)).note).toMatchObject({ firstKept: 768, act: 18 })
  expect((await open(disk)).durableEnd).toBe(778)
})

test('neither the newest records nor anything between segments can be trimmed to', async () => {
  for (const firstKept of [1, 300, 778, 1_024]) {
    await expect(trim(firstKept)).rejects.toMatchObject({ code: 'bad-request' })
  }
  // a segment that was begun and has no record yet: the end of the log is known by the one before it
  const journal = await open(disk, { segmentBytesMax: 1 })
  await appendAll(journal, numbered('e', 246))
  await journal.close()
  await putSegment(disk, 1_024, (await segmentBytes(disk, 768)).subarray(0, 64))
  await expect(trim(1_024)).rejects.toMatchObject({ code: 'bad-request' })
  expect((await segments(disk)).length).toBe(5)
})

test('segments that were put back are read, and are trimmed again', async () => {
  const [first, second] = [await segmentBytes(disk, 0), await segmentBytes(disk, 256)]
  await trim(512)
  await putSegment(disk, 256, second)
  const journal = await open(disk)
  expect((await take(journal, 256, 1)).map((entry) => textOf(entry.bytes))).toEqual(['b0'])
  await expect(take(journal, 255, 1)).rejects.toMatchObject({ code: 'journal-trimmed' })
  await journal.close()
  await putSegment(disk, 0, first)
  expect(await beginningOf(disk, DIRECTORY)).toMatchObject({ firstRecord: 0, decision: 'go on' })
  expect(await trim(256)).toEqual({ segments: 1, firstRecord: 256 })
  expect(await beginningOf(disk, DIRECTORY)).toMatchObject({ firstRecord: 256, note: { firstKept: 512 } })
})

test('more that is missing than was removed is told as missing, and not as trimmed', async () => {
  await trim(256)
  await disk.remove(`${DIRECTORY}/${segmentName(256)}`)
  const warnings: unknown[] = []
  const log: Log = { ...silentLog, warn: (fields, message) => warnings.push({ ...fields, message }) }
  const journal = await open(disk, { log })
  expect(warnings).toMatchObject([{ record: 'readings:512' }])
  await expect(take(journal, 255, 1)).rejects.toMatchObject({ code: 'journal-trimmed' })
  await expect(take(journal, 256, 1)).rejects.toMatchObject({ code: 'journal-damaged' })
})

test('who has read the directory before is told of the removal, and not of damage', async () => {
  const reader = await openJournalReader({ directory: DIRECTORY, disk })
  reader.advance(778)
  expect((await take(reader, 0, 1)).map((entry) => textOf(entry.bytes))).toEqual(['a0'])
  await trim(512)
  await expect(take(reader, 3, 1)).rejects.toMatchObject({ code: 'journal-trimmed' })
  expect((await take(reader, 512, 1)).map((entry) => textOf(entry.bytes))).toEqual(['c0'])
})

test('what the disk says against it is told, and nothing is removed before it is written down', async () => {
  disk.failNext('syncDirectory', 'EIO')
  await expect(trim(512)).rejects.toMatchObject({
    code: 'journal-unavailable',
    message: expect.stringContaining(`The journal in ${DIRECTORY} cannot be trimmed: EIO`) as string,
  })
  expect((await segments(disk)).filter((name) => name.endsWith('.seg')).length).toBe(4)
  expect(await trim(512)).toEqual({ segments: 2, firstRecord: 512 })
})

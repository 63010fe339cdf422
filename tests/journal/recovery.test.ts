import { beforeEach, describe, expect, test } from 'vitest'
import type { Log } from '../../domain/index.ts'
import { crc32c } from '../../journal/index.ts'
import {
  encodeFrame,
  encodeSegmentHeader,
  FRAME_HEADER_BYTES,
  seedOf,
  segmentName,
} from '../../journal/format.ts'
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
  texts,
} from './stage.ts'

const SALT = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])
/** Frames of ten single-letter records: their bytes, from 64 on. */
const FRAME_BYTES = FRAME_HEADER_BYTES + 10 * 3

let disk: SimulatedDisk
beforeEach(() => {
  disk = new SimulatedDisk({ seed: 7 })
})

/** A segment with `frames` frames of ten records each; then, if asked, a confirmation. */
function segment(firstIndex: number, frames: number, confirmation = false): Uint8Array {
  const header = encodeSegmentHeader(firstIndex, SALT)
  const parts: Uint8Array[] = [header]
  const target = new Uint8Array(1000)
  let end = header.length
  for (let frame = 0; frame < frames + Number(confirmation); frame += 1) {
    const records = frame < frames ? Array.from({ length: 10 }, () => bytesOf('r')) : []
    const length = encodeFrame(target, seedOf(header), firstIndex + frame * 10, end, records)
    parts.push(target.slice(0, length))
    end += length
  }
  return Buffer.concat(parts)
}

/** The whole segment 0 of 256 records, ready for a segment 256 behind it. */
async function fullFirstSegment(): Promise<void> {
  const journal = await open(disk, { segmentBytesMax: 1 })
  await appendAll(journal, numbered('r', 256))
  await journal.close()
}

function frameAt(number: number): number {
  return 64 + number * FRAME_BYTES
}

function changed(bytes: Uint8Array, at: number, value = 0xee): Uint8Array {
  const copy = bytes.slice()
  copy[at] = value
  return copy
}

describe('the end of the last segment', () => {
  test.each([
    ['half a header', (whole: Uint8Array) => whole.subarray(0, frameAt(2) + 20)],
    ['half a payload', (whole: Uint8Array) => whole.subarray(0, frameAt(3) - 1)],
    ['a bad payload', (whole: Uint8Array) => changed(whole, frameAt(3) - 1)],
    ['a bad header', (whole: Uint8Array) => changed(whole, frameAt(2) + 5)],
    ['zeros', (whole: Uint8Array) => whole.slice().fill(0, frameAt(2))],
    ['foreign bytes', (whole: Uint8Array) => whole.slice().fill(0xaa, frameAt(2))],
  ])('%s is cut off, and the log goes on there', async (_, damage) => {
    await putSegment(disk, 0, damage(segment(0, 3)))
    const journal = await open(disk)
    expect(journal.durableEnd).toBe(20)
    expect((await segmentBytes(disk, 0)).length).toBe(frameAt(2))
    expect(await journal.append(bytesOf('next'))).toBe(20)
    expect((await texts(journal)).slice(18)).toEqual(['r', 'r', 'next'])
  })

  test('what is cut is told, with file and place', async () => {
    const lines: unknown[] = []
    const log: Log = { ...silentLog, warn: (fields, message) => lines.push({ ...fields, message }) }
    await putSegment(disk, 0, segment(0, 3).subarray(0, frameAt(3) - 1))
    await open(disk, { log })
    expect(lines).toEqual([
      {
        path: `${DIRECTORY}/${segmentName(0)}`,
        offset: frameAt(2),
        bytes: FRAME_BYTES - 1,
        message: 'cut an unfinished write off the journal',
      },
    ])
  })

  test('a whole last frame counts, and is written again and synced first', async () => {
    await putSegment(disk, 0, segment(0, 3))
    const writes = disk.counts.write
    const syncs = disk.counts.sync
    const journal = await open(disk)
    expect(journal.durableEnd).toBe(30)
    expect([disk.counts.write - writes, disk.counts.sync - syncs]).toEqual([1, 1])
  })

  test('a frame whose torn successor has a whole header is durable already', async () => {
    await putSegment(disk, 0, segment(0, 3).subarray(0, frameAt(3) - 1))
    const writes = disk.counts.write
    await open(disk)
    expect(disk.counts.write - writes).toBe(0)
  })

  test('a frame that a failed sync never put on the disk survives once it was recovered', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const failing = new SimulatedDisk({ seed })
      const journal = await open(failing)
      await journal.append(bytesOf('first'))
      failing.failNext('sync', 'EIO')
      await expect(journal.append(bytesOf('shown'))).rejects.toMatchObject({ code: 'journal-unavailable' })
      const restarted = failing.restart()
      const recovered = await open(restarted)
      expect(await texts(recovered)).toEqual(['first', 'shown'])
      expect(await texts(await open(restarted.crash()))).toEqual(['first', 'shown'])
    }
  })

  test('last() is the last record, also when the log ends with a confirmation', async () => {
    const journal = await open(disk)
    expect(await journal.last()).toBeUndefined()
    await appendAll(journal, ['a', 'b'])
    expect(await journal.last()).toEqual(bytesOf('b'))
    await journal.close()
    expect((await segmentBytes(disk, 0)).length).toBe(64 + FRAME_HEADER_BYTES + 6 + FRAME_HEADER_BYTES)
    expect(await (await open(disk)).last()).toEqual(bytesOf('b'))
  })
})

describe('damage', () => {
  test.each([
    ['a bad payload', changed(segment(0, 5), frameAt(2) - 1), frameAt(1), 'bad payload'],
    ['a bad header', changed(segment(0, 5), frameAt(1) + 8), frameAt(1), 'bad header'],
    ['a foreign header', changed(segment(0, 5), frameAt(1)), frameAt(1), 'foreign bytes'],
    ['zeros', segment(0, 5).fill(0, frameAt(1), frameAt(3)), frameAt(1), 'zeros'],
    [
      'a bad last frame that a confirmation follows',
      changed(segment(0, 2, true), frameAt(2) - 1),
      frameAt(1),
      'bad payload',
    ],
    ['a bad frame before a torn one', changed(segment(0, 2), frameAt(1) - 1), frameAt(0), 'bad payload'],
  ])('%s before a frame that holds is reported with its place', async (_, bytes, offset, what) => {
    await putSegment(disk, 0, bytes)
    await expect(open(disk)).rejects.toMatchObject({
      code: 'journal-damaged',
      message: `Segment ${DIRECTORY}/${segmentName(0)} is damaged at byte ${offset}: ${what}; something later proves that durable records lay here.`,
      remedy: expect.stringContaining('backup') as string,
    })
    expect(await segmentBytes(disk, 0)).toEqual(new Uint8Array(bytes))
  })

  test.each([
    ['index', 11, frameAt(1)],
    ['offset', 10, frameAt(1) + 1],
  ])('a whole frame with another %s is reported, though it is the last', async (_, index, offset) => {
    const first = segment(0, 1)
    const target = new Uint8Array(100)
    const length = encodeFrame(target, seedOf(first), index, offset, [bytesOf('r')])
    await putSegment(disk, 0, Buffer.concat([first, target.subarray(0, length)]))
    await expect(open(disk)).rejects.toThrow('misplaced frame; an interrupted write cannot put a valid frame')
  })

  test('a frame that holds is found however far behind, byte by byte', async () => {
    // So that its header lies across the places where reading goes on: each read takes 256 KiB.
    for (const shift of [-40, -36, -35, -18, -1, 0, 1]) {
      const bad = changed(segment(0, 1), frameAt(1) - 1)
      const gap = new Uint8Array(frameAt(0) + 1 + 256 * 1024 + shift - bad.length).fill(0xaa)
      const target = new Uint8Array(100)
      const length = encodeFrame(target, seedOf(bad), 10, bad.length + gap.length, [bytesOf('r')])
      await putSegment(disk, 0, Buffer.concat([bad, gap, target.subarray(0, length)]))
      await expect(open(disk)).rejects.toThrow(`at byte ${frameAt(0)}: bad payload; something later proves`)
    }
  })

  test('a frame copied into a record of a torn write proves nothing', async () => {
    const journal = await open(disk)
    await journal.append(bytesOf('acknowledged'))
    const before = await segmentBytes(disk, 0)
    // Frames of a segment with another salt, and a frame of this one from another place.
    const hostile = Buffer.concat([segment(0, 3).subarray(64), before.subarray(64)])
    await putSegment(disk, 0, Buffer.concat([before, new Uint8Array(FRAME_HEADER_BYTES + 2), hostile]))
    expect(await texts(await open(disk))).toEqual(['acknowledged'])
  })

  test('a header that is broken though frames follow is reported', async () => {
    await putSegment(disk, 0, changed(segment(0, 1), 3))
    await expect(open(disk)).rejects.toThrow(
      'at byte 0: bad header; frames are written only after the header is',
    )
  })

  test('a segment under the name of another is reported', async () => {
    await putSegment(disk, 512, segment(256, 1))
    await expect(open(disk)).rejects.toThrow('at byte 0: misnamed header')
    const odd = new SimulatedDisk({ seed: 1 })
    await putSegment(odd, 100, segment(100, 1))
    await expect(open(odd)).rejects.toThrow('at byte 0: misnamed header')
  })

  test('a format of the future is not damage', async () => {
    const newer = encodeSegmentHeader(0, SALT)
    const view = new DataView(newer.buffer)
    view.setUint16(8, 2)
    view.setUint32(60, crc32c(newer.subarray(0, 60)))
    await putSegment(disk, 0, newer)
    await expect(open(disk)).rejects.toMatchObject({ code: 'data-directory-version' })
  })
})

describe('a newest segment without records', () => {
  test.each([
    ['an empty file', new Uint8Array(0)],
    ['half a header', segment(256, 0).subarray(0, 40)],
    ['zeros in place of a header', new Uint8Array(64)],
    ['a header only', segment(256, 0)],
    ['a torn first frame', segment(256, 1).subarray(0, 80)],
  ])('(%s) is removed, and the log goes on from the one before it', async (_, bytes) => {
    await fullFirstSegment()
    await putSegment(disk, 256, bytes)
    const journal = await open(disk)
    expect(journal.durableEnd).toBe(256)
    expect(await journal.last()).toEqual(bytesOf('r255'))
    expect(await segments(disk)).toEqual([segmentName(0)])
    expect(await journal.append(bytesOf('next'))).toBe(256)
    expect((await take(journal, 255, 2)).map((entry) => entry.index)).toEqual([255, 256])
  })

  test('is removed when it is the only one and begins the log', async () => {
    await putSegment(disk, 0, segment(0, 0).subarray(0, 10))
    const journal = await open(disk)
    expect(await segments(disk)).toEqual([])
    expect(await journal.append(bytesOf('first'))).toBe(0)
  })

  test('stays when the one before it is damaged or missing', async () => {
    await fullFirstSegment()
    const whole = await segmentBytes(disk, 0)
    await putSegment(disk, 0, whole.subarray(0, -70))
    await putSegment(disk, 256, segment(256, 0))
    await expect(open(disk)).rejects.toThrow('records are missing between here and the next segment')
    await disk.remove(`${DIRECTORY}/${segmentName(0)}`)
    await expect(open(disk)).rejects.toThrow('it holds no record; without the segment before it')
    expect(await segments(disk)).toEqual([segmentName(256)])
  })
})

test('opening reads the last segment only', async () => {
  const journal = await open(disk, { segmentBytesMax: 1 })
  for (let round = 0; round < 20; round += 1) await appendAll(journal, numbered('r', 256))
  await journal.close()
  expect((await segments(disk)).length).toBe(20)
  const opened = disk.counts.open
  await open(disk)
  // Once to read it, once to write the confirmation again, once to go on.
  expect(disk.counts.open - opened).toBe(3)
})

test('other files in the directory are left alone', async () => {
  await disk.makeDirectory(DIRECTORY)
  for (const name of ['notes.txt', '0.seg', `${segmentName(0)}.bak`]) {
    await (await disk.open(`${DIRECTORY}/${name}`, 'create')).close()
  }
  const journal = await open(disk)
  expect(await journal.append(bytesOf('first'))).toBe(0)
})

test('a disk that cannot be read is named with a remedy', async () => {
  disk.failNext('list', 'EACCES')
  await expect(open(disk)).rejects.toMatchObject({
    code: 'journal-unavailable',
    message: `The journal in ${DIRECTORY} cannot be opened: EACCES: operation 2.`,
  })
})

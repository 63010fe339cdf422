import { expect, test } from 'vitest'
import { Problem } from '../../domain/index.ts'
import { FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../../journal/format.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { appendAll, numbered, open, putSegment, segmentBytes, textOf } from './stage.ts'

/** Two segments: one that ends where the next begins, and a last one that was closed, so that all is confirmed. */
const RECORDS = 300
const SECOND = 256
/** Of the bytes of payloads every so many are flipped; of headers all. */
const STRIDE = 5

/** What a log gives whose one segment has other bytes: its records up to the first complaint, and the complaint. */
async function readChanged(
  segments: ReadonlyMap<number, Uint8Array>,
  changed: number,
  bytes: Uint8Array,
): Promise<{ readonly found: readonly string[]; readonly code: string | undefined }> {
  const disk = new SimulatedDisk({ seed: 1 })
  for (const [first, whole] of segments) await putSegment(disk, first, first === changed ? bytes : whole)
  const found: string[] = []
  try {
    const journal = await open(disk)
    for await (const batch of journal.follow(0, new AbortController().signal)) {
      found.push(...batch.map((entry) => textOf(entry.bytes)))
      if (found.length >= journal.durableEnd) break
    }
    return { found, code: undefined }
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return { found, code: thrown.code }
  }
}

test('whichever byte of a closed log is flipped, it is reported or it does not matter: no record is skipped or changed', {
  timeout: 120_000,
}, async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  const journal = await open(disk, { segmentBytesMax: 1, commitRecordsMax: 16 })
  const written = numbered('record ', RECORDS)
  await appendAll(journal, written)
  await journal.close()
  const segments = new Map<number, Uint8Array>()
  for (const first of [0, SECOND]) segments.set(first, await segmentBytes(disk, first))

  const outcomes = new Map<string, number>()
  for (const [first, whole] of segments) {
    const frames = frameOffsets(whole)
    for (let at = 0; at < whole.length; at += 1) {
      const inHeader =
        at < SEGMENT_HEADER_BYTES || frames.some((frame) => at >= frame && at < frame + FRAME_HEADER_BYTES)
      if (!inHeader && at % STRIDE !== 0) continue
      const bytes = whole.slice()
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      const { found, code } = await readChanged(segments, first, bytes)
      const place = `byte ${at} of segment ${first}`
      // The last frame of a closed log is empty: it confirms, and without it nothing is missing.
      const confirmation = first === SECOND && at >= (frames.at(-1) ?? 0)
      const expected = confirmation
        ? { code: undefined, found: written }
        : { code: 'journal-damaged', found: written.slice(0, found.length) }
      expect({ place, code, found }).toEqual({ place, ...expected })
      const outcome = code ?? 'whole'
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }
  expect(outcomes.get('whole')).toBe(FRAME_HEADER_BYTES)
  expect(outcomes.get('journal-damaged')).toBeGreaterThan(1_000)
})

/** Where the frames begin, told by their lengths. */
function frameOffsets(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const offsets: number[] = []
  for (let at = SEGMENT_HEADER_BYTES; at < bytes.length; ) {
    offsets.push(at)
    at += FRAME_HEADER_BYTES + view.getUint32(at + 4)
  }
  return offsets
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Waiter } from '../../domain/index.ts'
import { AppendQueue, type Batch } from '../../journal/append-queue.ts'
import { FRAME_PAYLOAD_BYTES_MAX } from '../../journal/format.ts'

const MANY = Number.MAX_SAFE_INTEGER
const PREFIX_BYTES = 2

/** A waiter of its own for each record. */
const waiter = (): Waiter => ({ durable: () => undefined, failed: () => undefined })

/** A record of this length whose bytes tell which one it is. */
const recordOf = (length: number, nth: number): Uint8Array => new Uint8Array(length).fill(nth % 251)

/** The records of a batch, read as a follower reads a frame. */
function recordsOf({ payload }: Batch): Uint8Array[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const records: Uint8Array[] = []
  for (let at = 0; at < payload.length; at += PREFIX_BYTES + view.getUint16(at)) {
    records.push(payload.slice(at + PREFIX_BYTES, at + PREFIX_BYTES + view.getUint16(at)))
  }
  return records
}

/** Appends of these lengths and, where a number is negative, taking up to so many. */
const steps = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 60_000, max: 65_535 }),
    fc.integer({ min: 60_000, max: 65_535 }),
    fc.integer({ min: -9, max: -1 }),
  ),
  // Long enough that several frames' worth waits in most runs.
  { minLength: 60, maxLength: 120 },
)

describe('what waits for a commit', () => {
  test('leaves in its order, each record once with its waiter, in batches that fit a frame', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const queue = new AppendQueue(MANY, MANY)
        const pushed: [Uint8Array, Waiter][] = []
        const taken: [Uint8Array, Waiter][] = []
        const take = (recordsMax: number): void => {
          const batch = queue.take(recordsMax)
          const records = recordsOf(batch)
          expect(records.length).toBe(batch.waiters.length)
          expect(records.length).toBeLessThanOrEqual(recordsMax)
          expect(batch.payload.length).toBeLessThanOrEqual(FRAME_PAYLOAD_BYTES_MAX)
          expect(Buffer.compare(batch.payload.subarray(batch.lastAt), records.at(-1) ?? batch.payload)).toBe(
            0,
          )
          for (const [nth, each] of batch.waiters.entries()) taken.push([records[nth] as Uint8Array, each])
        }
        for (const step of given) {
          if (step >= 0) {
            const entry: [Uint8Array, Waiter] = [recordOf(step, pushed.length), waiter()]
            pushed.push(entry)
            queue.push(...entry)
          } else if (!queue.empty) take(-step)
        }
        while (!queue.empty) take(7)
        expect(taken.length).toBe(pushed.length)
        expect(taken.every(([bytes], nth) => Buffer.compare(bytes, pushed[nth]?.[0] ?? bytes) === 0)).toBe(
          true,
        )
        expect(taken.every(([, each], nth) => each === pushed[nth]?.[1])).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('is as it was when it was appended, whatever becomes of the bytes', () => {
    const queue = new AppendQueue(MANY, MANY)
    const bytes = Uint8Array.of(1, 2, 3)
    queue.push(bytes, waiter())
    bytes.fill(9)
    expect(recordsOf(queue.take(MANY))).toEqual([Uint8Array.of(1, 2, 3)])
  })

  test('is bounded by count and by bytes, prefixes counted, and there is room again for what was taken', () => {
    const queue = new AppendQueue(3, 20)
    queue.push(recordOf(5, 1), waiter())
    expect([queue.hasRoomFor(recordOf(11, 2)), queue.hasRoomFor(recordOf(12, 2))]).toEqual([true, false])
    for (const nth of [2, 3]) queue.push(recordOf(1, nth), waiter())
    expect(queue.hasRoomFor(recordOf(0, 4))).toBe(false)
    queue.take(1)
    expect([queue.hasRoomFor(recordOf(12, 4)), queue.hasRoomFor(recordOf(13, 4))]).toEqual([true, false])
    expect(queue.takeAll().length).toBe(2)
    expect([queue.empty, queue.hasRoomFor(recordOf(18, 5))]).toEqual([true, true])
  })
})

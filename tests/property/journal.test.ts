import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { open, take } from '../journal/stage.ts'

const logs = fc.record({
  seed: fc.nat(),
  segmentBytesMax: fc.integer({ min: 1, max: 5000 }),
  commitRecordsMax: fc.integer({ min: 1, max: 300 }),
  /** Records appended together, process by process. */
  lives: fc.array(
    fc.array(fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 200 }), { maxLength: 6 }),
    { minLength: 1, maxLength: 3 },
  ),
  from: fc.nat(),
})

test('what is appended is what is read, from any index, over any segments, batches and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(logs, async ({ seed, segmentBytesMax, commitRecordsMax, lives, from }) => {
      const disk = new SimulatedDisk({ seed })
      const appended: Uint8Array[] = []
      for (const bursts of lives) {
        const journal = await open(disk, { segmentBytesMax, commitRecordsMax })
        expect(journal.durableEnd).toBe(appended.length)
        for (const burst of bursts) {
          const indexes = await Promise.all(burst.map((bytes) => journal.append(bytes)))
          expect(indexes).toEqual(burst.map((_, at) => appended.length + at))
          appended.push(...burst)
        }
        await journal.close()
      }
      const journal = await open(disk)
      expect(await journal.last()).toEqual(appended.at(-1))
      const start = from % (appended.length + 1)
      const expected = appended.slice(start).map((bytes, at) => ({ index: start + at, bytes }))
      const entries = expected.length === 0 ? [] : await take(journal, start, expected.length)
      expect(entries).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})

test('whatever is changed in a closed log, it is read unchanged or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (seed, place, change) => {
      const disk = new SimulatedDisk({ seed })
      const journal = await open(disk, { commitRecordsMax: 3 })
      const records = Array.from({ length: 20 }, (_, at) => Uint8Array.of(at, at, at))
      await Promise.all(records.map((bytes) => journal.append(bytes)))
      await journal.close()

      const [name = ''] = await disk.list('/data/journal/readings')
      const file = await disk.open(`/data/journal/readings/${name}`, 'write')
      // All but the closing confirmation, which nothing confirms.
      const target = Uint8Array.of(0)
      const position = place % ((await file.size()) - 36)
      await file.read(target, position)
      await file.write(Uint8Array.of((target[0] ?? 0) ^ change), position)
      await expect(open(disk)).rejects.toMatchObject({
        code: expect.stringMatching(/^(journal-damaged|data-directory-version)$/) as string,
      })
    }),
    { numRuns: 100 },
  )
})

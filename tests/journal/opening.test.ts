import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { writeLog } from '../../bench/written-log.ts'
import type { Disk } from '../../journal/index.ts'
import { bytesOf, open, take, textOf } from './stage.ts'

/** Four segments of the real size. */
const RECORDS = 2_000_000

const root = mkdtempSync(join(tmpdir(), 'isotherm-opening-'))
afterAll(() => rmSync(root, { recursive: true }))

/** The real disk, which counts what is read of each file. */
function countingDisk(): { readonly disk: Disk; readonly readBytes: Map<string, number> } {
  const real = nodeDisk()
  const readBytes = new Map<string, number>()
  const disk: Disk = {
    ...real,
    open: async (path, mode) => {
      const file = await real.open(path, mode)
      const name = basename(path)
      readBytes.set(name, readBytes.get(name) ?? 0)
      return {
        ...file,
        read: async (target, position) => {
          const count = await file.read(target, position)
          readBytes.set(name, (readBytes.get(name) ?? 0) + count)
          return count
        },
      }
    },
  }
  return { disk, readBytes }
}

test('opening a log of two million records reads its last segment, and that about once', async () => {
  const log = writeLog(root, RECORDS, () => undefined)
  expect([log.segments, log.records]).toEqual([4, expect.any(Number)])
  expect(log.records).toBeGreaterThanOrEqual(RECORDS)
  const { disk, readBytes } = countingDisk()
  const journal = await open(disk, { directory: root, random: systemRandom })
  expect(journal.durableEnd).toBe(log.records)
  expect([...readBytes.keys()]).toEqual([basename(log.last)])
  // Reading goes on at a frame that lies across the end of what was read at once, so a little is read twice.
  const [read = 0] = [...readBytes.values()]
  expect(read / log.lastBytes).toBeGreaterThan(0.99)
  expect(read / log.lastBytes).toBeLessThan(1.5)

  // It is a log like any other: it takes records, and is read from any place on.
  expect(await journal.append(bytesOf('next'))).toBe(log.records)
  expect(textOf((await take(journal, log.records, 1))[0]?.bytes ?? bytesOf(''))).toBe('next')
  const early = await take(journal, 700_000, 2)
  expect(early.map(({ index, bytes }) => [index, bytes.length])).toEqual([
    [700_000, log.recordBytes],
    [700_001, log.recordBytes],
  ])
  await journal.close()
})

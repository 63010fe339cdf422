import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { openJournalReader } from '../../journal/index.ts'
import { bytesOf, numbered, open, take, textOf } from './stage.ts'

const root = mkdtempSync(join(tmpdir(), 'isotherm-journal-'))
afterAll(() => rmSync(root, { recursive: true }))

test('the same code keeps a log on the real disk: several segments, a torn end, a reader beside it', async () => {
  const directory = join(root, 'journal', 'readings')
  const doors = { directory, clock: systemClock, random: systemRandom }
  const disk = nodeDisk()
  const journal = await open(disk, { ...doors, segmentBytesMax: 10_000, commitRecordsMax: 200 })
  const reader = await openJournalReader({ directory, disk })
  const stopTelling = journal.onDurable((end) => reader.advance(end))
  const texts = numbered('record ', 3000)
  const indexes = await Promise.all(texts.map((text) => journal.append(bytesOf(text))))
  expect(indexes).toEqual(texts.map((_, at) => at))
  expect((await take(reader, 0, 3000)).map((entry) => textOf(entry.bytes))).toEqual(texts)
  stopTelling()
  await journal.close()

  const files = readdirSync(directory).toSorted()
  expect(files.length).toBeGreaterThan(1)
  const newest = join(directory, files.at(-1) ?? '')
  const size = statSync(newest).size
  appendFileSync(newest, 'IFRM and then the power went')
  const again = await open(disk, doors)
  expect(statSync(newest).size).toBe(size)
  expect(again.durableEnd).toBe(3000)
  expect(textOf((await again.last()) ?? new Uint8Array(0))).toBe('record 2999')
  expect(await again.append(bytesOf('next'))).toBe(3000)
  await again.close()
  reader.close()
})

test('a write of which the kernel takes only a part is gone on with, and fails where the kernel refuses the rest', () => {
  // 16 blocks of 512 bytes is the most a file may have here: the second write is taken in part, then refused.
  const door = join(import.meta.dirname, '../../app/doors/disk.ts')
  const script = `
    import { nodeDisk } from ${JSON.stringify(pathToFileURL(door).href)}
    const file = await nodeDisk().open(${JSON.stringify(join(root, 'limited'))}, 'create')
    await file.write(new Uint8Array(6000), 0)
    const outcome = await file.write(new Uint8Array(6000), 6000).then(() => 'taken', (thrown) => thrown.code)
    console.log(outcome, await file.size())`
  const words = ['-c', 'ulimit -f 16; exec "$0" --input-type=module --eval "$1"', process.execPath, script]
  const { stdout, stderr } = spawnSync('sh', words, { encoding: 'utf8' })
  expect([stdout, stderr]).toEqual(['EFBIG 8192\n', ''])
})

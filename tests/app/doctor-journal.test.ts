import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { journalFindings } from '../../app/cli/doctor-journal.ts'
import { loadConfiguration } from '../../app/config/index.ts'
import { dataLayout } from '../../app/layout.ts'
import { trimLog } from '../../journal/index.ts'
import { open } from '../journal/stage.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/isotherm-doctor-`)
})
afterEach(() => rmSync(root, { recursive: true }))

const found = () =>
  journalFindings(loadConfiguration({ environment: { ISOTHERM_DATA_DIR: root }, flags: {} }))

test('the doctor tells which records of the journal are not here, and nothing when all are', async () => {
  expect(await found()).toEqual([])
  const directory = dataLayout(root).journal
  mkdirSync(directory, { recursive: true })
  expect(await found()).toEqual([])
  const journal = await open(nodeDisk(), { directory, random: systemRandom, segmentBytesMax: 1 })
  await Promise.all(Array.from({ length: 600 }, async () => journal.append(new Uint8Array(3))))
  await journal.close()
  expect(await found()).toEqual([])
  rmSync(`${directory}/00000000000000000000.seg`)
  expect(await found()).toMatchObject([
    {
      check: 'journal',
      state: 'note',
      found: `begins with record 256; the 256 before it are not in ${directory}`,
      remedy: expect.stringContaining('put them back from a backup') as string,
    },
  ])
})

test('the doctor tells until when what was trimmed had come, and by which act it went', async () => {
  const directory = dataLayout(root).journal
  mkdirSync(directory, { recursive: true })
  const journal = await open(nodeDisk(), { directory, random: systemRandom, segmentBytesMax: 1 })
  await Promise.all(Array.from({ length: 600 }, async () => journal.append(new Uint8Array(3))))
  await journal.close()
  const [receivedUntilMs, trimmedAtMs] = [Date.UTC(2021, 4, 1), Date.UTC(2026, 10, 28)]
  await trimLog(nodeDisk(), directory, { firstKept: 256, receivedUntilMs, trimmedAtMs, act: 17 })
  const told =
    'begins with record 256; those before, received until 2021-05-01T00:00:00.000Z, were removed on 2026-11-28T00:00:00.000Z by act 17'
  expect(await found()).toEqual([{ check: 'journal', state: 'ok', found: told }])
  rmSync(`${directory}/00000000000000000256.seg`)
  expect(await found()).toMatchObject([
    { state: 'note', found: `begins with record 512; the 256 before it are not in ${directory}` },
  ])
  writeFileSync(`${directory}/trimmed.json`, '{}')
  expect(await found()).toMatchObject([
    { state: 'bad', remedy: expect.stringContaining('from a backup') as string },
  ])
})

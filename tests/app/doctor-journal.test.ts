import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { journalFindings } from '../../app/cli/doctor-journal.ts'
import { loadConfiguration } from '../../app/config/index.ts'
import { dataLayout } from '../../app/layout.ts'
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

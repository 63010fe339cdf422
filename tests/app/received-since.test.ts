import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { receivedSince } from '../../app/received-since.ts'
import { encodeRecord } from '../../domain/index.ts'
import { open } from '../journal/stage.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/isotherm-received-`)
})
afterEach(() => rmSync(directory, { recursive: true }))

const START_MS = Date.UTC(2026, 10, 20)
const MINUTE_MS = 60_000
const never = new AbortController().signal

/** A log of so many records, one a minute, in segments of 256 records each. */
async function filled(count: number): Promise<void> {
  const journal = await open(nodeDisk(), { directory, random: systemRandom, segmentBytesMax: 1 })
  const records = Array.from({ length: count }, (_, index) => ({
    receivedAtMs: START_MS + index * MINUTE_MS,
    deviceId: 'fridge-1',
    channel: 'mqtt' as const,
    topic: 'isotherm/v1/fridge-1/readings',
    qos: 1 as const,
    payload: Buffer.from('{"temperature":4}'),
  }))
  await Promise.all(records.map((record) => journal.append(encodeRecord(record))))
  await journal.close()
}

const since = (index: number, end: number) =>
  receivedSince(directory, end, START_MS + index * MINUTE_MS, never)

test('counts what was received from an instant on, wherever in a segment it falls', async () => {
  await filled(1_500)
  for (const index of [1, 255, 256, 257, 700, 1_279, 1_280, 1_281, 1_499]) {
    const sinceMs = START_MS + index * MINUTE_MS
    expect(await since(index, 1_500)).toEqual({ firstIndex: 0, records: 1_500 - index, sinceMs })
  }
  // between two records
  expect(await since(299.5, 1_500)).toMatchObject({ records: 1_200 })
})

test('of a younger log it counts everything, and says since when', async () => {
  await filled(300)
  expect(await since(-10, 300)).toEqual({ firstIndex: 0, records: 300, sinceMs: START_MS })
  expect(await since(0, 300)).toEqual({ firstIndex: 0, records: 300, sinceMs: START_MS })
})

test('after the last record there is nothing, and what is not yet taken is not counted', async () => {
  await filled(600)
  expect(await since(600, 600)).toMatchObject({ records: 0 })
  expect(await since(100, 400)).toMatchObject({ records: 300 })
  expect(await since(511.5, 512)).toMatchObject({ records: 0 })
})

test('segments that were shipped away are not missed', async () => {
  await filled(900)
  rmSync(`${directory}/00000000000000000000.seg`)
  expect(await since(-1, 900)).toEqual({ firstIndex: 256, records: 644, sinceMs: START_MS + 256 * MINUTE_MS })
  expect(await since(800, 900)).toMatchObject({ firstIndex: 256, records: 100 })
})

test('a log without a record has nothing to count', async () => {
  expect(await since(0, 0)).toBeUndefined()
  expect(await receivedSince(`${directory}/none`, 10, START_MS, never)).toBeUndefined()
})

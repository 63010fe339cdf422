import { expect, test } from 'vitest'
import { beginningOf, trimLog } from '../../journal/index.ts'
import { codeOf } from '../../journal/problems.ts'
import { appendAll, DIRECTORY, numbered, open, take, textOf } from '../journal/stage.ts'
import { type OperationKind, SimulatedDisk } from '../support/simulated-disk.ts'
import { type Blow, blows } from './every-operation.ts'

// Whatever strikes a trimming at whichever operation: the log opens with every record that was to be kept, nothing is
// gone that is not written down as removed, and the next trimming does the rest.

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
const FIRST_KEPT = 768
const END = 1_100
const SEGMENT = 256
const order = { firstKept: FIRST_KEPT, receivedUntilMs: 1_000, trimmedAtMs: 2_000, act: 17 }
const expected = (index: number): string => `r${index}`

async function filled(seed: number): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk({ seed })
  const journal = await open(disk, { segmentBytesMax: 1, commitRecordsMax: 100 })
  await appendAll(journal, numbered('r', END))
  await journal.close()
  return disk.restart()
}

function strike(disk: SimulatedDisk, at: number, blow: Blow): void {
  if (blow === 'power') disk.cutPowerAt(at)
  else if (blow === 'kill') disk.killAt(at)
  else disk.failAt(at, blow)
}

/** Trims; false when something was in the way. */
async function trimmed(disk: SimulatedDisk): Promise<boolean> {
  try {
    await trimLog(disk, DIRECTORY, order)
    return true
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'journal-unavailable' })
    return false
  }
}

/** Opens the log and holds what is there against what must be; answers with which record it begins. */
async function openAndCompare(disk: SimulatedDisk): Promise<number> {
  const { firstRecord = -1, note, decision } = await beginningOf(disk, DIRECTORY)
  expect([firstRecord % SEGMENT, firstRecord <= FIRST_KEPT]).toEqual([0, true])
  expect(decision).toBe(firstRecord === FIRST_KEPT ? 'go on, trimmed' : 'go on')
  // nothing is gone that is not written down
  expect([firstRecord === 0, note?.firstKept === FIRST_KEPT]).toContain(true)
  const journal = await open(disk, { segmentBytesMax: 1 })
  expect(journal.durableEnd).toBe(END)
  const all = await take(journal, firstRecord, END - firstRecord)
  expect(all.findIndex(({ index, bytes }) => textOf(bytes) !== expected(index))).toBe(-1)
  expect([all[0]?.index, all.at(-1)?.index]).toEqual([firstRecord, END - 1])
  const before = take(journal, Math.max(0, firstRecord - 1), 1).catch(codeOf)
  expect(await before).toEqual(firstRecord === 0 ? all.slice(0, 1) : 'journal-trimmed')
  await journal.close()
  return firstRecord
}

/** Strikes a trimming at an operation, opens, trims again (struck too, if told so), and opens once more. */
async function struckTwice(found: SimulatedDisk, at: number, blow: Blow, again?: { at: number; blow: Blow }) {
  const disk = found.copy()
  strike(disk, at, blow)
  const isDone = await trimmed(disk)
  let next = blow === 'power' ? disk.crash() : disk.restart()
  const firstRecord = await openAndCompare(next)
  next = next.restart()
  if (again !== undefined) {
    strike(next, again.at, again.blow)
    await trimmed(next)
    next = next.crash()
    await openAndCompare(next)
    next = next.restart()
  }
  expect(await trimmed(next)).toBe(true)
  // what was said to be done is done for good
  expect(await openAndCompare(next.crash())).toBe(FIRST_KEPT)
  return { isDone, firstRecord, operations: disk.operations, struck: disk.struck }
}

test.each(SEEDS)(
  'seed %i: every operation of a trimming, whatever strikes it',
  async (seed) => {
    const found = await filled(seed)
    const kinds = new Set<OperationKind>()
    const begins = new Set<number>()
    let cases = 0
    for (const blow of blows) {
      for (let at = 1; ; at += 1) {
        const again = { at: 1 + ((at * 7 + seed) % 20), blow: blows[(at + seed) % blows.length] ?? blow }
        const { isDone, firstRecord, operations, struck } = await struckTwice(found, at, blow, again)
        if (operations < at) break
        for (const kind of struck) kinds.add(kind)
        begins.add(firstRecord)
        cases += 1
        expect(isDone && firstRecord !== FIRST_KEPT).toBe(false)
      }
    }
    expect(cases).toBeGreaterThan(50)
    expect([...begins].toSorted((a, b) => a - b)).toEqual([0, 256, 512, 768])
    for (const kind of ['open', 'write', 'sync', 'rename', 'remove', 'syncDirectory'] as const)
      expect(kinds).toContain(kind)
  },
  120_000,
)

test('without syncs of the directory it is found out', async () => {
  let isFound = false
  for (let seed = 1; seed <= 40 && !isFound; seed += 1) {
    const disk = await filled(seed)
    const lying = Object.create(disk, { syncDirectory: { value: async () => undefined } }) as SimulatedDisk
    await trimLog(lying, DIRECTORY, order)
    isFound = await openAndCompare(disk.crash()).then(
      (firstRecord) => firstRecord !== FIRST_KEPT,
      () => true,
    )
  }
  expect(isFound).toBe(true)
})

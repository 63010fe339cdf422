import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AuditFollower, RETRY_MS } from '../../app/core/audit/follower.ts'
import { type AuditRecord, decodeAuditRecord, encodeAuditEntry, type LogFields } from '../../domain/index.ts'
import { type FactsReads, openFactsReads } from '../../store/index.ts'
import { act, openFact } from '../../store/facts/act.ts'
import { ManualClock, open, putSegment, segmentBytes, settle, silentLog, take } from '../journal/stage.ts'
import { waitFor } from '../support/isotherm.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { FactsHarness, HASH, LI } from '../store/facts/setup.ts'

let harness: FactsHarness
let reads: FactsReads
beforeEach(async () => {
  harness = await FactsHarness.open()
  reads = openFactsReads({ path: harness.path })
  await harness.city()
})
afterEach(async () => {
  reads.close()
  await harness.close()
})

/** A running follower on a disk, on the facts of the harness. */
function follow(disk: SimulatedDisk, from: Pick<FactsReads, 'auditEntries'> = reads) {
  const clock = new ManualClock()
  const stopping = new AbortController()
  const errors: LogFields[] = []
  const follower = new AuditFollower({
    // so that the end of the process may fall between two records of one act
    open: () => open(disk, { clock, commitRecordsMax: 1 }),
    entries: (after, limit) => from.auditEntries(after, limit),
    clock,
    log: { ...silentLog, error: (fields) => void errors.push(fields) },
    signal: stopping.signal,
  })
  const stopFacts = harness.facts.onChange(() => {
    follower.wake()
  })
  const running = follower.run()
  return {
    follower,
    clock,
    errors,
    /** Waits until every act is copied, or copying is in trouble. */
    settled: () =>
      waitFor(
        () => follower.trouble !== null || follower.copied === harness.count('fact_version'),
        5_000,
        () => JSON.stringify([follower.copied, follower.trouble]),
      ),
    stop: async () => {
      stopFacts()
      stopping.abort()
      await running
    },
  }
}

/** Every record on a disk. */
async function records(disk: SimulatedDisk): Promise<AuditRecord[]> {
  const journal = await open(disk)
  const entries = journal.durableEnd === 0 ? [] : await take(journal, 0, journal.durableEnd)
  await journal.close()
  return entries.map(({ bytes }) => decodeAuditRecord(bytes))
}

/** What the log must hold: each act once, in order. */
async function expected(): Promise<AuditRecord[]> {
  const entries = await reads.auditEntries(0, 1_000)
  return entries.flatMap((entry) => encodeAuditEntry(entry)).map(decodeAuditRecord)
}

/** An act with more rows than one record holds. */
async function largeAct(): Promise<void> {
  const entry = { kind: 'test', actor: LI, subject: 'device:d', reason: 'many', old: null, new: null }
  await harness.facts.transact(async (tx) => {
    const done = await act(tx, entry)
    for (let number = 0; number < 800; number += 1) {
      await openFact(done, 'sensor', { device: 'd', name: `${number}`.padStart(64, '0') })
    }
  })
}

describe('acts are copied', () => {
  test('from before there was a log and as they happen, an act with many rows in several records', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    await largeAct()
    const running = follow(disk)
    await running.settled()
    await harness.do('user.create', { name: 'li', passwordHash: HASH })
    await running.settled()
    await running.stop()
    const copied = await records(disk)
    expect(copied).toEqual(await expected())
    expect(copied.map(({ seq, rowsFrom }) => [seq, rowsFrom > 0])).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((seq) => [seq, false]),
      [7, true],
      [7, true],
      [7, true],
      [8, false],
    ])
  })

  test('once and in order, whenever the power goes', async () => {
    await largeAct()
    await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const right = await expected()
    let cut = 0
    for (let isWhole = false; !isWhole; ) {
      cut += 1
      const first = new SimulatedDisk({ seed: cut })
      first.cutPowerAt(cut)
      const before = follow(first)
      await before.settled()
      isWhole = before.follower.trouble === null
      await before.stop()
      const second = first.crash()
      const after = follow(second)
      await after.settled()
      await after.stop()
      expect({ cut, records: await records(second.restart()) }).toEqual({ cut, records: right })
    }
    expect(cut).toBeGreaterThan(20)
  })

  test('behind the part of an act that is there', async () => {
    await largeAct()
    const [entry] = (await reads.auditEntries(6, 1)).map((each) => encodeAuditEntry(each))
    const disk = new SimulatedDisk({ seed: 1 })
    const journal = await open(disk)
    for (const bytes of [...(await parts(0, 6)), ...(entry ?? []).slice(0, 2)]) await journal.append(bytes)
    await journal.close()
    const running = follow(disk)
    await running.settled()
    await running.stop()
    expect(await records(disk)).toEqual(await expected())
  })

  test('in batches, however many there are', async () => {
    await harness.do('device.create', { id: 'd-1', site: 'ward', kind: 'real' })
    for (let time = 0; time < 250; time += 1) {
      await harness.do('device.issue-secret', { id: 'd-1', reason: 'again' })
    }
    const disk = new SimulatedDisk({ seed: 1 })
    const asked: number[] = []
    const running = follow(disk, {
      auditEntries: (after, limit) => {
        asked.push(after)
        return reads.auditEntries(after, limit)
      },
    })
    await running.settled()
    await running.stop()
    expect(asked).toEqual([0, 100, 200, 257])
    expect(await records(disk)).toEqual(await expected())
  })
})

async function parts(after: number, limit: number): Promise<Uint8Array[]> {
  return (await reads.auditEntries(after, limit)).flatMap((entry) => encodeAuditEntry(entry))
}

describe('trouble with the disk', () => {
  test.each(['write', 'sync'] as const)('a failed %s is recovered from, and commands go on', async (kind) => {
    const disk = new SimulatedDisk({ seed: 1 })
    const running = follow(disk)
    await running.settled()
    disk.failNext(kind, 'EIO')
    const done = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    expect(done.name).toBe('li')
    await running.settled()
    expect([running.follower.copied, running.follower.trouble]).toMatchObject([6, { reason: /EIO/ }])
    expect(running.errors).toMatchObject([{ code: 'journal-unavailable' }])
    await harness.do('user.create', { name: 'wang', passwordHash: HASH })
    running.clock.advance(RETRY_MS)
    await waitFor(() => running.follower.copied === 8, 5_000)
    expect(running.follower.trouble).toBeNull()
    await running.stop()
    expect(await records(disk)).toEqual(await expected())
    expect(disk.violations).toEqual([])
  })

  test('a full disk is waited out, and told once', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    const running = follow(disk)
    await running.settled()
    disk.setCapacity(1)
    await harness.do('user.create', { name: 'li', passwordHash: HASH })
    await running.settled()
    for (let time = 0; time < 3; time += 1) {
      running.clock.advance(RETRY_MS)
      await settle()
      await waitFor(() => running.follower.trouble !== null, 5_000)
    }
    expect(running.follower.copied).toBe(6)
    expect(running.errors).toHaveLength(1)
    disk.setCapacity(2 ** 40)
    await waitFor(() => {
      running.clock.advance(RETRY_MS)
      return running.follower.copied === 7
    }, 5_000)
    expect(running.follower.trouble).toBeNull()
    await running.stop()
    expect(await records(disk)).toEqual(await expected())
  })

  test('facts that cannot be read are tried again', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    let fails = true
    const running = follow(disk, {
      auditEntries: async (after, limit) => {
        if (fails) throw new RangeError('no disk')
        return reads.auditEntries(after, limit)
      },
    })
    await running.settled()
    expect(running.follower.trouble?.reason).toBe('no disk')
    fails = false
    running.clock.advance(RETRY_MS)
    await waitFor(() => running.follower.copied === 6 && running.follower.trouble === null, 5_000)
    await running.stop()
    expect(await records(disk)).toEqual(await expected())
  })
})

describe('a log that does not belong to the facts', () => {
  let disk: SimulatedDisk
  let before: AuditRecord[]
  beforeEach(async () => {
    disk = new SimulatedDisk({ seed: 1 })
    await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const running = follow(disk)
    await running.settled()
    await running.stop()
    before = await records(disk)
  })

  async function refused(from: Pick<FactsReads, 'auditEntries'>, code: string): Promise<string> {
    const running = follow(disk, from)
    await running.settled()
    const { trouble, copied } = running.follower
    expect([copied, running.errors]).toMatchObject([null, [{ code, reason: trouble?.reason }]])
    // it stays refused: waiting mends nothing
    running.clock.advance(RETRY_MS)
    await settle()
    expect(running.errors).toHaveLength(1)
    await running.stop()
    return trouble?.reason ?? ''
  }

  test('because the facts are older is refused and left as it is', async () => {
    const older = { auditEntries: async () => (await reads.auditEntries(0, 6)).slice(6) }
    expect(await refused(older, 'journal-mismatch')).toContain('act 7 (user.create of user:')
    expect(await records(disk)).toEqual(before)
  })

  test('because the same number is another act is refused and left as it is', async () => {
    const other = await FactsHarness.open()
    await other.city()
    await other.do('user.create', { name: 'wang', passwordHash: HASH })
    await other.do('device.create', { id: 'd-1', site: 'ward', kind: 'real' })
    other.raw.exec('drop trigger audit_no_update')
    other.raw.exec('update audit set at = at + 1 where seq = 7')
    const otherReads = openFactsReads({ path: other.path })
    expect(await refused(otherReads, 'journal-mismatch')).toContain('the facts tell differently')
    otherReads.close()
    await other.close()
    expect(await records(disk)).toEqual(before)
  })

  test('because it is damaged is refused and left as it is', async () => {
    await harness.do('device.create', { id: 'd-1', site: 'ward', kind: 'real' })
    const damaged = await segmentBytes(disk, 0)
    damaged[120] = (damaged[120] ?? 0) ^ 0xff
    await putSegment(disk, 0, damaged)
    await refused(reads, 'journal-damaged')
    expect(await segmentBytes(disk, 0)).toEqual(damaged)
  })

  test('is not found in an empty folder: everything is copied anew', async () => {
    const empty = new SimulatedDisk({ seed: 2 })
    const running = follow(empty)
    await running.settled()
    await running.stop()
    expect(await records(empty)).toEqual(before)
  })
})

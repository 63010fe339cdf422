import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditWindowInput, type FactsReads, openFactsReads } from '../../../store/index.ts'
import { FactsHarness } from './setup.ts'

let harness: FactsHarness
let reads: FactsReads

// 12,000 acts, one a second: every third on `device:a`, the others on `device:b`; the last one of a kind of its own
beforeAll(async () => {
  harness = await FactsHarness.open()
  harness.raw.exec(`
    insert into audit (at, actor, kind, subject, reason)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 12000)
    select i * 1000, 'user:u', iif(i = 12000, 'last', 'test'), iif(i % 3 = 0, 'device:a', 'device:b'), '' from n`)
  reads = openFactsReads({ path: harness.path })
})
afterAll(async () => {
  reads.close()
  await harness.close()
})

async function looked(input: AuditWindowInput) {
  const { acts, seenTo, isEnd } = await reads.auditWindow(input)
  return { first: acts[0]?.seq, last: acts.at(-1)?.seq, count: acts.length, seenTo, isEnd }
}

test('looks at so many acts at a time, whether they match or not', async () => {
  const rare = { kind: 'last' }
  const none = { first: undefined, last: undefined, count: 0 }
  expect(await looked({ after: 0, ...rare })).toEqual({ ...none, seenTo: 5_000, isEnd: false })
  expect(await looked({ after: 5_000, ...rare })).toEqual({ ...none, seenTo: 10_000, isEnd: false })
  const end = { seenTo: 12_000, isEnd: true }
  expect(await looked({ after: 10_000, ...rare })).toEqual({ first: 12_000, last: 12_000, count: 1, ...end })
  expect(await looked({ after: 12_000 })).toEqual({ ...none, ...end })
  expect(await looked({ after: 20_000 })).toEqual({ ...none, seenTo: 20_000, isEnd: true })
})

test('finds the acts on one subject by its index', async () => {
  const a = { subject: 'device:a' }
  const end = { seenTo: 12_000, isEnd: true }
  expect(await looked({ after: 0, ...a })).toEqual({ first: 3, last: 12_000, count: 4_000, ...end })
  const b = { subject: 'device:b' }
  expect(await looked({ after: 0, ...b })).toEqual({
    first: 1,
    last: 7_499,
    count: 5_000,
    seenTo: 7_499,
    isEnd: false,
  })
  expect(await looked({ after: 7_499, ...b })).toEqual({ first: 7_501, last: 11_999, count: 3_000, ...end })
})

test('begins and ends with a period, to the instant', async () => {
  const from = { after: 0, fromMs: 9_000_000 }
  expect(await looked({ ...from, toMs: 9_003_000 })).toEqual({
    first: 9_000,
    last: 9_002,
    count: 3,
    seenTo: 9_002,
    isEnd: true,
  })
  expect(await looked({ ...from, after: 9_001, toMs: 9_003_000 })).toMatchObject({ first: 9_002, count: 1 })
  expect(await looked({ after: 0, toMs: 1_000 })).toMatchObject({ count: 0, seenTo: 0, isEnd: true })
  expect(await looked({ after: 0, fromMs: 13_000_000 })).toMatchObject({ count: 0, isEnd: true })
  expect(await looked({ ...from, fromMs: 8_999_001 })).toMatchObject({ first: 9_000 })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compare } from '../support/acked-load/ledger.ts'
import { type LoggedReading, sentLog } from '../support/acked-load/logged.ts'

// Who checks the check: what a comparison must find in logs and stores that were tampered with.

const folder = mkdtempSync(join(tmpdir(), 'isotherm-ledger-'))
const ackLog = join(folder, 'acked.jsonl')
afterAll(() => rmSync(folder, { recursive: true }))

const reading = (seq: number, more: Partial<LoggedReading> = {}): LoggedReading => ({
  device: 'd',
  seq,
  at: 1_795_000_000_000 + seq,
  temperature: seq / 100,
  ...more,
})
const three = [reading(1), reading(2), reading(3)]
const text = (readings: readonly LoggedReading[]): string =>
  readings.map((each) => `${JSON.stringify(each)}\n`).join('')

async function* each(readings: readonly LoggedReading[]): AsyncGenerator<LoggedReading> {
  await Promise.resolve()
  yield* readings
}

async function compared(given: {
  readonly acked?: readonly LoggedReading[]
  readonly sent?: readonly LoggedReading[]
  readonly stored?: readonly LoggedReading[]
}): Promise<unknown> {
  writeFileSync(ackLog, text(given.acked ?? three))
  writeFileSync(sentLog(ackLog), text(given.sent ?? three))
  return compare(ackLog, each(given.stored ?? three))
}

test('what was acknowledged and what is stored are the same', async () => {
  expect(await compared({})).toEqual({ acked: 3, stored: 3, lost: 0, phantom: 0, examples: [] })
})

test('what was sent and not acknowledged may be stored or not', async () => {
  const sent = [...three, reading(4), reading(5)]
  const stored = [...three, reading(4)]
  expect(await compared({ sent, stored })).toMatchObject({ acked: 3, stored: 4, lost: 0, phantom: 0 })
})

test('a forged line in the ack log is a lost reading', async () => {
  const found = await compared({ acked: [...three, reading(4)] })
  expect(found).toEqual({ acked: 4, stored: 3, lost: 1, phantom: 0, examples: ['lost: d 4'] })
})

test('a reading that is missing in the store is lost, also when another device has its number', async () => {
  const stored = [reading(1), reading(3)]
  expect(await compared({ stored })).toMatchObject({ lost: 1, phantom: 0, examples: ['lost: d 2'] })
  const foreign = [...stored, reading(2, { device: 'e' })]
  const examples = ['never sent: e 2', 'lost: d 2']
  expect(await compared({ stored: foreign })).toMatchObject({ lost: 1, phantom: 1, examples })
})

test('a changed value or time is a phantom, wherever it was changed', async () => {
  for (const changed of [{ temperature: 9 }, { at: 5 }]) {
    const tampered = [reading(1), reading(2, changed), reading(3)]
    for (const given of [{ stored: tampered }, { acked: tampered }, { sent: tampered }]) {
      const examples = ['another time or value: d 2']
      expect(await compared(given)).toEqual({ acked: 3, stored: 3, lost: 0, phantom: 1, examples })
    }
  }
})

test('a reading nobody sent, one without a number and one stored twice are phantoms', async () => {
  const stored = [...three, reading(9), reading(Number.NaN), reading(2)]
  const examples = ['never sent: d 9', 'never sent: d NaN', 'stored twice: d 2']
  expect(await compared({ stored })).toEqual({ acked: 3, stored: 6, lost: 0, phantom: 3, examples })
})

test('a log that is missing or torn is said, not read around', async () => {
  await compared({})
  writeFileSync(ackLog, '{"device":"d","seq":1}\n')
  await expect(compare(ackLog, each(three))).rejects.toThrow(/acked\.jsonl:1 is no reading/)
  rmSync(ackLog)
  await expect(compare(ackLog, each(three))).rejects.toThrow(/there is no log/)
})

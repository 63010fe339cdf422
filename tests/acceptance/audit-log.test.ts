import { copyFileSync, renameSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataLayout } from '../../app/layout.ts'
import { decodeAuditRecord, encodeAuditEntry } from '../../domain/index.ts'
import { openFactsReads } from '../../store/index.ts'
import { readAuditLog } from '../support/audit-log.ts'
import { waitFor } from '../support/isotherm.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { Stage } from '../support/stage.ts'

const KILLS = Number(process.env['ISOTHERM_TEST_KILLS'] ?? 3)
const SEED = Number(process.env['ISOTHERM_TEST_SEED'] ?? 1)
/** At once: what is under way when the process is killed. */
const AT_ONCE = 8

const stage = new Stage()
const layout = dataLayout(stage.folder.dataDir)
const backup = `${layout.facts}.older`
beforeAll(() => stage.open())
afterAll(() => stage.close())

/** Makes organisations until the server is gone; answers how many it has answered for. */
async function makeOrganisations(prefix: string): Promise<number> {
  let made = 0
  const work = async (lane: number): Promise<void> => {
    for (let number = 0; ; number += 1) {
      const body = JSON.stringify({ id: `${prefix}-${lane}-${number}`, kind: 'clinic', name: '门诊' })
      try {
        const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/organisations`, {
          method: 'POST',
          headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
          body,
        })
        if (!answer.ok) throw new RangeError(`${answer.status}`)
        made += 1
      } catch (thrown) {
        // a server that was killed refuses the connection; anything else is a failure of the test
        if (thrown instanceof RangeError) throw thrown
        return
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => work(lane)))
  return made
}

/** What `isotherm doctor` says of the audit log. */
async function diagnosis(): Promise<Readonly<Record<string, string>> | undefined> {
  const { out } = await stage.folder.run(['doctor', '--json'])
  const findings = JSON.parse(out) as Readonly<Record<string, string>>[]
  return findings.find(({ check }) => check === 'audit log')
}

/** Compares the log of a stopped server with its facts. */
async function expectEveryAct(): Promise<void> {
  const reads = openFactsReads({ path: layout.facts })
  const entries = await reads.auditEntries(0, 1_000_000)
  reads.close()
  const records = entries.flatMap((entry) => encodeAuditEntry(entry)).map(decodeAuditRecord)
  expect(await readAuditLog(layout.audit)).toEqual(records)
}

test(`killed ${KILLS} times between acts, the log has each of them once, in order (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  const random = new SeededRandom(SEED)
  let made = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    const making = makeOrganisations(`o-${kill}`)
    await new Promise((later) => setTimeout(later, 100 + random.below(700)))
    await stage.running.kill()
    made += await making
    await stage.restart()
  }
  expect(made).toBeGreaterThan(KILLS * 5)
  await waitFor(async () => (await diagnosis())?.['found'] === 'holds every act', 20_000)
  await stage.running.stop()
  await expectEveryAct()
})

test('beside facts of an older backup the log is left alone, said so, and nothing else stops', {
  timeout: 60_000,
}, async () => {
  copyFileSync(layout.facts, backup)
  await stage.restart()
  await stage.device('fridge-2')
  await waitFor(async () => (await diagnosis())?.['found'] === 'holds every act', 20_000)
  await stage.running.stop()
  const before = await readAuditLog(layout.audit)
  copyFileSync(backup, layout.facts)
  await stage.restart()
  await waitFor(async () => (await diagnosis())?.['state'] === 'bad', 20_000)
  const seq = before.at(-1)?.seq
  expect(await diagnosis()).toMatchObject({
    found: expect.stringContaining(`ends with act ${seq} (device.create of device:fridge-2)`) as string,
    remedy: expect.stringContaining('Put back facts and audit log of the same time.') as string,
  })
  expect(stage.running.output()).toContain('journal-mismatch')
  await stage.device('fridge-3')
  const client = await stage.connect()
  await client.publishAsync('isotherm/v1/fridge-1/readings', '{"temperature":4}', { qos: 1 })
  await client.endAsync()
  await waitFor(async () => (await stage.items('readings?sensor=fridge-1')).length === 1, 5_000)
  await stage.running.stop()
  expect(await readAuditLog(layout.audit)).toEqual(before)
})

test('with the log moved away, a new one is written from the facts', { timeout: 60_000 }, async () => {
  renameSync(layout.audit, `${layout.audit}.kept`)
  await stage.restart()
  await waitFor(async () => (await diagnosis())?.['found'] === 'holds every act', 20_000)
  await stage.running.stop()
  await expectEveryAct()
})

import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfiguration } from '../../app/config/index.ts'
import { type Core, startCore } from '../../app/core/index.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { dataLayout } from '../../app/layout.ts'
import { type Link, openLink, portChannel } from '../../app/link/index.ts'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { openJournal } from '../../journal/index.ts'
import { waitFor } from '../support/isotherm.ts'
import { logsTo } from '../support/logs.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

let root: string
let core: Core
let link: Link
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'isotherm-core-'))
  const configuration = loadConfiguration({ flags: {}, environment: { ISOTHERM_DATA_DIR: root } })
  const layout = dataLayout(root)
  core = await startCore({
    configuration,
    layout,
    clock: systemClock,
    random: systemRandom,
    logs: logsTo(quiet),
  })
  core.failed.catch(() => undefined)
  const { port1, port2 } = new MessageChannel()
  core.serve(portChannel(port1))
  link = openLink(portChannel(port2), {})
})
afterEach(async () => {
  link.close()
  await core.stop()
  rmSync(root, { recursive: true })
})

/** Appends records to the journal of the folder, as a gateway before would have. */
async function journal(count: number, deviceId: string): Promise<void> {
  const { journal: directory } = dataLayout(root)
  const parts = { disk: nodeDisk(), clock: systemClock, random: systemRandom, log: quiet }
  const log = await openJournal({ directory, ...parts, spaceReserve: { share: 0, bytes: 0 } })
  for (let seq = 0; seq < count; seq += 1) {
    const topic = publishTopic(deviceId, 'readings')
    const payload = Buffer.from(`{"seq":${seq},"temperature":4}`)
    const receivedAtMs = systemClock.nowMs()
    await log.append(encodeRecord({ receivedAtMs, deviceId, channel: 'mqtt', topic, qos: 1, payload }))
  }
  await log.close()
}

async function taken(): Promise<unknown[]> {
  const status = (await link.call('status', {})) as Record<string, unknown>
  return [status['durableEnd'], status['ingest'], status['census']]
}

test('nothing is taken before a journal was compared; then it follows what is durable', async () => {
  await journal(4, 'fridge-1')
  expect(await taken()).toEqual([null, 0, 0])
  await link.call('journal', { durableEnd: 3 })
  await waitFor(async () => String(await taken()) === '3,3,3', 5_000)
  await link.call('durable', { durableEnd: 4 })
  await waitFor(async () => String(await taken()) === '4,4,4', 5_000)
})

test('a journal that goes back fails the core with its problem', async () => {
  await journal(3, 'fridge-1')
  await link.call('journal', { durableEnd: 3 })
  await waitFor(async () => String(await taken()) === '3,3,3', 5_000)
  await expect(link.call('durable', { durableEnd: 2 })).rejects.toMatchObject({ code: 'journal-damaged' })
  await expect(core.failed).rejects.toMatchObject({ code: 'journal-damaged' })
})

test('a gateway that comes back with another journal is refused, and the core fails', async () => {
  await journal(3, 'fridge-1')
  await link.call('journal', { durableEnd: 3 })
  await waitFor(async () => String(await taken()) === '3,3,3', 5_000)
  await link.call('journal', { durableEnd: 3 })
  renameSync(join(root, 'journal'), join(root, 'kept'))
  await journal(5, 'fridge-2')
  await expect(link.call('journal', { durableEnd: 5 })).rejects.toMatchObject({ code: 'journal-mismatch' })
  await expect(core.failed).rejects.toMatchObject({ code: 'journal-mismatch' })
  expect(await taken()).toEqual([3, 3, 3])
})

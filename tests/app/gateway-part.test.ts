import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfiguration } from '../../app/config/index.ts'
import { startCore } from '../../app/core/index.ts'
import { openCoreClient } from '../../app/core-client.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { dataLayout } from '../../app/layout.ts'
import { openLink, portChannel } from '../../app/link/index.ts'
import { type GatewayPart, startGatewayPart } from '../../app/parts/gateway-part.ts'
import type { Clock, Problem } from '../../domain/index.ts'
import { createFactsView } from '../../store/index.ts'
import { logsTo } from '../support/logs.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const actor = { kind: 'local', id: 'tests' } as const

const cleanups: (() => Promise<void> | void)[] = []
const failures: Problem[] = []
let disk: SimulatedDisk
let authorization = ''

beforeEach(() => {
  failures.length = 0
  disk = new SimulatedDisk({ seed: 3, capacityBytes: 2 ** 30 })
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** A gateway on the simulated disk, beside a real core, with the device `fridge-1` registered. */
async function gatewayPart(clock: Clock = systemClock): Promise<GatewayPart> {
  const root = mkdtempSync(join(tmpdir(), 'isotherm-gateway-'))
  cleanups.push(() => rmSync(root, { recursive: true }))
  const environment = { ISOTHERM_DATA_DIR: root, ISOTHERM_MQTT_PORT: '0', ISOTHERM_JOURNAL_FREE_MIB: '1' }
  const context = {
    configuration: loadConfiguration({ flags: {}, environment }),
    layout: dataLayout(root),
    clock,
    random: systemRandom,
    logs: logsTo(quiet),
  }
  const core = await startCore(context)
  core.failed.catch(() => undefined)
  cleanups.push(() => core.stop())
  const { port1, port2 } = new MessageChannel()
  core.serve(portChannel(port1))
  const view = createFactsView()
  const client = openCoreClient(view)
  const link = openLink(portChannel(port2), client.handlers)
  cleanups.push(() => link.close())
  await client.attach(link)
  await client.command('organisation.create', actor, {
    id: 'demo',
    name: 'x',
    kind: 'cdc',
    parent: null,
    demo: true,
  })
  await client.command('site.create', actor, {
    id: 'clinic',
    organisation: 'demo',
    name: 'x',
    zone: 'Asia/Shanghai',
  })
  const made = await client.command('device.create', actor, {
    id: 'fridge-1',
    site: 'clinic',
    kind: 'simulated',
  })
  authorization = `Basic ${Buffer.from(`fridge-1:${made.secret}`).toString('base64')}`
  return startGatewayPart({
    ...context,
    certificates: undefined,
    metrics: { observeSync: () => undefined },
    disk,
    client,
    view,
    onStop: (_, stop) => cleanups.push(stop),
    fail: (problem) => failures.push(problem),
  })
}

const body = Buffer.from('{"temperature":4}')

test('a failed sync ends the process, once it was answered that nothing is kept', async () => {
  const { gateway } = await gatewayPart()
  expect(await gateway.takeReadings({ authorization, body })).toEqual({ status: 202, index: 0 })
  disk.failNext('sync', 'EIO')
  expect(await gateway.takeReadings({ authorization, body })).toMatchObject({ status: 503 })
  expect(failures.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['journal-unavailable', 'Check the disk, then restart the service; what was acknowledged is safe.'],
  ])
})

test('a full disk is waited out', async () => {
  const { gateway } = await gatewayPart()
  disk.setCapacity(0)
  expect(await gateway.takeReadings({ authorization, body })).toMatchObject({ status: 503 })
  expect(failures).toEqual([])
})

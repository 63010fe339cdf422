import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dataLayout } from '../../app/layout.ts'
import { startQueryThread } from '../../app/parts/query-thread.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { systemRandom } from '../../app/doors/random.ts'
import type { FedView } from '../../app/link/index.ts'
import {
  createCommands,
  createFactsView,
  type Facts,
  openCanonicalStore,
  openFacts,
} from '../../store/index.ts'
import { waitFor } from '../support/isotherm.ts'

const folders: string[] = []
function newLayout() {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-query-'))
  folders.push(folder)
  return dataLayout(folder)
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test('a query thread that dies is started again, and answers once it can', async () => {
  const layout = newLayout()
  const deaths: string[] = []
  const log = { ...quiet, error: (_: unknown, text: string) => deaths.push(text) }
  const clock = { ...systemClock, sleep: () => systemClock.sleep(50) }
  // the stores do not exist yet, so the thread dies of opening them
  const thread = startQueryThread({
    layout,
    client: { forwardFacts: () => {} },
    view: createFactsView(),
    clock,
    log,
  })
  await waitFor(() => deaths.length >= 2, 10_000)
  await expect(thread.query('sites', { scopes: ['root'], limit: 10 })).rejects.toMatchObject({
    code: 'core-unavailable',
  })
  openCanonicalStore({ path: layout.readings }).close()
  const facts = await openFacts({ path: layout.facts, clock: systemClock })
  const ask = async (): Promise<string> => {
    const bytes = await thread.query('sites', { scopes: ['root'], limit: 10 })
    return Buffer.from(bytes).toString('utf8')
  }
  await waitFor(async () => (await ask().catch(() => '')) === '{"items":[],"next":null}', 10_000)
  await thread.stop()
  await facts.close()
})

/** Enters a lot of a product of its own. */
async function enterLot(facts: Facts, id: string): Promise<void> {
  const commands = createCommands({ facts, clock: systemClock, random: systemRandom })
  const actor = { kind: 'user', id: 'u-li' } as const
  const label = { rangeMinMilliC: 2_000, rangeMaxMilliC: 8_000, freezeSensitive: true, lightSensitive: false }
  await commands.command('product.create', actor, { id: `p-${id}`, name: '疫苗', ...label })
  const lot = { id, product: `p-${id}`, maker: '生物所', number: id, expiresOn: '2028-10-31' }
  await commands.command('lot.create', actor, lot)
}

test('a thread knows the facts it finds, those fed later, and every change behind them', async () => {
  const layout = newLayout()
  openCanonicalStore({ path: layout.readings }).close()
  const facts = await openFacts({ path: layout.facts, clock: systemClock })
  await enterLot(facts, 'found')
  const view = createFactsView()
  view.load(await facts.snapshot())
  const fed: FedView[] = []
  const client = { forwardFacts: (next: FedView) => void fed.push(next) }
  const thread = startQueryThread({ layout, client, view, clock: systemClock, log: quiet })
  const lotOf = async (lot: string): Promise<unknown> => {
    const bytes = await thread.query('lot.exposure', { lot, scopes: ['root'], toMs: 1, asOfMs: 1 })
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { lot: unknown }).lot
  }
  expect(await lotOf('found')).toBe('found')
  await enterLot(facts, 'fed')
  fed[0]?.load(await facts.snapshot())
  facts.onChange((change) => fed[0]?.apply(change))
  await enterLot(facts, 'changed')
  await waitFor(async () => (await lotOf('changed').catch(() => '')) === 'changed', 10_000)
  expect(await lotOf('fed')).toBe('fed')
  await thread.stop()
  await facts.close()
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dataLayout } from '../../app/layout.ts'
import { startQueryThread } from '../../app/parts/query-thread.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { createFactsView, openCanonicalStore, openFacts } from '../../store/index.ts'
import { waitFor } from '../support/isotherm.ts'

const folder = mkdtempSync(join(tmpdir(), 'isotherm-query-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('a query thread that dies is started again, and answers once it can', async () => {
  const layout = dataLayout(folder)
  const deaths: string[] = []
  const log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (_: unknown, text: string) => deaths.push(text),
  }
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

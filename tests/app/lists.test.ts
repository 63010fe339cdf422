import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { dataLayout } from '../../app/layout.ts'
import { createCommands, openFacts } from '../../store/index.ts'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
const DEVICES = 1_001
const ids = Array.from({ length: DEVICES }, (_each, index) => `device-${String(index).padStart(4, '0')}`)

beforeAll(async () => {
  await folder.demoSite()
  const facts = await openFacts({ path: dataLayout(folder.dataDir).facts, clock: systemClock })
  const commands = createCommands({ facts, clock: systemClock, random: systemRandom })
  const actor = { kind: 'local', id: 'test' } as const
  for (const id of ids) {
    await commands.command('device.create', actor, { id, site: 'clinic', kind: 'simulated' })
  }
  await facts.close()
})
afterAll(() => folder.remove())

describe('device', () => {
  test('list shows all of them, not the first thousand', async () => {
    const { out } = await folder.run(['device', 'list', '--json'])
    expect((JSON.parse(out) as { id: string }[]).map(({ id }) => id)).toEqual(ids)
    const table = await folder.run(['device', 'list', '--site', 'clinic'])
    expect(table.out.match(/^device-/gm)?.length).toBe(DEVICES)
  })

  test('balance of a device that is not there is not found', async () => {
    const { code, out } = await folder.run(['device', 'balance', 'nobody', '--json'])
    expect([code, JSON.parse(out)]).toMatchObject([1, { code: 'not-found' }])
    expect(await folder.json(['device', 'balance', 'device-1000'])).toMatchObject({ balanced: true })
  })
})

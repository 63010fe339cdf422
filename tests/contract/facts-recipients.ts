import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RecipientFact } from '../../domain/index.ts'
import type { Facts } from '../../store/index.ts'
import { type Doer, MINUTE_MS, START_MS, TestClock } from '../store/facts/setup.ts'
import { commandsOn } from './facts-places.ts'
import type { FactsDatabase } from './facts-promises.ts'

const reason = 'because'

/** Who may be called and who not, whatever the facts are kept in. */
export function keepsRecipients(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`recipients, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    let commands: Doer
    beforeEach(async () => {
      const clock = new TestClock()
      database = await create()
      facts = await database.open(clock)
      commands = commandsOn(facts, clock)
      await clinic(commands)
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })

    test.each([
      ['http', '12345'],
      ['http', '+86 1380013800'],
      ['http', 'oncall@example.org'],
      ['http', ''],
      ['mail', '13800138000'],
      ['mail', 'a@b\r\nBcc: c@d'],
      ['console', '13800138000'],
    ] as const)('on %s the address "%s" is refused and not repeated', async (channel, address) => {
      const asked = commands.do('recipient.create', { place: 'fridge', name: '赵', channel, address })
      const refused = await asked.catch((thrown: unknown) => thrown as Error)
      expect(refused).toMatchObject({ code: 'bad-request' })
      expect(JSON.stringify(refused)).not.toContain(address === '' ? 'nothing to repeat' : address)
    })

    test.each([
      [[{ days: [], from: '08:00', to: '17:00' }]],
      [[{ days: ['mon'], from: '8:00', to: '17:00' }]],
      [[{ days: ['mon'], from: '08:00', to: '08:00' }]],
      [[{ days: ['someday'], from: '08:00', to: '09:00' }]],
    ] as const)('hours such as %j are refused', async (hours) => {
      const someone = { place: 'fridge', name: '赵', channel: 'console' } as const
      const asked = commands.do('recipient.create', { ...someone, hours: hours as never })
      await expect(asked).rejects.toMatchObject({ code: 'bad-request' })
    })

    test('nobody is called for a place that is retired', async () => {
      await commands.do('place.retire', { id: 'fridge', reason })
      const someone = { place: 'fridge', name: '赵', channel: 'console' } as const
      await expect(commands.do('recipient.create', someone)).rejects.toMatchObject({ code: 'conflict' })
    })
  })
}

/** A clinic with a fridge, and two people who are called for it. */
export async function clinic(commands: Doer): Promise<readonly RecipientFact[]> {
  const organisation = { parent: null, demo: false, name: '门诊', kind: 'clinic' } as const
  await commands.do('organisation.create', { ...organisation, id: 'clinic' })
  await commands.do('organisation.create', { ...organisation, id: 'elsewhere' })
  await commands.do('site.create', {
    id: 'ward',
    organisation: 'clinic',
    name: '接种室',
    zone: 'Asia/Shanghai',
  })
  const fridge = { id: 'fridge', site: 'ward', parent: null, kind: 'refrigerator', name: '冰箱' } as const
  await commands.do('place.create', { ...fridge, fromMs: START_MS - MINUTE_MS })
  const one = { place: 'fridge', channel: 'http' } as const
  return [
    await commands.do('recipient.create', { ...one, name: '李', address: '138 0013 8000' }),
    await commands.do('recipient.create', { ...one, name: '王', address: '+8613900139000', language: 'en' }),
  ]
}

import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { openJournal } from '../../journal/index.ts'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
// Makes the stores: a journal without them is refused.
beforeAll(() => folder.demoSite(), 60_000)
afterAll(() => folder.remove())

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Leaves a record that was received while the clock was `aheadMs` ahead of now. */
async function receiveAhead(aheadMs: number): Promise<void> {
  const journal = await openJournal({
    directory: join(folder.dataDir, 'journal', 'readings'),
    disk: nodeDisk(),
    clock: systemClock,
    random: systemRandom,
    log: quiet,
  })
  const deviceId = 'fridge-1'
  const topic = publishTopic(deviceId, 'readings')
  const payload = Buffer.from('{"temperature":4}')
  const receivedAtMs = systemClock.nowMs() + aheadMs
  await journal.append(encodeRecord({ receivedAtMs, deviceId, channel: 'mqtt', topic, qos: 1, payload }))
  await journal.close()
}

test.for([
  { aheadMs: 600_000, status: 200, ahead: /ahead by (59\d|600) s/ },
  { aheadMs: 7_200_000, status: 503, ahead: /ahead by (719\d|7200) s/ },
])(
  'a clock that is $aheadMs ms behind the last record: /readyz answers $status',
  { timeout: 60_000 },
  async (given) => {
    await receiveAhead(given.aheadMs)
    const running = await folder.start()
    const ready = await fetch(`http://127.0.0.1:${running.httpPort}/readyz`)
    expect(ready.status).toBe(given.status)
    expect(await ready.text()).toMatch(given.ahead)
    const doctor = await folder.run(['doctor', '--json'], { ISOTHERM_HTTP_PORT: String(running.httpPort) })
    expect(doctor.code).toBe(1)
    expect(doctor.out).toMatch(/the last record was received \d+ s ahead of the clock/)
    expect(doctor.out).toContain('NTP')
    expect(await running.stop()).toBe(0)
  },
)

test('a new data directory with the facts of the old one goes on with its devices', {
  timeout: 60_000,
}, async () => {
  await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
  const fresh = new IsothermFolder()
  try {
    copyFileSync(join(folder.dataDir, 'facts.sqlite'), join(fresh.dataDir, 'facts.sqlite'))
    const running = await fresh.start()
    const ready = await fetch(`http://127.0.0.1:${running.httpPort}/readyz`)
    expect(await ready.json()).toMatchObject({ status: 'ready', parts: { clock: 'in order' } })
    expect((await fresh.run(['device', 'list', '--json'])).out).toContain('fridge-1')
  } finally {
    await fresh.remove()
  }
})

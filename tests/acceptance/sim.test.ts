import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scenarioNames } from '../../devices-sim/index.ts'
import type { CommandResult } from '../support/isotherm.ts'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

const main = resolve(import.meta.dirname, '../../app/cli/main.ts')
const stage = new Stage()
beforeAll(() => stage.open())
afterAll(() => stage.close())

function mqtt(): NodeJS.ProcessEnv {
  return { ISOTHERM_MQTT_PORT: String(stage.running.mqttPort) }
}

function sim(...words: string[]): Promise<CommandResult> {
  return stage.folder.run(['sim', ...words, '--json'], mqtt())
}

interface Readings {
  readonly stored: number
  readonly duplicate: number
  readonly held: number
}

async function readingsOf(device: string): Promise<Readings> {
  const balance = await stage.folder.json(['device', 'balance', device])
  return balance['readings'] as Readings
}

/** Waits until as many are stored as were acknowledged. */
async function stored(devices: readonly string[], count: number): Promise<void> {
  let found = 0
  await waitFor(
    async () => {
      const all = await Promise.all(devices.map(readingsOf))
      found = all.reduce((sum, readings) => sum + readings.stored, 0)
      return found >= count
    },
    20_000,
    () => `${found} of ${count}`,
  )
  expect(found).toBe(count)
}

test('the list names every scenario', async () => {
  const { code, out } = await sim('--list')
  expect(code).toBe(0)
  expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual([...scenarioNames])
})

describe('devices made in a demonstration site', () => {
  test('a load: every acknowledged reading is stored, in a second run of the same devices too', async () => {
    const devices = ['load-1', 'load-2', 'load-3', 'load-4', 'load-5']
    let total = 0
    for (let run = 0; run < 2; run += 1) {
      const { code, out } = await sim('--site', 'clinic', '--devices', '5', '--rate', '50', '--seconds', '2')
      expect(code).toBe(0)
      const result = JSON.parse(out) as Record<string, number>
      expect(result['acked']).toBe(result['sent'])
      expect(result['acked']).toBeGreaterThan(70)
      expect(result['acked']).toBeLessThanOrEqual(100)
      expect(Object.keys(result)).toEqual(['acked', 'sent', 'seconds', 'rate', 'p50Ms', 'p99Ms'])
      total += result['acked'] ?? 0
      await stored(devices, total)
    }
  }, 60_000)

  test('a scenario: what is sent three times is stored once', async () => {
    const words = ['--scenario', 'duplicates', '--interval', '1', '--after', '0', '--seconds', '6']
    const { code, out } = await sim('--site', 'clinic', ...words)
    expect(code).toBe(0)
    const result = JSON.parse(out) as Record<string, number>
    expect(result).toMatchObject({ scenario: 'duplicates', devices: 1, kept: 0, notRecorded: 0, failed: 0 })
    await stored(['sim-duplicates-1'], result['acknowledged'] ?? 0)
    const { duplicate, held } = await readingsOf('sim-duplicates-1')
    expect(duplicate).toBe(2 * (result['acknowledged'] ?? 0))
    expect(held).toBe(0)
  }, 60_000)

  test('a real device of that name is left alone, and a site that is not there is told', async () => {
    const { folder } = stage
    await folder.json(['organisation', 'create', 'real', '--kind', 'clinic', '--name', 'A real clinic'])
    await folder.json(['site', 'create', 'ward', '--organisation', 'real', '--name', 'A ward'])
    await folder.json(['device', 'create', 'sim-normal-1', '--site', 'ward'])
    const outside = await sim(
      '--site',
      'ward',
      '--scenario',
      'duplicates',
      '--devices',
      '2',
      '--seconds',
      '1',
    )
    expect([outside.code, JSON.parse(outside.out)]).toMatchObject([1, { code: 'demo-only' }])
    const real = await sim('--site', 'clinic', '--seconds', '1')
    expect([real.code, JSON.parse(real.out)]).toMatchObject([1, { code: 'demo-only' }])
    const nowhere = await sim('--site', 'nowhere', '--seconds', '1')
    expect([nowhere.code, JSON.parse(nowhere.out)]).toMatchObject([1, { code: 'not-found' }])
  }, 60_000)
})

describe('devices of a file', () => {
  const path = (): string => join(stage.folder.dataDir, 'devices.jsonl')
  const write = (text: string, mode = 0o600): void => {
    writeFileSync(path(), text, { mode })
    chmodSync(path(), mode)
  }
  const given = () => sim('--credentials', path(), '--interval', '1', '--seconds', '4')

  test('play, without a core', async () => {
    const secret = await stage.device('fridge-2')
    write(`${JSON.stringify({ device: 'fridge-2', secret })}\n\n`)
    const { code, out } = await given()
    expect(code).toBe(0)
    const result = JSON.parse(out) as Record<string, number>
    expect(result['acknowledged']).toBeGreaterThan(0)
    await stored(['fridge-2'], result['acknowledged'] ?? 0)
  }, 60_000)

  test.each([
    ['{"device":"fridge-2","secret":"hidden-words"}', 0o644, 'bad-request'],
    ['{"device":"fridge-2","secret":hidden-words}', 0o600, 'file-not-understood'],
    ['{"device":"fridge 2","secret":"hidden-words"}', 0o600, 'file-not-understood'],
    [
      '{"device":"a","secret":"hidden-words"}\n{"device":"a","secret":"hidden-words"}',
      0o600,
      'file-not-understood',
    ],
    ['\n', 0o600, 'file-not-understood'],
  ])('refused: %s with mode %o', async (text, mode, problem) => {
    write(text, mode)
    const { code, out, err } = await given()
    expect(code).not.toBe(0)
    expect(JSON.parse(out)).toMatchObject({ code: problem })
    expect(out + err).not.toContain('hidden-words')
  })

  test('a wrong secret ends it with a failure', async () => {
    write('{"device":"fridge-2","secret":"hidden-words"}')
    const { code, out, err } = await given()
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ failed: 1, acknowledged: 0 })
    expect(err).toContain('The server refused device fridge-2')
    expect(out + err).not.toContain('hidden-words')
  }, 30_000)

  test('Ctrl-C ends it, and says what came of it', async () => {
    write(JSON.stringify({ device: 'fridge-3', secret: await stage.device('fridge-3') }))
    const words = ['sim', '--credentials', path(), '--interval', '1', '--json']
    const env = { ...process.env, ...mqtt(), ISOTHERM_DATA_DIR: stage.folder.dataDir }
    const child = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    await waitFor(async () => (await readingsOf('fridge-3')).stored > 1, 20_000)
    child.kill('SIGINT')
    await once(child, 'close')
    expect(child.exitCode).toBe(0)
    const result = JSON.parse(out) as Record<string, number>
    expect(result['kept']).toBe(0)
    await stored(['fridge-3'], result['acknowledged'] ?? 0)
  }, 60_000)
})

test.each([
  [[]],
  [['--site', 'clinic', '--credentials', 'x']],
  [['--site', 'clinic', '--devices', '0']],
  [['--site', 'clinic', '--rate', 'fast']],
  [['--site', 'clinic', '--interval', '0.5']],
])('bad usage: %j', async (words) => {
  const { code, out } = await sim(...words)
  expect([code, JSON.parse(out)]).toMatchObject([2, { code: 'bad-request' }])
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SeededRandom } from '../support/seeded-random.ts'
import { KillPlans } from './kill-plan.ts'
import { ACKED_PER_KILL, isSound, runCrash } from './run-crash.ts'

// The short form of `npm run crash`. With this seed the second of the three kills falls into a start.
const KILLS = 3
const SEED = 3

test(`after ${KILLS} kills under load and in a start nothing acknowledged is missing (seed ${SEED})`, {
  timeout: 180_000,
}, async () => {
  const told: string[] = []
  const outcome = await runCrash({ kills: KILLS, seed: SEED, tell: (line) => told.push(line) })
  expect(outcome).toMatchObject({
    lost: 0,
    phantom: 0,
    held: 0,
    balanced: true,
    examples: [],
    kills: KILLS,
    seed: SEED,
  })
  expect(told.filter((line) => /^kill \d of 3 /.test(line))).toHaveLength(KILLS)
  expect(outcome.startingKills).toBeGreaterThan(0)
  expect(outcome.acked).toBeGreaterThanOrEqual(KILLS * ACKED_PER_KILL)
  expect(outcome.stored).toBeGreaterThanOrEqual(outcome.acked)
  expect(isSound(outcome)).toBe(true)
  expect(isSound({ ...outcome, lost: 1 })).toBe(false)
  expect(isSound({ ...outcome, phantom: 1 })).toBe(false)
  expect(isSound({ ...outcome, held: 1 })).toBe(false)
  expect(isSound({ ...outcome, balanced: false })).toBe(false)
  expect(isSound({ ...outcome, acked: KILLS * ACKED_PER_KILL - 1 })).toBe(false)
})

async function command(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash.ts'), ...words])
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, ...said }
}

test('a stored reading that is gone makes the command fail', { timeout: 180_000 }, async () => {
  const { code, out, err } = await command('--kills', '1', '--break', 'lost')
  expect(out).toMatch(/^\{.*\}\n$/)
  expect(err).toContain('kill 1 of 1')
  expect(JSON.parse(out)).toMatchObject({ lost: 1, phantom: 0, balanced: false, kills: 1 })
  expect(code).toBe(1)
})

test('the command tells how it is used', async () => {
  const help = await command('--help')
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).toContain('--ack-log FILE')
  const wrong = [
    ['--kills', '0'],
    ['--kills', 'many'],
    ['--seed', '-1'],
    ['--break', 'legs'],
    ['--frobnicate'],
  ]
  for (const words of wrong) {
    const { code, out, err } = await command(...words)
    expect({ words, code, out }).toEqual({ words, code: 2, out: '' })
    expect(err).toContain(words[0]?.slice(0, 3))
  }
})

test('the same seed plans the same kills, and one start in three at the least is left to get ready', () => {
  const plans = () => {
    const drawn = new KillPlans(new SeededRandom(7), 2_000)
    return Array.from({ length: 200 }, () => drawn.next())
  }
  const planned = plans()
  expect(plans()).toEqual(planned)
  expect(planned[0]?.kind).toBe('loaded')
  const kinds = planned.map(({ kind }) => (kind === 'starting' ? 's' : 'l')).join('')
  expect(kinds).not.toContain('sss')
  expect(kinds.split('s').length).toBeGreaterThan(30)
  for (const { kind, delayMs } of planned) expect(delayMs).toBeLessThan(kind === 'starting' ? 2_400 : 1_500)
})

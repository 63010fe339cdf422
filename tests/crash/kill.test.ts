import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SeededRandom } from '../support/seeded-random.ts'
import { KillPlans } from './kill-plan.ts'
import { ACKED_PER_KILL, type CrashOutcome, isSound } from './run-crash.ts'

// The short form of `npm run crash`, with one stored reading taken away before the comparison: that one must be found
// and make the command fail, and nothing else may be missing. With this seed the second kill falls into a start.
const KILLS = 3
const SEED = 3

async function command(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash.ts'), ...words])
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, ...said }
}

test(`after ${KILLS} kills nothing acknowledged is missing but what was taken away (seed ${SEED})`, {
  timeout: 180_000,
}, async () => {
  const words = ['--kills', String(KILLS), '--seed', String(SEED), '--break', 'lost']
  const { code, out, err } = await command(...words)
  expect(out).toMatch(/^\{.*\}\n$/)
  expect(err.match(/^kill \d of 3 .*: \d+ readings acknowledged$/gm)).toHaveLength(KILLS)
  const outcome = JSON.parse(out) as CrashOutcome
  const damage = { lost: 1, examples: ['lost: crash-1 100'], counted: outcome.stored + 1 }
  const rest = { phantom: 0, held: 0, balanced: true, kills: KILLS, seed: SEED }
  expect(outcome).toMatchObject({ ...damage, ...rest })
  expect(code).toBe(1)
  expect(outcome.startingKills).toBeGreaterThan(0)
  expect(outcome.acked).toBeGreaterThanOrEqual(KILLS * ACKED_PER_KILL)
  const sound = { ...outcome, lost: 0, counted: outcome.stored }
  expect(isSound(sound)).toBe(true)
  expect(isSound({ ...sound, lost: 1 })).toBe(false)
  expect(isSound({ ...sound, phantom: 1 })).toBe(false)
  expect(isSound({ ...sound, held: 1 })).toBe(false)
  expect(isSound({ ...sound, counted: outcome.stored + 1 })).toBe(false)
  expect(isSound({ ...sound, balanced: false })).toBe(false)
  expect(isSound({ ...sound, acked: KILLS * ACKED_PER_KILL - 1 })).toBe(false)
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

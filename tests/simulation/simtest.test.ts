import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const COMMAND = join(import.meta.dirname, 'simtest.ts')

/** `npm run sim-test -- words`, without npm. */
function simTest(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...words], { encoding: 'utf8' })
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  const line = last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {}
  return { status, line, stdout, stderr }
}

/** A few short lives in processes of their own, on a slow machine under load. */
const TIMEOUT = { timeout: 90_000 }

test('the command ends with one line of JSON, and with 0 when every promise was kept', TIMEOUT, () => {
  const { status, line, stdout } = simTest('--runs=1', '--seed', '3', '--steps=8')
  expect(line).toMatchObject({ sim: 'passed', break: null, runs: 1, failed: 0, seed: 3, steps: 8 })
  expect(line['acked']).toBeGreaterThan(5)
  expect(line['trace']).toMatch(/^[0-9a-f]{16}$/)
  expect([status, stdout.split('\n').length]).toEqual([0, 2])
})

test(
  'a broken promise is told with the command that repeats it, which fails in the same way',
  TIMEOUT,
  () => {
    const { status, line, stderr } = simTest('--runs=1', '--seed=1', '--steps=11', '--break=skip-held')
    expect(line).toMatchObject({ sim: 'failed', break: 'skip-held', runs: 1, breaches: { lost: 1 } })
    expect(status).toBe(1)
    const [, first] = /^(seed 1, step .*)$/m.exec(stderr) ?? []
    const [, again] = / again: npm run sim-test -- (.*)$/m.exec(stderr) ?? []
    expect(again).toBe('--runs=1 --seed=1 --steps=11 --break=skip-held')
    const repeated = simTest(...(again ?? '').split(' '))
    expect(repeated.status).toBe(1)
    expect(repeated.stderr).toContain(first)
  },
)

test('it says how it is used, and ends with 2 when it is used in another way', TIMEOUT, () => {
  const help = simTest('--help')
  expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('npm run sim-test -- [')])
  expect(simTest('--break=nothing')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--break nothing is none of ack-early') as string,
  })
})

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hostilePayload } from '../../bench/fuzz/payloads.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { root } from '../tidy/source.ts'

const command = join(root, 'bench', 'fuzz', 'run.ts')

describe('the fuzz command', () => {
  test.each([
    [['--seconds', '0'], '--seconds 0'],
    [['--seed', 'x'], '--seed x'],
    [['--toast'], '--toast'],
  ])('ends with 2 and says why: %j', async (words, why) => {
    const ended = await new Promise<{ code: unknown; err: string }>((resolve) => {
      execFile(process.execPath, [command, ...words], (error, _out, err) =>
        resolve({ code: error?.code, err }),
      )
    })
    expect(ended.code).toBe(2)
    expect(ended.err).toContain(why)
  })

  test('for 4 seconds: Isotherm lives, answers those that behave, and accounts for every message', {
    timeout: 120_000,
  }, async () => {
    const { code, line } = await fuzz(['--seconds', '4', '--seed', '3'])
    expect(line['failures']).toEqual([])
    expect(code).toBe(0)
    expect(line).toMatchObject({ fuzz: 'ports', seconds: 4, seed: 3 })
    expect(Object.keys(Object(line['by_mode']) as object)).toHaveLength(9)
    expect(line['good_acknowledged']).toBeGreaterThan(50)
    expect(line['hostile_acknowledged']).toBeGreaterThan(0)
    expect(line['held']).toBeGreaterThan(0)
    expect(line['rss_most_mib']).toBeGreaterThanOrEqual(line['rss_idle_mib'] as number)
  })

  test('fails when the process dies under it', { timeout: 120_000 }, async () => {
    const { code, line } = await fuzz(['--seconds', '60'], (pid) => process.kill(pid, 'SIGKILL'))
    expect(code).toBe(1)
    expect(line['failures']).toContain('the process ended')
  })
})

describe('hostile payloads', () => {
  test('are the same for a seed, within the size that is taken, and of many kinds', () => {
    const [one, other] = [new SeededRandom(5), new SeededRandom(5)]
    const payloads = Array.from({ length: 300 }, () => hostilePayload(one))
    expect(payloads).toEqual(Array.from({ length: 300 }, () => hostilePayload(other)))
    expect(payloads.filter(({ length }) => length > 61_440)).toEqual([])
    expect(
      new Set(payloads.map((payload) => payload.subarray(0, 24).toString('latin1'))).size,
    ).toBeGreaterThan(25)
  })
})

/** Runs it to its end; `onStart` is told the process under attack as soon as there is one. */
async function fuzz(
  words: readonly string[],
  onStart?: (pid: number) => void,
): Promise<{ code: number | null; line: Record<string, unknown> }> {
  const child = spawn(process.execPath, [command, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
    const pid = /attacks process (\d+)/.exec(err)?.[1]
    if (pid !== undefined && onStart !== undefined) {
      onStart(Number(pid))
      onStart = undefined
    }
  })
  await once(child, 'close')
  const lines = out.trimEnd().split('\n')
  expect({ lines: lines.length, err: lines[0] === '' ? err : '' }).toEqual({ lines: 1, err: '' })
  return { code: child.exitCode, line: JSON.parse(lines[0] ?? '') as Record<string, unknown> }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { breaks } from './breaks.ts'

const COMMAND = join(import.meta.dirname, 'powercut.ts')

interface Ended {
  readonly code: number | null
  readonly line: Record<string, unknown>
  readonly out: string
  readonly err: string
}

/** `npm run powercut -- words`, without npm. */
async function powercut(...words: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  await once(child, 'close')
  const last = out.trimEnd().split('\n').at(-1) ?? ''
  const line = last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {}
  return { code: child.exitCode, line, out, err }
}

test('the command ends with one line of JSON, and with 0 when nothing is lost', async () => {
  const { code, line, out } = await powercut('--runs=3', '--seed', '7', '--sweep=none')
  expect(line).toMatchObject({
    powercut: 'passed',
    break: null,
    runs: 3,
    lost: 0,
    phantom: 0,
    damaged: 0,
    seed: 7,
  })
  expect(line['acked']).toBeGreaterThan(1000)
  expect([code, out.split('\n').length]).toEqual([0, 2])
})

test.each(breaks)(
  'with --break=%s it reports a loss, says how to repeat it, and ends with 1',
  async (how) => {
    const { code, line, err } = await powercut('--runs=12', '--seed=1', '--sweep=none', `--break=${how}`)
    expect(line).toMatchObject({ powercut: 'failed', break: how, runs: 12 })
    expect(line['lost']).toBeGreaterThan(0)
    const again =
      / again: npm run powercut -- (--runs=1 --sweep=none --seed=\d+ --break=\S+)/.exec(err)?.[1] ?? ''
    expect(again).toContain(how)
    expect(code).toBe(1)
    expect((await powercut(...again.split(' '))).code).toBe(1)
  },
)

test('it says how it is used, and ends with 2 when it is used in another way', async () => {
  const help = await powercut('--help')
  expect([help.code, help.out]).toEqual([0, expect.stringContaining('npm run powercut -- [')])
  for (const [words, what] of [
    [['--runs=none'], '--runs none is no whole number from 1 on'],
    [['--runs=0'], '--runs 0 is no whole number from 1 on'],
    [['--break=nothing'], '--break nothing is none of no-fsync, ack-early, no-dir-fsync, reuse-after-eio'],
    [['--speed=3'], "Unknown option '--speed'"],
  ] as const) {
    const { code, out, err } = await powercut(...words)
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(what)])
  }
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

// How a reliability command ends: `tests/support/command-line.ts`, run as a program.

const module = resolve(import.meta.dirname, '../support/command-line.ts')

async function ended(run: string): Promise<{ code: number | null; out: string; err: string }> {
  const table = '{ n: { least: 1, default: 7 }, file: { choices: "any" }, kind: { choices: ["a", "b"] } }'
  const program = `import { runCommand, tellProgress } from ${JSON.stringify(module)}
await runCommand('how to\\n', ${table}, async (options) => { ${run} })`
  const words = ['--input-type=module', '-e', program, '--', '--n', '9', '--kind', 'b']
  const child = spawn(process.execPath, words)
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, ...said }
}

test('with 0 and one line when all is well, progress beside it', async () => {
  const given = "[options.number('n'), options.text('kind'), options.text('file') ?? null]"
  const run = `tellProgress('on the way'); return { ok: true, line: { given: ${given} } }`
  expect(await ended(run)).toEqual({ code: 0, out: '{"given":[9,"b",null]}\n', err: 'on the way\n' })
})

test('with 1 and the line when it is not, and when it could not be found out', async () => {
  expect(await ended('return { ok: false, line: { lost: 1 } }')).toEqual({
    code: 1,
    out: '{"lost":1}\n',
    err: '',
  })
  const thrown = await ended("throw new Error('no server')")
  expect(thrown).toEqual({ code: 1, out: '{"failed":"no server"}\n', err: '' })
})

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint, tell } from './complaint.mjs'

/** Steps without tests; they run side by side. */
const lint = [
  ['format', 'biome', ['format', '.']],
  ['lint', 'oxlint', ['--type-aware']],
  ['types', 'tsc', ['-p', '.']],
  ['page', 'tsc', ['-p', 'dashboards/live']],
]

/** Test folders that fit into a minute together... */
const quickTests = [
  'tidy',
  'domain',
  'journal',
  'gateway',
  'ingest',
  'store',
  'batches',
  'alerts',
  'reports',
  'property',
  'dashboards',
]
/** ...without those of their tests that start services or processes, or that take long. */
const slowTests = [
  'tests/store/influx*',
  'tests/store/lock.test.ts',
  'tests/alerts/judge-random.test.ts',
  'tests/journal/opening.test.ts',
]

/**
 * `npm run check`: format, lint and types side by side, then the quick tests. Prints each step with its time,
 * and the output of those that failed. Answers the exit code. `--no-tests` leaves the tests out.
 */
export async function check(words, { env, cwd }) {
  const unknown = words.find((word) => word !== '--no-tests')
  if (unknown !== undefined) {
    throw new Complaint({
      what: `check does not know ${unknown}.`,
      remedy: 'Use: node bin/run.mjs check [--no-tests].',
      exitCode: 2,
    })
  }
  const start = performance.now()
  const passed = await Promise.all(lint.map((step) => runStep(step, { env, cwd })))
  if (!words.includes('--no-tests')) {
    const folders = quickTests.map((name) => `tests/${name}/`).filter((path) => existsSync(join(cwd, path)))
    passed.push(
      await runStep(
        [
          'tests',
          'vitest',
          ['run', '--no-isolate', ...folders, ...slowTests.map((path) => `--exclude=${path}`)],
        ],
        { env, cwd },
      ),
    )
  }
  const failed = passed.filter((isPassed) => !isPassed).length
  tell(
    `${failed === 0 ? 'all steps passed' : `${failed} of ${passed.length} steps failed`} in ${seconds(start)}`,
  )
  return failed === 0 ? 0 : 1
}

/** True when the step succeeded; prints its output when it did not. */
function runStep([name, program, words], { env, cwd }) {
  const start = performance.now()
  return new Promise((resolve) => {
    const child = spawn(program, words, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.once('error', (thrown) => output.push(Buffer.from(`${program}: ${thrown.message}\n`)))
    child.once('close', (code) => {
      tell(`${name.padEnd(7)} ${code === 0 ? 'passed' : 'FAILED'} in ${seconds(start)}`)
      if (code !== 0) process.stderr.write(Buffer.concat(output))
      resolve(code === 0)
    })
  })
}

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Commit, openCanonicalReads } from '../../store/index.ts'
import { missingProgram } from '../support/services.ts'
import { readSystemCalls, straceWords } from '../support/system-calls.ts'

const missing = missingProgram('strace', 'strace')
const script = join(import.meta.dirname, 'committing.ts')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-sync-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** What happens to SQLite's log of the file while these commits are made: `w` for writes on end, `s` for a sync. */
function logOf(commits: readonly Commit[]): string {
  const [path, traceFile] = [join(folder, 'readings.sqlite'), join(folder, 'trace')]
  const [program = '', ...words] = straceWords(traceFile, ['pwrite64', 'fdatasync', 'fsync'])
  const { status, stderr } = spawnSync(program, [...words, process.execPath, script, path, ...commits], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('Error')])
  const steps = readSystemCalls(readFileSync(traceFile, 'latin1'))
    .filter(({ target, phase }) => phase === 'begin' && target.endsWith('-wal'))
    .map(({ name }) => (name === 'pwrite64' ? 'w' : 's'))
  return steps.join('').replaceAll(/w+/g, 'w')
}

test.skipIf(missing)('a synced commit syncs all before it, and a repeatable one nothing', () => {
  const made = logOf([])
  rmSync(join(folder, 'readings.sqlite'))
  rmSync(join(folder, 'readings.sqlite-wal'), { force: true })
  rmSync(join(folder, 'readings.sqlite-shm'), { force: true })
  const then = logOf(['repeatable', 'repeatable', 'synced', 'synced', 'repeatable', 'repeatable'])
  expect(then).toBe(`${made}wswsw`)
  // the process ended without closing anything, as a kill ends it: nothing is gone
  const reads = openCanonicalReads({ path: join(folder, 'readings.sqlite') })
  expect(reads.cursor('ingest')).toBe(6)
  reads.close()
})

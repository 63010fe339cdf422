import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isDataDirectoryLocked, lockDataDirectory } from '../../store/index.ts'

const holderScript = join(import.meta.dirname, 'lock-holder.ts')
const STARTED_MS = Date.UTC(2026, 10, 23, 2, 40)
const here = { pid: process.pid, host: 'here', startedAt: STARTED_MS }

let directory: string
let children: ChildProcess[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'isotherm-lock-'))
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

function take(): void {
  lockDataDirectory({ path: directory, role: 'core', holder: here }).release()
}

/** Another process that holds the role, once it says so. */
async function holder(role: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holderScript, directory, role, String(STARTED_MS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString()).toBe('held\n')
  return child
}

describe('another process', () => {
  test('is named, and not waited for', async () => {
    const { pid } = await holder('core')
    const before = performance.now()
    expect(() => lockDataDirectory({ path: directory, role: 'core', holder: here })).toThrow(
      expect.objectContaining({
        code: 'data-directory-locked',
        message: `The data directory ${directory} is in use as core by process ${pid} on there since 2026-11-23T02:40:00.000Z.`,
        remedy: 'Stop that process first, or give this one a data directory of its own.',
      }),
    )
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  test('frees the role when it is killed', async () => {
    const child = await holder('core')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(take).not.toThrow()
  })

  test('may hold another role', async () => {
    await holder('gateway')
    expect(take).not.toThrow()
  })

  test('cannot take what this one holds, and is told by whom', async () => {
    const lock = lockDataDirectory({ path: directory, role: 'core', holder: here })
    const child = spawn(process.execPath, [holderScript, directory, 'core', String(STARTED_MS)], {
      stdio: 'pipe',
    })
    children.push(child)
    const [said] = (await once(child.stderr, 'data')) as [Buffer]
    expect(said.toString()).toContain(`process ${process.pid} on here since`)
    lock.release()
    await holder('core')
  })
})

test('one process cannot hold a role twice, and releasing is idempotent', () => {
  const lock = lockDataDirectory({ path: directory, role: 'core', holder: here })
  expect(() => lockDataDirectory({ path: directory, role: 'core', holder: here })).toThrow(
    expect.objectContaining({ code: 'data-directory-locked' }),
  )
  lock.release()
  lock.release()
  lockDataDirectory({ path: directory, role: 'core', holder: here }).release()
})

test('a directory that is not there is told as such', () => {
  const path = join(directory, 'none')
  expect(() => lockDataDirectory({ path, role: 'core', holder: here })).toThrow(
    expect.objectContaining({
      code: 'configuration-invalid',
      message: expect.stringContaining(path) as string,
    }),
  )
})

describe('asking who holds a role', () => {
  const isHeld = (role: string) => isDataDirectoryLocked({ path: directory, role })

  test('tells what another process holds, and disturbs neither it nor the next', async () => {
    expect(isHeld('core')).toBe(false)
    const child = await holder('core')
    expect([isHeld('core'), isHeld('gateway')]).toEqual([true, false])
    expect(take).toThrow(/in use/)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isHeld('core')).toBe(false)
    expect(take).not.toThrow()
  })

  test('does not give away what this process holds', async () => {
    const lock = lockDataDirectory({ path: directory, role: 'core', holder: here })
    expect(isHeld('core')).toBe(true)
    const child = spawn(process.execPath, [holderScript, directory, 'core', String(STARTED_MS)])
    children.push(child)
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).not.toBe(0)
    lock.release()
  })
})

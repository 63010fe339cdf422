import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { connectLocal } from '../../app/doors/sockets.ts'

const folder = mkdtempSync(join(tmpdir(), 'iso-sockets-'))
const path = join(folder, 'core.sock')
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const listening = `require('node:net').createServer().listen(process.argv[1], () => console.log('listening'))`

/** A process that listens and is stopped, so that it accepts nobody. */
async function stoppedListener(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', listening, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGSTOP')
  return child
}

test('nobody listens where there is no socket', async () => {
  expect(await connectLocal(join(folder, 'none.sock'))).toBeUndefined()
})

test('nobody listens where the listener dies while we are being connected', async () => {
  const child = await stoppedListener()
  const connecting = connectLocal(path)
  // the connection waits to be accepted; its listener dies before this thread can look at what became of it
  child.kill('SIGKILL')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
  expect(await connecting).toBeUndefined()
})

test('nobody listens where one was killed and left its socket', async () => {
  expect(await connectLocal(path)).toBeUndefined()
})

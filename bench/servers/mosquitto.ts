import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { programPath } from '../../tests/support/services.ts'
import { waitFor } from '../../tests/support/isotherm.ts'
import type { Credentials } from '../load/device.ts'
import type { Server } from './server.ts'

const READY_MS_MAX = 30_000

/**
 * Debian's mosquitto, unmodified, signing in with a password file. It acknowledges from memory: nothing it
 * acknowledges is synced, or even written, which is the easier task.
 */
export async function startMosquitto(devices: readonly Credentials[]): Promise<Server> {
  const program = programPath('mosquitto')
  const passwords = programPath('mosquitto_passwd')
  if (program === undefined || passwords === undefined) {
    throw new Error(
      'mosquitto is not installed; apt-get install mosquitto, or leave the peer out with --alone',
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-mosquitto-'))
  const port = await freePort()
  const passwordFile = join(folder, 'passwords')
  writeFileSync(passwordFile, devices.map(({ id, secret }) => `${id}:${secret}\n`).join(''), { mode: 0o600 })
  execFileSync(passwords, ['-U', passwordFile])
  const configuration = join(folder, 'mosquitto.conf')
  writeFileSync(
    configuration,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${passwordFile}`,
      'persistence false',
      'set_tcp_nodelay true',
      'max_inflight_messages 0',
      'max_queued_messages 0',
      'log_dest stderr',
      'log_type error',
      // it must read the password file, which is ours alone
      `user ${userInfo().username}`,
      '',
    ].join('\n'),
  )
  const child = spawn(program, ['-c', configuration], { stdio: ['ignore', 'ignore', 'inherit'] })
  await waitFor(async () => child.exitCode !== null || (await isListening(port)), READY_MS_MAX)
  if (child.pid === undefined || child.exitCode !== null) throw new Error('mosquitto did not start')
  return {
    name: 'mosquitto-nodelay',
    pid: child.pid,
    port,
    devices,
    remove: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

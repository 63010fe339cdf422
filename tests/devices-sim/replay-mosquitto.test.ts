import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReplayOptions } from '../../devices-sim/index.ts'
import { encodeReading, replay } from '../../devices-sim/index.ts'
import { missingProgram, programPath } from '../support/services.ts'
import { realClock } from './replay-broker.ts'

const present = missingProgram('mosquitto', 'mosquitto') === undefined

const rows = Array.from({ length: 3_000 }, (_, index) => ({
  row: index + 1,
  atMs: 1_455_113_416_000 + index * 20_000,
  temperatureCelsius: 4 + index / 1000,
}))

describe.skipIf(!present)('replay to mosquitto', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-replay-'))
  let port = 0
  let server: ChildProcess | undefined

  const options = (): ReplayOptions => ({
    rows,
    device: 'vault-7',
    secret: 's3cret',
    connect: `mqtt://127.0.0.1:${port}`,
    speed: 'max',
    clock: realClock,
  })

  beforeAll(async () => {
    port = await freePort()
    const passwords = join(folder, 'passwords')
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'vault-7', 's3cret'])
    const config = join(folder, 'mosquitto.conf')
    const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous false', `password_file ${passwords}`]
    writeFileSync(config, [...lines, 'max_queued_messages 0', `user ${userInfo().username}`, ''].join('\n'))
    server = spawn(programPath('mosquitto') ?? '', ['-c', config], { stdio: 'ignore' })
  })

  afterAll(() => {
    server?.kill()
    rmSync(folder, { recursive: true })
  })

  it('delivers every row to whoever listens', async () => {
    const heard: string[] = []
    const done = Promise.withResolvers<void>()
    const listener = await connectWithin(5_000, port)
    listener.on('message', (_topic, payload) => {
      heard.push(payload.toString())
      if (heard.length === rows.length) done.resolve()
    })
    await listener.subscribeAsync('isotherm/v1/vault-7/readings', { qos: 1 })
    const result = await replay(options())
    expect(result).toMatchObject({ sent: 3_000, resent: 0, acknowledged: 3_000, complete: true })
    await done.promise
    expect(heard).toEqual(rows.map((row) => new TextDecoder().decode(encodeReading(row))))
    await listener.endAsync()
  })

  it('gives up on a wrong secret', async () => {
    await expect(replay({ ...options(), secret: 'wrong' })).rejects.toMatchObject({
      code: 'bad-credentials',
    })
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function connectWithin(ms: number, port: number): ReturnType<typeof connectAsync> {
  const untilMs = performance.now() + ms
  for (;;) {
    try {
      const url = `mqtt://127.0.0.1:${port}`
      return await connectAsync(url, { username: 'vault-7', password: 's3cret', reconnectPeriod: 0 }, false)
    } catch (cause) {
      if (performance.now() > untilMs) throw cause
      await realClock.sleep(50)
    }
  }
}

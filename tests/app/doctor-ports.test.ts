import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { portFindings } from '../../app/cli/doctor-ports.ts'
import { loadConfiguration } from '../../app/config/index.ts'
import { type DataDirectoryLock, lockDataDirectory } from '../../store/index.ts'

let root: string
const servers: Server[] = []
const children: ChildProcess[] = []
let lock: DataDirectoryLock | undefined
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/isotherm-ports-`)
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  for (const child of children.splice(0)) child.kill('SIGKILL')
  lock?.release()
  lock = undefined
  rmSync(root, { recursive: true })
})

/** What the doctor says of MQTT on this port and address. */
async function found(port: number, host = '127.0.0.1') {
  const environment = { ISOTHERM_DATA_DIR: root, ISOTHERM_MQTT_PORT: String(port), ISOTHERM_HTTP_PORT: '0' }
  const flags = { mqtt_host: host, mqtt_public_without_tls: true }
  const [mqtt] = await portFindings(loadConfiguration({ environment, flags }))
  return mqtt
}

/** Listens here, as a gateway in this process would. */
async function listening(): Promise<number> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A program that is not Isotherm, with a port of its own. */
function stranger(): Promise<number> {
  const code =
    "const s = require('node:net').createServer(); s.listen(0, '127.0.0.1', () => console.log(s.address().port))"
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve) => child.stdout.once('data', (port: Buffer) => resolve(Number(port))))
}

/** This process is the gateway of the data directory. */
function runs(): void {
  const holder = { pid: process.pid, host: hostname(), startedAt: Date.now() }
  lock = lockDataDirectory({ path: root, role: 'gateway', holder })
}

test('a port is free while nothing runs', async () => {
  const port = await listening()
  for (const server of servers.splice(0)) server.close()
  expect(await found(port)).toMatchObject({
    state: 'ok',
    found: `127.0.0.1:${port}: free, and nothing runs here`,
  })
})

test('a port that another program has is bad, whether Isotherm runs or not', async () => {
  const port = await stranger()
  const taken = { state: 'bad', found: `127.0.0.1:${port}: taken by another program` }
  expect(await found(port)).toMatchObject(taken)
  runs()
  expect(await found(port)).toMatchObject(process.platform === 'linux' ? taken : { state: 'note' })
})

test('the port of the gateway that runs is its own', async () => {
  const port = await listening()
  runs()
  expect(await found(port)).toMatchObject(
    process.platform === 'linux'
      ? { state: 'ok', found: `127.0.0.1:${port}: Isotherm listens` }
      : { state: 'note' },
  )
})

test('a gateway that runs and does not listen there was started with other settings', async () => {
  const port = await listening()
  for (const server of servers.splice(0)) server.close()
  runs()
  expect(await found(port)).toMatchObject({
    state: 'note',
    remedy: expect.stringContaining('mqtt_port') as string,
  })
})

test('an address of another machine is no address to listen on', async () => {
  expect(await found(1883, '192.0.2.1')).toMatchObject({
    state: 'bad',
    remedy: expect.stringContaining('mqtt_host') as string,
  })
})

test('port 0 says nothing before a start', async () => {
  expect(await found(0)).toMatchObject({ state: 'note' })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { httpFindings } from '../../app/cli/doctor-http.ts'
import { portFindings } from '../../app/cli/doctor-ports.ts'
import { loadConfiguration } from '../../app/config/index.ts'
import { authorityOf } from '../../app/doors/network.ts'
import { lockDataDirectory } from '../../store/index.ts'

let root: string
let server: Server | undefined
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isotherm-doctor-http-'))
})
afterEach(() => {
  server?.close()
  server = undefined
  rmSync(root, { recursive: true })
})

const configured = (host: string, port: number) =>
  loadConfiguration({
    environment: { ISOTHERM_DATA_DIR: root, ISOTHERM_MQTT_PORT: '0', ISOTHERM_HTTP_PORT: String(port) },
    flags: { http_host: host },
  })

/** Answers as Isotherm would, on an address of this machine. */
async function answering(host: string): Promise<number> {
  const made = createServer((_, answer) => answer.end('{"status":"ok"}'))
  server = made
  await new Promise<void>((resolve) => made.listen(0, host, resolve))
  return (made.address() as AddressInfo).port
}

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some((each) => each.address === '::1'))

test('an IPv6 address stands in brackets before a port', () => {
  expect(authorityOf('::1', 8080)).toBe('[::1]:8080')
  expect(authorityOf('127.0.0.1', 8080)).toBe('127.0.0.1:8080')
  expect(authorityOf('isotherm.example', '8443')).toBe('isotherm.example:8443')
})

test.each(hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'])(
  'who answers on %s is ready, and is Isotherm',
  async (host) => {
    const port = await answering(host)
    const lock = lockDataDirectory({
      path: root,
      role: 'core',
      holder: { pid: 1, host: `not-${hostname()}`, startedAt: Date.now() },
    })
    try {
      const configuration = configured(host, port)
      expect(await httpFindings(configuration)).toMatchObject([{ check: 'HTTP', state: 'ok' }])
      const ports = await portFindings(configuration)
      expect(ports.find(({ check }) => check === 'HTTP port')).toMatchObject({ state: 'ok' })
    } finally {
      lock.release()
    }
  },
)

test('where nobody answers, the remedy is a start, or other settings when something runs', async () => {
  const port = await answering('127.0.0.1')
  await new Promise((resolve) => server?.close(resolve))
  const remedy = async () => (await httpFindings(configured('127.0.0.1', port)))[0]?.remedy
  expect(await remedy()).toContain('npm start')
  const holder = { pid: process.pid, host: hostname(), startedAt: Date.now() }
  const lock = lockDataDirectory({ path: root, role: 'gateway', holder })
  try {
    expect(await remedy()).toBe(
      'Give this command the settings of the one that runs: http_port, the same file and environment.',
    )
  } finally {
    lock.release()
  }
})

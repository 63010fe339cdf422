import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage, PASSWORD, peopleTheStage, type Stage } from './stage.ts'

const missing = spawnSync('curl', ['--version']).status !== 0
if (missing) console.warn('curl is not installed: the tests that drive the server with it are skipped')

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'iso-curl-'))
const jar = join(folder, 'cookies')
let stage: Stage
let base: string
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await stage.app.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(stage.app.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await stage.close()
  rmSync(folder, { recursive: true })
})

/** curl's answer: status and body. */
async function curl(path: string, ...options: string[]): Promise<[status: number, body: string]> {
  const shown = ['-s', '-S', '-b', jar, '-c', jar, '-w', '\n%{http_code}', ...options, base + path]
  const { stdout } = await run('curl', shown)
  const at = stdout.lastIndexOf('\n')
  return [Number(stdout.slice(at + 1)), stdout.slice(0, at)]
}

const json = ['-H', 'Content-Type: application/json']

// where nobody reads the warning, a test that cannot run is one that fails
describe.skipIf(missing && process.env['CI'] !== 'true')('driven by curl', () => {
  test('curl signs in, registers a device, sends its readings and signs out', async () => {
    await stage.user('curl-keeper', 'city', 'keeper')
    const login = JSON.stringify({ username: 'curl-keeper', password: PASSWORD })
    expect((await curl('/api/v1/login', ...json, '-d', login))[0]).toBe(200)
    // an http-only cookie is marked so in curl's jar
    expect(readFileSync(jar, 'utf8')).toMatch(
      /#HttpOnly_127\.0\.0\.1\t\w+\t\/\t\w+\t\d+\tisotherm_session\tiss_/,
    )
    const [status, body] = await curl('/api/v1/devices', ...json, '-d', '{"id":"curled","site":"city-site"}')
    expect(status).toBe(201)
    const { secret } = JSON.parse(body) as { secret: string }
    const reading = ['-u', `curled:${secret}`, ...json, '-d', '{"at":1795401600000,"temperature":4.21}']
    const before = stage.journal.length
    const taken = [202, `{"index":${before}}`]
    expect(await curl('/api/v1/ingest/readings', ...reading)).toEqual(taken)
    expect(stage.journal.length).toBe(before + 1)
    expect((await curl('/api/v1/logout', '-X', 'POST'))[0]).toBe(204)
    expect((await curl('/api/v1/me'))[0]).toBe(401)
  })

  test('a body that is too large is refused with a problem, with a length and without', async () => {
    const file = join(folder, 'large')
    writeFileSync(file, Buffer.alloc(200_000, ' '))
    const { secret } = await stage.command('device.create', { id: 'large', site: 'city-site', kind: 'real' })
    const body = ['-u', `large:${secret}`, ...json, '--data-binary', `@${file}`]
    for (const more of [[], ['-H', 'Transfer-Encoding: chunked'], ['-H', 'Expect: 100-continue']]) {
      const [status, text] = await curl('/api/v1/ingest/readings', ...body, ...more)
      expect([status, JSON.parse(text)]).toMatchObject([413, { code: 'payload-too-large' }])
    }
    expect(stage.refused).toEqual(Array(3).fill('large packet-too-large'))
  })

  test('the documentation needs nothing from elsewhere', async () => {
    const [status, page] = await curl('/docs')
    expect(status).toBe(200)
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(links.length).toBeGreaterThan(4)
    for (const link of links) {
      const [status] = await curl(link, '-o', join(folder, 'asset'))
      expect([link, status]).toEqual([expect.stringMatching(/^\/docs\//), 200])
    }
    const [, document] = await curl('/openapi.json')
    const { openapi, paths } = JSON.parse(document) as { openapi: string; paths: object }
    expect(openapi).toBe('3.1.0')
    expect(Object.keys(paths)).toContain('/api/v1/ingest/readings')
    expect(document.match(/"\$ref":"(?!#\/components\/schemas\/Problem")/)).toBeNull()
  })

  test('health answers, and HEAD without a body', async () => {
    expect(await curl('/healthz')).toEqual([200, '{"status":"ok"}'])
    expect(await curl('/readyz')).toEqual([200, '{"status":"ready","parts":{"core":"connected"}}'])
    expect((await curl('/healthz', '-I'))[0]).toBe(200)
  })
})

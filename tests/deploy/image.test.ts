import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../support/isotherm.ts'
import { freePort } from '../support/free-port.ts'
import { bringPackages, copiesOf, copyInto, dockerfile, instructionsOf } from './image.ts'
import { root, textOf } from './rules.ts'

const copies = copiesOf(dockerfile)

describe('the Dockerfile', () => {
  test('copies what there is, and .dockerignore lets it through', () => {
    const sources = copies.flatMap((copy) => copy.sources).map((source) => source.replace(/\/$/, ''))
    expect(sources.length).toBeGreaterThan(15)
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([])
    const ignored = textOf('.dockerignore').split('\n')
    expect(ignored).toContain('*')
    const through = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    expect(through.toSorted()).toEqual([...new Set(sources)].toSorted())
  })

  test('starts from the Node of .node-version, so that nothing is fetched at a start', () => {
    expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${textOf('.node-version').trim()}-bookworm-slim\n`)
  })

  test('runs as somebody, stops by the signal that is waited for, and asks whether it is ready', () => {
    const lines = instructionsOf(dockerfile)
    expect(lines).toContain('USER 10001:10001')
    expect(lines).toContain('STOPSIGNAL SIGTERM')
    expect(lines.find((line) => line.startsWith('HEALTHCHECK'))).toContain(
      'CMD ["node", "/opt/isotherm/bin/ready.mjs"]',
    )
    expect(lines.at(-1)).toBe('CMD ["start"]')
  })
})

/** An account that owns nothing here and has no name on this machine, where the tests may take one. */
const account = process.getuid?.() === 0 ? { uid: 10_001, gid: 10_001 } : {}
const START_MS_MAX = 60_000

describe('a folder with exactly what the image copies', () => {
  let place: string
  let program: string
  let environment: NodeJS.ProcessEnv
  let running: ChildProcess | undefined
  let packages = 0
  let installed: SpawnSyncReturns<string>

  const call = (script: string, words: readonly string[] = []) =>
    spawnSync(process.execPath, [join(program, 'bin', script), ...words], {
      cwd: join(place, 'data'),
      encoding: 'utf8',
      env: environment,
      ...account,
    })

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'isotherm-image-'))
    chmodSync(place, 0o755)
    program = join(place, 'program')
    mkdirSync(program)
    for (const name of ['data', 'backups']) {
      mkdirSync(join(place, name), { mode: 0o700 })
      if (account.uid !== undefined) chownSync(join(place, name), account.uid, account.gid)
    }
    copyInto(
      program,
      copies.filter(({ stage }) => stage === 0),
    )
    packages = bringPackages(program)
    installed = spawnSync(process.execPath, [join(program, 'bin/install.mjs')], { encoding: 'utf8' })
    copyInto(
      program,
      copies.filter(({ stage }) => stage === 1),
    )
    environment = {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      ISOTHERM_DATA_DIR: join(place, 'data'),
      ISOTHERM_ADMIN_PASSWORD: 'a password of the test',
      ISOTHERM_HTTP_PORT: String(await freePort()),
      ISOTHERM_MQTT_PORT: '0',
    }
  }, 60_000)

  afterAll(() => {
    running?.kill('SIGKILL')
    rmSync(place, { recursive: true, force: true })
  })

  test('is made ready without a network once the packages are there', () => {
    expect(packages).toBeGreaterThan(50)
    expect(installed).toMatchObject({ status: 0, stdout: '' })
    expect(installed.stderr).toMatch(/^isotherm: building the page \.\.\. [\d.]+ s\n$/)
  })

  test('has no package of development', () => {
    const names = readdirSync(join(program, 'node_modules'))
    expect(names).toContain('vite')
    expect(names.filter((name) => ['vitest', 'typescript', 'oxlint', 'fast-check'].includes(name))).toEqual(
      [],
    )
  })

  test('is not ready while nothing runs', () => {
    const { status, stdout } = call('ready.mjs')
    expect(status).toBe(1)
    expect(stdout).toContain('ECONNREFUSED')
  })

  test('becomes ready, answers, and ends in order', { timeout: 2 * START_MS_MAX }, async () => {
    let output = ''
    running = spawn(process.execPath, [join(program, 'bin/isotherm.mjs'), 'start'], {
      cwd: join(place, 'data'),
      env: environment,
      ...account,
    })
    for (const stream of [running.stdout, running.stderr]) {
      stream?.on('data', (piece: Buffer) => (output += piece.toString()))
    }
    const hasStarted = (): boolean => output.includes('ready:') || running?.exitCode !== null
    await waitFor(hasStarted, START_MS_MAX, () => output)
    // it installs and builds nothing
    expect(output).not.toContain('isotherm: ')
    const ready = call('ready.mjs')
    expect(ready.stdout).toContain('answers 200')
    expect(ready.status).toBe(0)

    const url = `http://127.0.0.1:${environment['ISOTHERM_HTTP_PORT']}`
    const page = await (await fetch(`${url}/`)).text()
    expect(page).toContain('<script')
    expect((await fetch(`${url}/docs/`)).status).toBe(200)
    expect(call('isotherm.mjs', ['doctor'])).toMatchObject({ status: 0 })
    expect(call('isotherm.mjs', ['rules', 'list']).stdout).toContain('isotherm-watch')
    expect(call('isotherm.mjs', ['backup', '--to', join(place, 'backups', 'one')])).toMatchObject({
      status: 0,
    })

    const ended = once(running, 'exit')
    running.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

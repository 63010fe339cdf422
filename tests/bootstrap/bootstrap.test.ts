import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeCheckout, npmLog, start } from './checkout.ts'

/** No Node is this new: the runtime has to come from npm. */
const NEWER = '999.1.2'
/** Every Node that can run the bootstrap is as new. */
const OLDER = '20.0.0'

const packagesStamp = (folder: string): string => join(folder, 'node_modules', '.isotherm-stamp')
const runtimeStamp = (folder: string): string => join(folder, '.runtime', '.isotherm-stamp')

test('a first start installs runtime and packages, each told in one line, and passes the words on', async () => {
  const folder = makeCheckout(NEWER)
  const { code, stdout, stderr } = await start(folder, 'isotherm.mjs', ['start', '--http-port', '9000']).ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ words: ['start', '--http-port', '9000'], runtime: 'own' })
  // without it an idle server takes a third more memory
  expect(stdout).toContain('--max-semi-space-size=4')
  // and after a flood nearly twice as much without this
  expect(stdout).toContain('--heap-growing-percent=40')
  const lines = stderr.trim().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(
    /^isotherm: installing Node 999\.1\.2 into \.runtime\/ \(this is [\d.]+\) \.\.\. [\d.]+ s$/,
  )
  expect(lines[1]).toMatch(/^isotherm: installing the packages of package-lock\.json \.\.\. [\d.]+ s$/)
  expect(npmLog(folder)).toEqual(['install begin', 'install end', 'ci begin', 'ci end'])
})

test('a second start installs nothing and says nothing', async () => {
  const folder = makeCheckout(NEWER)
  await start(folder, 'isotherm.mjs', []).ended
  const second = await start(folder, 'isotherm.mjs', []).ended
  expect(second).toMatchObject({ code: 0, stderr: '' })
  expect(npmLog(folder)).toHaveLength(4)
})

test('a Node that is new enough is used as it is', async () => {
  const folder = makeCheckout(OLDER)
  const { stdout } = await start(folder, 'isotherm.mjs', []).ended
  expect(JSON.parse(stdout)).toMatchObject({ runtime: 'given' })
  expect(npmLog(folder)).toEqual(['ci begin', 'ci end'])
})

test('another lock file installs the packages again', async () => {
  const folder = makeCheckout(OLDER)
  await start(folder, 'isotherm.mjs', []).ended
  writeFileSync(join(folder, 'package-lock.json'), '{"another":1}\n')
  await start(folder, 'isotherm.mjs', []).ended
  expect(npmLog(folder)).toEqual(['ci begin', 'ci end', 'ci begin', 'ci end'])
})

test('the page is built on the first start, and again when its sources have changed or it is gone', async () => {
  const folder = makeCheckout(OLDER)
  const page = join(folder, '.runtime', 'page')
  mkdirSync(join(folder, 'dashboards', 'live'), { recursive: true })
  mkdirSync(join(folder, 'node_modules', 'vite', 'bin'), { recursive: true })
  writeFileSync(join(folder, 'dashboards', 'live', 'index.html'), 'one')
  writeFileSync(
    join(folder, 'node_modules', 'vite', 'bin', 'vite.js'),
    `import fs from 'node:fs'
    if (fs.readFileSync('dashboards/live/index.html', 'utf8') === 'wrong') throw 'no such element'
    fs.cpSync('dashboards/live', '.runtime/page', { recursive: true })`,
  )
  const run = () => start(folder, 'isotherm.mjs', []).ended
  expect((await run()).stderr).toMatch(/isotherm: building the page \.\.\. [\d.]+ s\n$/)
  expect(await run()).toMatchObject({ code: 0, stderr: '' })
  writeFileSync(join(folder, 'dashboards', 'live', 'index.html'), 'two')
  expect((await run()).stderr).toContain('building the page')
  expect(readFileSync(join(page, 'index.html'), 'utf8')).toBe('two')
  rmSync(page, { recursive: true })
  expect((await run()).stderr).toContain('building the page')

  writeFileSync(join(folder, 'dashboards', 'live', 'index.html'), 'wrong')
  const failed = await run()
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain('no such element')
  expect(failed.stderr).toContain('Building the page from dashboards/live failed')
  // what failed is tried again
  expect((await run()).code).toBe(1)
})

test('another wanted version installs the runtime again', async () => {
  const folder = makeCheckout(NEWER)
  await start(folder, 'isotherm.mjs', []).ended
  writeFileSync(join(folder, '.node-version'), '999.2.0\n')
  expect((await start(folder, 'isotherm.mjs', []).ended).code).toBe(0)
  expect(npmLog(folder).slice(4)).toEqual(['install begin', 'install end'])
})

test.each([
  ['npm error code ENOTFOUND', 'The package registry cannot be reached'],
  ['npm error ENOSPC: no space left on device', 'The disk is full'],
  ['npm error code EACCES', 'This account may not write there'],
  [
    'npm error `npm ci` can only install packages when they are in sync',
    'package.json and package-lock.json differ',
  ],
  ['npm error something new', 'Read the lines of npm above'],
])('a failing npm (%s) is shown with a remedy and leaves no stamp', async (output, remedy) => {
  const folder = makeCheckout(OLDER)
  const { code, stdout, stderr } = await start(folder, 'isotherm.mjs', [], { NPM_FAILS: output }).ended
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(output)
  expect(stderr).toContain(`installing the packages of package-lock.json failed in ${folder}`)
  expect(stderr).toContain(`  -> ${remedy}`)
  expect(existsSync(packagesStamp(folder))).toBe(false)
})

test('without npm it says what is missing', async () => {
  const folder = makeCheckout(OLDER)
  rmSync(join(folder, 'programs', 'npm'))
  const { code, stderr } = await start(folder, 'isotherm.mjs', [], { PATH: join(folder, 'programs') }).ended
  expect(code).toBe(1)
  expect(stderr).toContain('needs npm, which cannot be started')
  expect(stderr).toContain('  -> Install npm')
})

test('a runtime that does not answer with its version is refused and leaves no stamp', async () => {
  const folder = makeCheckout(NEWER)
  const { code, stderr } = await start(folder, 'isotherm.mjs', [], { RUNTIME_ANSWERS: 'v1.0.0' }).ended
  expect(code).toBe(1)
  expect(stderr).toContain('does not answer as Node 999.1.2')
  expect(existsSync(runtimeStamp(folder))).toBe(false)
})

test('an installation interrupted by a signal leaves no stamp and no lock', async () => {
  const folder = makeCheckout(OLDER)
  const interrupted = start(folder, 'isotherm.mjs', [], { NPM_TAKES_MS: '30000' })
  await expect.poll(() => npmLog(folder)).toEqual(['ci begin'])
  interrupted.process.kill('SIGINT')
  const { code, stderr } = await interrupted.ended
  expect(code).toBe(130)
  expect(stderr).toContain('installing the packages of package-lock.json was interrupted (SIGINT).')
  expect(existsSync(packagesStamp(folder))).toBe(false)
  expect(existsSync(join(folder, '.runtime', 'installing'))).toBe(false)
})

test('after a killed installation the next command waits for the npm left behind and begins anew', async () => {
  const folder = makeCheckout(OLDER)
  const killed = start(folder, 'isotherm.mjs', [], { NPM_TAKES_MS: '1000' })
  await expect.poll(() => npmLog(folder)).toEqual(['ci begin'])
  killed.process.kill('SIGKILL')
  expect((await start(folder, 'isotherm.mjs', []).ended).code).toBe(0)
  expect(npmLog(folder)).toEqual(['ci begin', 'ci end', 'ci begin', 'ci end'])
})

test('commands started together install once', async () => {
  const folder = makeCheckout(NEWER)
  const together = ['a', 'b', 'c', 'd'].map((word) =>
    start(folder, 'isotherm.mjs', [word], { NPM_TAKES_MS: '300' }),
  )
  const answers = await Promise.all(together.map(async ({ ended }) => ended))
  expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(npmLog(folder)).toEqual(['install begin', 'install end', 'ci begin', 'ci end'])
})

test('a lock whose holder is dead or silent is taken over, a living one is waited for', async () => {
  const folder = makeCheckout(OLDER)
  const lock = join(folder, '.runtime', 'installing')
  mkdirSync(lock, { recursive: true })
  writeFileSync(join(lock, 'owner'), `${hostname()} 4194304\n`)
  expect((await start(folder, 'isotherm.mjs', []).ended).code).toBe(0)
  expect(existsSync(lock)).toBe(false)

  rmSync(packagesStamp(folder))
  mkdirSync(lock)
  writeFileSync(join(lock, 'owner'), 'another-machine 1\n')
  const waiting = start(folder, 'isotherm.mjs', [])
  await waiting.shows('waiting for another command that is installing (process 1 on another-machine)')
  const twoMinutesAgo = new Date(Date.now() - 120_000)
  utimesSync(lock, twoMinutesAgo, twoMinutesAgo)
  expect((await waiting.ended).code).toBe(0)
})

test('a damaged version file is named with the remedy', async () => {
  const { code, stderr } = await start(makeCheckout('newest'), 'isotherm.mjs', []).ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/\.node-version says "newest", which is no version\.\n {2}-> Restore the file/)
})

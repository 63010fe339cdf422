import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Complaint } from './complaint.mjs'
import { withLock } from './lock.mjs'
import { runNpm } from './npm.mjs'
import { buildPage, hasPage } from './page.mjs'

/** The folder of this checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Makes the checkout at `folder` ready to run and answers the path of the Node to run it with: this one when
 * it is new enough, else the version of `.node-version`, installed once from npm into `.runtime/`. Installs the
 * packages of package-lock.json when they are missing or of another lock file, and builds the page when its sources
 * or packages have changed. Does nothing when all is there. Packages of development are left out only when
 * `development` is false, as in an image that never tests itself.
 */
export async function prepare(folder = root, { development = true } = {}) {
  const wanted = wantedVersion(folder)
  const isNewEnough = majorOf(process.versions.node) >= majorOf(wanted)
  const node = isNewEnough ? process.execPath : runtimePath(folder)
  const isReady = () => (isNewEnough || hasRuntime(folder, wanted)) && hasPackages(folder) && hasPage(folder)
  if (isReady()) return node
  await withLock(join(folder, '.runtime', 'installing'), async (onStart) => {
    if (!isNewEnough && !hasRuntime(folder, wanted)) await installRuntime(folder, wanted, onStart)
    if (!hasPackages(folder)) await installPackages(folder, node, { development, onStart })
    if (!hasPage(folder)) await timed('building the page', () => buildPage(folder, node))
  })
  return node
}

function wantedVersion(folder) {
  const version = readFileSync(join(folder, '.node-version'), 'utf8').trim()
  if (/^\d+\.\d+\.\d+$/.test(version)) return version
  throw new Complaint({
    what: `${join(folder, '.node-version')} says ${JSON.stringify(version)}, which is no version.`,
    remedy: 'Restore the file, for example with `git checkout .node-version`.',
  })
}

function majorOf(version) {
  return Number(version.split('.')[0])
}

function runtimePath(folder) {
  return join(folder, '.runtime', 'node_modules', '.bin', 'node')
}

/** The stamp says that an installation ended well; asking the program says that it still runs here. */
function hasRuntime(folder, version) {
  return readStamp(runtimeStamp(folder)) === version && answersVersion(runtimePath(folder), version)
}

function answersVersion(node, version) {
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return answer.status === 0 && answer.stdout.trim() === `v${version}`
}

async function installRuntime(folder, version, onStart) {
  const doing = `installing Node ${version} into .runtime/ (this is ${process.versions.node})`
  rmSync(runtimeStamp(folder), { force: true })
  const words = [
    'install',
    '--prefix',
    '.runtime',
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
  ]
  await timed(doing, () =>
    runNpm([...words, `node@${version}`], { cwd: folder, node: process.execPath, doing, onStart }),
  )
  if (!answersVersion(runtimePath(folder), version)) {
    throw new Complaint({
      what: `${runtimePath(folder)} does not answer as Node ${version} on this machine.`,
      remedy: `Install Node ${majorOf(version)} yourself and put it on PATH; npm may also be told not to run install scripts.`,
    })
  }
  writeStamp(runtimeStamp(folder), version)
}

function hasPackages(folder) {
  return readStamp(packagesStamp(folder)) === lockFileHash(folder)
}

async function installPackages(folder, node, { development, onStart }) {
  const doing = 'installing the packages of package-lock.json'
  const hash = lockFileHash(folder)
  rmSync(packagesStamp(folder), { force: true })
  // Development packages too, whatever NODE_ENV says: the same checkout runs and tests itself.
  const words = ['ci', development ? '--include=dev' : '--omit=dev', '--no-audit', '--no-fund']
  await timed(doing, () => runNpm(words, { cwd: folder, node, doing, onStart }))
  writeStamp(packagesStamp(folder), hash)
}

function lockFileHash(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
}

function runtimeStamp(folder) {
  return join(folder, '.runtime', '.isotherm-stamp')
}

function packagesStamp(folder) {
  return join(folder, 'node_modules', '.isotherm-stamp')
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

function writeStamp(path, text) {
  writeFileSync(path, `${text}\n`)
}

/** Says what is being done before it starts, and on the same line how long it took. */
async function timed(doing, work) {
  const start = performance.now()
  process.stderr.write(`isotherm: ${doing} ... `)
  await work()
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`)
}

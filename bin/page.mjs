import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from './complaint.mjs'

/** The sources of the page, besides package-lock.json; the first-run guide shows the commands of the document. */
const SOURCES = ['dashboards/live', 'docs/first-alarm.md']
/** The end of what the build printed is enough to see why it failed. */
const SHOWN_LINES = 15
/** It takes a second; a build that hangs must not hang the start for ever. */
const BUILD_MS_MAX = 120_000

/** True when the page in `.runtime/page` was built from the sources as they are, or when there are no sources. */
export function hasPage(folder) {
  const wanted = sourcesHash(folder)
  return wanted === undefined || (stampOf(folder) === wanted && existsSync(documentPath(folder)))
}

/** Builds the page into `.runtime/page` with the Node at `node`; the packages must be there. */
export function buildPage(folder, node) {
  const hash = sourcesHash(folder)
  rmSync(stampPath(folder), { force: true })
  const words = [join(folder, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'dashboards/live']
  const done = spawnSync(node, words, {
    cwd: folder,
    encoding: 'utf8',
    timeout: BUILD_MS_MAX,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (done.status !== 0) {
    const output = `${done.stdout ?? ''}${done.stderr ?? ''}`.trimEnd().split('\n')
    process.stderr.write(`\n${output.slice(-SHOWN_LINES).join('\n')}\n`)
    throw new Complaint({
      what: `Building the page from dashboards/live failed${done.error === undefined ? '' : ` (${done.error.message})`}.`,
      remedy: 'Read the lines above; after a broken installation remove node_modules and try again.',
    })
  }
  writeFileSync(stampPath(folder), `${hash}\n`)
}

function sourcesHash(folder) {
  if (!existsSync(join(folder, 'dashboards', 'live'))) return undefined
  const hash = createHash('sha256')
  for (const path of [...SOURCES, 'package-lock.json'].flatMap((source) => filesOf(folder, source))) {
    hash.update(`${path}\n`).update(readFileSync(join(folder, path)))
  }
  return hash.digest('hex')
}

/** A file itself, or every file below a folder, sorted. */
function filesOf(folder, path) {
  if (!existsSync(join(folder, path))) return []
  if (!statSync(join(folder, path)).isDirectory()) return [path]
  return readdirSync(join(folder, path))
    .toSorted()
    .flatMap((name) => filesOf(folder, `${path}/${name}`))
}

function stampOf(folder) {
  const path = stampPath(folder)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

function documentPath(folder) {
  return join(folder, '.runtime', 'page', 'index.html')
}

function stampPath(folder) {
  return join(folder, '.runtime', 'page.stamp')
}

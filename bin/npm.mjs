import { spawn } from 'node:child_process'
import { basename, delimiter, dirname } from 'node:path'
import { constants } from 'node:os'
import { Complaint } from './complaint.mjs'

/** The end of what npm printed is enough to see why it failed. */
const SHOWN_LINES = 15
/** More than npm prints about any failure; what comes before is let go. */
const KEPT_CHARACTERS = 64 * 1024

/**
 * Runs npm with `words` in `cwd` under the Node at `node`, whose folder leads PATH so that install scripts run
 * under it too; `onStart` is told its process id. Resolves when it succeeded; what it prints is shown only when
 * it fails.
 */
export async function runNpm(words, { cwd, node, doing, onStart }) {
  const [program, ...first] = npmCommand(node)
  const { code, signal, output } = await run(program, [...first, ...words], {
    cwd,
    env: withNodeFirst(node, process.env),
    doing,
    onStart,
  })
  if (signal !== null) {
    throw new Complaint({
      what: `${doing} was interrupted (${signal}).`,
      remedy: 'Start the command again; it begins the installation anew.',
      exitCode: 128 + constants.signals[signal],
    })
  }
  if (code !== 0) {
    process.stderr.write(`\n${output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')}\n`)
    throw new Complaint({
      what: `${doing} failed in ${cwd} (npm ended with ${code}).`,
      remedy: remedyFor(output),
    })
  }
}

/** The environment with the folder of `node` at the head of PATH. */
export function withNodeFirst(node, environment) {
  return { ...environment, PATH: `${dirname(node)}${delimiter}${environment['PATH'] ?? ''}` }
}

/** The npm that started us (a script, run under `node`), or else the one on PATH. */
function npmCommand(node) {
  const path = process.env['npm_execpath']
  return path !== undefined && /^npm(-cli)?\.c?js$/.test(basename(path)) ? [node, path] : ['npm']
}

function run(program, words, { cwd, env, doing, onStart }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_CHARACTERS)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    const stopped = passSignals(child)
    if (child.pid !== undefined) onStart(child.pid)
    child.once('error', (thrown) => {
      stopped.end()
      reject(npmMissing(doing, thrown))
    })
    child.once('close', (code, signal) => {
      stopped.end()
      resolve({ code, signal: signal ?? stopped.signal(), output })
    })
  })
}

/** While npm runs, a signal ends npm and then us, in that order, so that the lock is let go of. */
function passSignals(child) {
  let received = null
  const pass = (signal) => {
    received = signal
    child.kill(signal)
  }
  process.on('SIGINT', pass)
  process.on('SIGTERM', pass)
  return {
    signal: () => received,
    end: () => {
      process.off('SIGINT', pass)
      process.off('SIGTERM', pass)
    },
  }
}

function npmMissing(doing, cause) {
  return new Complaint({
    what: `${doing} needs npm, which cannot be started: ${cause.message}.`,
    remedy: 'Install npm (it comes with Node.js; Debian: apt-get install npm) or put it on PATH.',
    cause,
  })
}

/** What to do, by the error code npm names in what it printed. */
const remedies = [
  [/ENOSPC/, 'The disk is full: free about 1 GB on the disk of this checkout and of `npm config get cache`.'],
  [
    /EACCES|EPERM|EROFS/,
    'This account may not write there: correct the owner of this checkout and of `npm config get cache`.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/,
    'The package registry cannot be reached: check the network, or name a proxy or mirror (`npm config get registry`).',
  ],
  [
    /E401|E403|ENEEDAUTH/,
    'The package registry refused: check `npm config get registry` and its credentials.',
  ],
  [
    /E404|ETARGET/,
    'The registry does not have this version: check `npm config get registry`, or wait for the mirror.',
  ],
  [/EINTEGRITY/, 'A download was damaged: run `npm cache verify` and try again.'],
  [/in sync|EUSAGE/, 'package.json and package-lock.json differ: run `npm install` and commit both.'],
]

/** The remedy for a failed npm run, from its output. */
export function remedyFor(output) {
  const found = remedies.find(([pattern]) => pattern.test(output))
  return found === undefined ? 'Read the lines of npm above, correct the cause and try again.' : found[1]
}

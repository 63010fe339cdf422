import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Complaint } from './complaint.mjs'

/**
 * A Ctrl-C in a terminal reaches every process of the group, and npm sends it on once more; within this time
 * the same signal is the same wish.
 */
const SAME_WISH_MS = 1_000
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** How soon a killed npm is noticed. */
const PARENT_LOOK_MS = 500

/**
 * Runs a program with our terminal and resolves with the exit code to end with: its own, or 128 + the signal
 * it died of. Signals sent to us reach it once. A `guarded` one does not outlive us, nor the npm that started us.
 */
export function startChild(program, words, { env, cwd, guarded = false }) {
  return new Promise((resolve, reject) => {
    const stdio = guarded ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit'
    const child = spawn(program, words, { env, cwd, stdio })
    const last = new Map()
    const pass = (signal) => {
      const now = performance.now()
      if (now - (last.get(signal) ?? -SAME_WISH_MS) < SAME_WISH_MS) return
      last.set(signal, now)
      child.kill(signal)
    }
    for (const signal of passedOn) process.on(signal, pass)
    const watch = guarded ? endWithParent(child) : undefined
    const end = () => {
      clearInterval(watch)
      for (const signal of passedOn) process.off(signal, pass)
    }
    child.once('error', (thrown) => {
      end()
      reject(cannotStart(program, thrown))
    })
    child.once('exit', (code, signal) => {
      end()
      resolve(signal === null ? code : 128 + constants.signals[signal])
    })
  })
}

/**
 * When npm is killed without a chance to pass a signal on, what it started ends as abruptly. Only npm is watched:
 * a shell may well end before what it left in the background.
 */
function endWithParent(child) {
  const parent = process.ppid
  if (process.env['npm_lifecycle_event'] === undefined) return undefined
  return setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGKILL')
  }, PARENT_LOOK_MS)
}

function cannotStart(program, cause) {
  return new Complaint({
    what: `${program} cannot be started: ${cause.message}.`,
    remedy: 'Check the name; after a broken installation remove node_modules and try again.',
    exitCode: cause.code === 'ENOENT' ? 2 : 1,
    cause,
  })
}

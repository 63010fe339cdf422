import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Complaint, tell } from './complaint.mjs'

/** How often a holder shows that it is alive. */
const BEAT_MS = 2_000
/** A holder on another machine (or in another container) silent for thirty beats is gone. */
const SILENT_MS = 60_000
/** How often a waiter looks again. */
const LOOK_MS = 200
/** The slowest installation worth waiting for; a process id silent for longer belongs to somebody new. */
const WAIT_MS = 15 * 60_000

/**
 * Runs `work` while holding the lock directory `path`, so that two commands started together do not install
 * into one folder. Waits for a living holder; takes over from one that died without letting go. `work` is given
 * a function that names a process it started: the lock is alive as long as one of its processes is.
 */
export async function withLock(path, work) {
  await take(path)
  const beat = setInterval(() => show(path), BEAT_MS)
  try {
    return await work((pid) => writeOwner(path, [process.pid, pid]))
  } finally {
    clearInterval(beat)
    rmSync(path, { recursive: true, force: true })
  }
}

async function take(path) {
  mkdirSync(dirname(path), { recursive: true })
  const until = Date.now() + WAIT_MS
  let told = false
  while (!tryTake(path)) {
    if (isDead(path)) {
      takeAway(path)
      continue
    }
    if (!told) tell(`waiting for another command that is installing (${ownerName(path)})`)
    told = true
    if (Date.now() > until) {
      throw new Complaint({
        what: `Another command (${ownerName(path)}) has been installing for more than ${WAIT_MS / 60_000} minutes.`,
        remedy: `End it, or remove ${path} if there is no such process, and try again.`,
      })
    }
    await sleep(LOOK_MS)
  }
}

/** Creating a directory either succeeds for exactly one process or fails with EEXIST. */
function tryTake(path) {
  try {
    mkdirSync(path)
  } catch (thrown) {
    if (thrown.code === 'EEXIST') return false
    throw new Complaint({
      what: `The lock ${path} cannot be created: ${thrown.message}.`,
      remedy: 'Free space on this disk, or give this account the right to write there.',
      cause: thrown,
    })
  }
  writeOwner(path, [process.pid])
  return true
}

function writeOwner(path, pids) {
  writeFileSync(join(path, 'owner'), `${hostname()} ${pids.join(' ')}\n`)
}

/** Only one waiter may clear a dead lock away, or a second one could clear the fresh lock of the first. */
function takeAway(path) {
  const guard = `${path}.clearing`
  try {
    mkdirSync(guard)
  } catch {
    // Somebody else is clearing it, which takes milliseconds; if that one died too, its guard is old.
    if (ageMs(guard) > SILENT_MS) rmSync(guard, { recursive: true, force: true })
    return
  }
  try {
    if (isDead(path)) rmSync(path, { recursive: true, force: true })
  } finally {
    rmSync(guard, { recursive: true, force: true })
  }
}

function isDead(path) {
  const { host, pids } = owner(path)
  const isAlive = host === hostname() && pids.some(isRunning)
  if (host === hostname() && !isAlive) return true
  return ageMs(path) > (isAlive ? WAIT_MS : SILENT_MS)
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    // EPERM means that it runs under another account.
    return thrown.code !== 'ESRCH'
  }
}

/** Host and processes of the holder; no host while it is still writing them, or once it has let go. */
function owner(path) {
  try {
    const [host, ...pids] = readFileSync(join(path, 'owner'), 'utf8').trim().split(' ')
    return { host: pids.length === 0 ? undefined : host, pids: pids.map(Number) }
  } catch {
    return { host: undefined, pids: [] }
  }
}

function ownerName(path) {
  const { host, pids } = owner(path)
  return host === undefined ? 'just started' : `process ${pids[0]} on ${host}`
}

/** Milliseconds since the holder's last beat; 0 when there is no holder. */
function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function show(path) {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // The lock was taken away by hand; the work under way cannot be undone by knowing it.
  }
}

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * Stands in for npm as a program: `ci` and `install` write a line to `npm.log`, take NPM_TAKES_MS, and then do
 * what the real one does that matters here. NPM_FAILS makes them print it and fail.
 */
const npmProgram = `#!${process.execPath}
import fs from 'node:fs'
import path from 'node:path'
const words = process.argv.slice(2)
fs.appendFileSync('npm.log', words[0] + ' begin\\n')
setTimeout(() => {
  if (process.env.NPM_FAILS) {
    process.stderr.write(process.env.NPM_FAILS + '\\n')
    process.exit(1)
  }
  if (words[0] === 'ci') fs.mkdirSync('node_modules/.bin', { recursive: true })
  if (words[0] === 'install') {
    const version = words.at(-1).split('@')[1]
    const folder = path.join('.runtime', 'node_modules', '.bin')
    fs.mkdirSync(folder, { recursive: true })
    const answer = process.env.RUNTIME_ANSWERS ?? 'v' + version
    fs.writeFileSync(
      path.join(folder, 'node'),
      '#!/bin/sh\\n[ "$1" = --version ] && { echo ' + answer + '; exit; }\\nRUNTIME=own exec ${process.execPath} "$@"\\n',
      { mode: 0o755 },
    )
  }
  fs.appendFileSync('npm.log', words[0] + ' end\\n')
}, Number(process.env.NPM_TAKES_MS ?? 0))
`

/** The command line of the checkout: says how it was called, and how often it was told to stop. */
const mainProgram = `
import { writeSync } from 'node:fs'
const [word, value] = process.argv.slice(2)
if (word === 'exit') process.exit(Number(value))
if (word === 'wait') {
  let stops = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stops += 1
      writeSync(1, signal + '\\n')
      setTimeout(() => process.exit(10 + stops), 200)
    })
  }
  setInterval(() => undefined, 1000)
}
writeSync(1, JSON.stringify({ words: process.argv.slice(2), runtime: process.env['RUNTIME'] ?? 'given', pid: process.pid, options: process.execArgv }) + '\\n')
`

/** A checkout in a folder of its own, with the real bootstrap, an npm of our own and a small command line. */
export function makeCheckout(nodeVersion: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bootstrap-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(projectRoot, 'bin'), join(folder, 'bin'), { recursive: true })
  mkdirSync(join(folder, 'programs'))
  mkdirSync(join(folder, 'app', 'cli'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(folder, 'package-lock.json'), '{}\n')
  writeFileSync(join(folder, '.node-version'), `${nodeVersion}\n`)
  writeFileSync(join(folder, 'app', 'cli', 'main.ts'), mainProgram)
  writeFileSync(join(folder, 'programs', 'npm'), npmProgram)
  chmodSync(join(folder, 'programs', 'npm'), 0o755)
  return folder
}

/** What npm was asked for, in order. */
export function npmLog(folder: string): readonly string[] {
  const path = join(folder, 'npm.log')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

/** A started command: the process, and what it ends with. */
export interface Started {
  readonly process: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  /** Standard output so far. */
  stdout(): string
  /** Resolves once standard output or standard error holds `text`. */
  shows(text: string): Promise<void>
}

/** Starts `node bin/<script> words...` in the checkout. */
export function start(
  folder: string,
  script: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Started {
  return startProgram(folder, [process.execPath, join(folder, 'bin', script), ...words], environment)
}

/** Starts any program in the checkout, in a process group of its own. */
export function startProgram(
  folder: string,
  [program, ...words]: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): Started {
  const env = { PATH: `${join(folder, 'programs')}${delimiter}/usr/bin${delimiter}/bin`, ...environment }
  const child = spawn(program, words, {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  const shows = async (text: string): Promise<void> => {
    while (!`${stdout}${stderr}`.includes(text)) {
      assert.equal(child.exitCode, null, `the command ended without showing ${text}: ${stderr}`)
      await sleep(10)
    }
  }
  return { process: child, ended, stdout: () => stdout, shows }
}

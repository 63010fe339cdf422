import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingProgram } from './services.ts'

/** A real InfluxDB 1.x with a data directory of its own. */
export interface Influxd {
  readonly url: string
  readonly pid: number
  /** Ends the server, with SIGTERM unless told otherwise, and keeps its data. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Lets it hang: it takes connections and answers nothing. */
  pause(): void
  /** Ends a `pause`. */
  resume(): void
  /** Starts it again, on the same address and data. */
  start(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** Why tests that need InfluxDB cannot run here; undefined when they can. */
export function influxdSkipReason(): string | undefined {
  return missingProgram('influxd', 'influxdb')
}

const START_TIMEOUT_MS = 20_000

/**
 * Starts `influxd` on a port the system chooses (it binds port 0 and logs what it got, so nobody can take the
 * port in between) and waits until it answers. `http` is added to the section `[http]` of its configuration.
 */
export async function startInfluxd(http: readonly string[] = []): Promise<Influxd> {
  const directory = mkdtempSync(join(tmpdir(), 'isotherm-influxd-'))
  let { process: child, url } = await run(directory, '127.0.0.1:0', http)
  const address = url.slice('http://'.length)
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    child.kill('SIGCONT')
    await ended
  }
  return {
    url,
    get pid() {
      return child.pid ?? 0
    },
    stop,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    start: async () => {
      child = (await run(directory, address, http)).process
    },
    remove: async () => {
      await stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function run(
  directory: string,
  address: string,
  http: readonly string[],
): Promise<{ process: ChildProcess; url: string }> {
  const config = join(directory, 'influxdb.conf')
  writeFileSync(config, configuration(directory, address, http))
  const child = spawn('influxd', ['run', '-config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const url = await listening(child)
  for (;;) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined)
    if (answer?.status === 204) return { process: child, url }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`influxd did not listen within ${START_TIMEOUT_MS} ms:\n${output}`))
    }, START_TIMEOUT_MS)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`influxd ended with ${code}:\n${output}`))
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      // after the address is known the output is only drained, so that the pipe never fills
      if (output.length > 100_000) return
      output += chunk.toString()
      const [, address] = /msg="Listening on HTTP".* addr=(\S+)/.exec(output) ?? []
      if (address === undefined) return
      clearTimeout(timer)
      resolve(`http://${address}`)
    })
  })
}

function configuration(directory: string, address: string, http: readonly string[]): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "${directory}/meta"
[data]
  dir = "${directory}/data"
  wal-dir = "${directory}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[continuous_queries]
  enabled = false
[http]
  bind-address = "${address}"
  log-enabled = false
${http.map((line) => `  ${line}\n`).join('')}`
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { compileCache, nodeEnvironment } from '../../bin/node-options.mjs'

const main = resolve(import.meta.dirname, '../../app/cli/main.ts')
/** Hundreds of starts, on few cores: what was compiled is kept, at the price of memory. */
const kept = { ...nodeEnvironment, NODE_COMPILE_CACHE: compileCache }
const READY_MS_MAX = 20_000

/** A running `isotherm start` (or role) in a process of its own. */
export interface RunningIsotherm {
  readonly mqttPort: number
  /** NaN without a certificate. */
  readonly mqttTlsPort: number
  readonly httpPort: number
  readonly httpDevicesPort: number
  readonly process: ChildProcess
  /** Everything it printed so far, both streams. */
  output(): string
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>
}

/** A role that was started and may not be ready yet. */
export interface LaunchedIsotherm {
  readonly process: ChildProcess
  /** Everything it printed so far, both streams. */
  output(): string
  /** Waits until it says that it is ready; throws with its output when it ends instead. */
  ready(readyMsMax?: number): Promise<RunningIsotherm>
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>
}

/** What a call of the command line gave. */
export interface CommandResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** How a test starts a role in another way than users do. */
interface StartOptions {
  readonly cwd?: string
  readonly readyMsMax?: number
  /** A program that starts it, with its own words: `strace` and the like. It must hand signals on. */
  readonly under?: readonly string[]
  /** Options of Node itself, as `bin/` gives them. */
  readonly nodeOptions?: readonly string[]
}

/** A data directory of its own for one test, with the processes started on it. */
export class IsothermFolder {
  readonly dataDir: string
  readonly #running = new Set<ChildProcess>()

  readonly #killAll = (): void => {
    for (const child of this.#running) child.kill('SIGKILL')
  }

  /** Made below `parent`. */
  constructor(parent: string = tmpdir()) {
    this.dataDir = mkdtempSync(join(parent, 'iso-'))
    process.once('exit', this.#killAll)
  }

  /** Starts a role, in another way if told so, and waits until it says that it is ready. */
  start(
    words: readonly string[] = ['start'],
    env: NodeJS.ProcessEnv = {},
    { readyMsMax = READY_MS_MAX, ...way }: StartOptions = {},
  ): Promise<RunningIsotherm> {
    return this.launch(words, env, way).ready(readyMsMax)
  }

  /** Starts a role and waits for nothing. */
  launch(
    words: readonly string[],
    env: NodeJS.ProcessEnv = {},
    { cwd = process.cwd(), under = [], nodeOptions = [] }: Omit<StartOptions, 'readyMsMax'> = {},
  ): LaunchedIsotherm {
    const [program = '', ...rest] = [...under, process.execPath, ...nodeOptions, main, ...words]
    const child = spawn(program, rest, {
      cwd,
      env: {
        ...kept,
        ...process.env,
        ...this.#environment(),
        ISOTHERM_MQTT_PORT: '0',
        ISOTHERM_MQTT_TLS_PORT: '0',
        ISOTHERM_HTTP_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running.add(child)
    let text = ''
    const heard = (chunk: Buffer): void => {
      text += chunk.toString()
    }
    child.stdout.on('data', heard)
    child.stderr.on('data', heard)
    const output = (): string => text
    const kill = async (): Promise<void> => void (await this.#end(child, 'SIGKILL'))
    const ready = async (readyMsMax = READY_MS_MAX): Promise<RunningIsotherm> => {
      await waitFor(() => text.includes('ready:') || hasEnded(child), readyMsMax, output)
      if (hasEnded(child)) throw new Error(`isotherm ended with ${child.exitCode}:\n${text}`)
      return {
        mqttPort: Number(/MQTT on \S*:(\d+)/.exec(text)?.[1]),
        mqttTlsPort: Number(/with TLS on \S*:(\d+)/.exec(text)?.[1]),
        httpPort: Number(/HTTP (?:intake )?on https?:\/\/\S*:(\d+)/.exec(text)?.[1]),
        httpDevicesPort: Number(/HTTPS of devices on https:\/\/\S*:(\d+)/.exec(text)?.[1]),
        process: child,
        output,
        stop: () => this.#end(child, 'SIGTERM'),
        kill,
      }
    }
    return { process: child, output, ready, kill }
  }

  /** Calls the command line on this folder; `env` may name the ports of a running one. */
  async run(
    words: readonly string[],
    env: NodeJS.ProcessEnv = {},
    cwd = process.cwd(),
  ): Promise<CommandResult> {
    const child = spawn(process.execPath, [main, ...words], {
      cwd,
      env: { ...kept, ...process.env, ...this.#environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    await once(child, 'close')
    return { code: child.exitCode, out, err }
  }

  /** The same, expecting success, with the answer parsed from `--json`. */
  async json(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Record<string, unknown>> {
    const { code, out, err } = await this.run([...words, '--json'], env)
    if (code !== 0) throw new Error(`isotherm ${words.join(' ')} ended with ${code}: ${out}${err}`)
    return JSON.parse(out) as Record<string, unknown>
  }

  /** A demo organisation with one site. */
  async demoSite(): Promise<string> {
    await this.json(['organisation', 'create', 'demo', '--kind', 'cdc', '--name', '锡城疾控', '--demo'])
    await this.json(['site', 'create', 'clinic', '--organisation', 'demo', '--name', '示范门诊'])
    return 'clinic'
  }

  /** Kills what still runs and removes the folder. */
  async remove(): Promise<void> {
    for (const child of this.#running) await this.#end(child, 'SIGKILL')
    process.off('exit', this.#killAll)
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  #environment(): NodeJS.ProcessEnv {
    return { ISOTHERM_DATA_DIR: this.dataDir, ISOTHERM_ADMIN_PASSWORD: 'only-for-tests-1' }
  }

  async #end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    this.#running.delete(child)
    if (!hasEnded(child)) {
      child.kill(signal)
      await once(child, 'close')
    }
    return child.exitCode
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Waits until `done` holds, looking often; throws with what `told` says when it takes too long. */
export async function waitFor(
  done: () => boolean | Promise<boolean>,
  timeoutMs: number,
  told: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${told()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

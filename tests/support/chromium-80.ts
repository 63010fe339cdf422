import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { waitFor } from './isotherm.ts'

/** The npm package that carries a Chromium 80 for Linux, and where `.ci/run` has npm put it. */
const PACKAGE = 'chrome-aws-lambda@2.1.1'
const folder = resolve(import.meta.dirname, '../../.runtime/chromium-80')
const archive = join(folder, 'chrome-aws-lambda-2.1.1.tgz')
const program = join(folder, 'chromium')
/** Of the program: what else the package may hold is never run. */
const PROGRAM_SHA256 = '21d358980a9f1c2f829965057f4d93873d709ab86ac0982e520cfbe8b7cbb519'
const PROGRAM_BYTES_MAX = 200_000_000
const START_MS_MAX = 20_000
const WAIT_MS = 15_000

/** Why tests in Chromium 80 cannot run here; undefined when they can. With `CI=true` it is an error instead. */
export function missingChromium80(): string | undefined {
  if (existsSync(program) || existsSync(archive)) return undefined
  const reason = `${archive} is missing; get it by: npm pack ${PACKAGE} --pack-destination ${folder}`
  if (process.env['CI'] === 'true') throw new Error(`${reason}; with CI=true it must be there.`)
  console.warn(`SKIPPED, for ${reason}.`)
  return reason
}

/** Takes the program out of the package, once. */
function unpack(): void {
  if (existsSync(program)) return
  const compressed = execFileSync('tar', ['-xzOf', archive, 'package/bin/chromium.br'], {
    maxBuffer: PROGRAM_BYTES_MAX,
  })
  const bytes = brotliDecompressSync(compressed, { maxOutputLength: PROGRAM_BYTES_MAX })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== PROGRAM_SHA256) throw new Error(`${archive} holds another program: SHA-256 ${sha256}`)
  writeFileSync(`${program}.new`, bytes, { mode: 0o755 })
  renameSync(`${program}.new`, program)
}

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly error?: { readonly message: string }
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: unknown }
  readonly params?: unknown
}

/** A page in Chromium 80, driven by its own protocol: what drives browsers of today no longer speaks it. */
export class OldPage {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #sent = 0
  /** What scripts of the page threw and nobody caught. */
  readonly thrown: string[] = []

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process
    this.#profile = profile
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
      if (answer.method === 'Runtime.exceptionThrown') this.thrown.push(JSON.stringify(answer.params))
    })
  }

  /** Starts a browser with a profile of its own and opens an empty page in it. */
  static async open(): Promise<OldPage> {
    unpack()
    const profile = mkdtempSync(join(tmpdir(), 'chromium-80-'))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0']
    const child = spawn(program, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    const port = (): string | undefined => /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1]
    await waitFor(
      () => port() !== undefined,
      START_MS_MAX,
      () => said,
    )
    const answer = await fetch(`http://127.0.0.1:${port()}/json/new`)
    const { webSocketDebuggerUrl } = (await answer.json()) as { readonly webSocketDebuggerUrl: string }
    const socket = new WebSocket(webSocketDebuggerUrl)
    await new Promise((opened, failed) => {
      socket.addEventListener('open', opened)
      socket.addEventListener('error', failed)
    })
    const page = new OldPage(child, profile, socket)
    await page.#send('Runtime.enable')
    // without its files of languages the program says that it prefers none, which no browser of a person does
    const { userAgent } = { userAgent: await page.evaluate('navigator.userAgent') }
    await page.#send('Network.setUserAgentOverride', { userAgent, acceptLanguage: 'zh-CN' })
    return page
  }

  async goto(url: string): Promise<void> {
    await this.#send('Page.navigate', { url })
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#send('Runtime.evaluate', { expression, returnByValue: true })
    if (result?.exceptionDetails !== undefined) throw new Error(JSON.stringify(result.exceptionDetails))
    return result?.result?.value
  }

  /** Waits until an expression in the page is true. */
  async until(expression: string): Promise<void> {
    const text = 'document.body === null ? "" : document.body.innerText.slice(0, 500)'
    let shown: unknown = ''
    await waitFor(
      async () => {
        shown = await this.evaluate(text)
        return (await this.evaluate(expression)) === true
      },
      WAIT_MS,
      () => `${expression}\n${String(shown)}\n${this.thrown.join('\n')}`,
    )
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#socket.close()
    this.#process.kill('SIGKILL')
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  async #send(method: string, params: object = {}): Promise<Answer> {
    this.#sent += 1
    const id = this.#sent
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    this.#waiting.delete(id)
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
    return answer
  }
}

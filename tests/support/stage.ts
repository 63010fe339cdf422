import mqtt from 'mqtt'
import { IsothermFolder, type LaunchedIsotherm, type RunningIsotherm } from './isotherm.ts'

/** `isotherm start` with a demo organisation, one simulated device `fridge-1` and a key that may read everything. */
export class Stage {
  readonly folder: IsothermFolder
  /** Secret of `fridge-1`. */
  secret = ''
  key = ''
  readonly #env: NodeJS.ProcessEnv
  #running: RunningIsotherm | undefined

  /** Its data directory is made below `parent`. */
  constructor(env: NodeJS.ProcessEnv = {}, parent?: string) {
    this.#env = env
    this.folder = new IsothermFolder(parent)
  }

  async open(): Promise<void> {
    this.#running = await this.folder.start(['start'], this.#env)
    await this.folder.demoSite()
    this.secret = await this.device('fridge-1')
    const made = await this.folder.json(['key', 'create', 'tests', '--role', 'administrator'])
    this.key = String(made['key'])
  }

  get running(): RunningIsotherm {
    if (this.#running === undefined) throw new Error('the stage is not open')
    return this.#running
  }

  /** Starts again on the same folder, after `running.kill()` or `running.stop()`; `env` is added. */
  async restart(env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.adopt(this.launch(env))
  }

  /** Waits until one that was launched is ready, and goes on with it. */
  async adopt(launched: LaunchedIsotherm, readyMsMax?: number): Promise<void> {
    this.#running = await launched.ready(readyMsMax)
  }

  /** Starts on the same folder and waits for nothing: it may never get ready. */
  launch(env: NodeJS.ProcessEnv = {}): LaunchedIsotherm {
    return this.folder.launch(['start'], { ...this.#env, ...env })
  }

  /** Registers a simulated device and answers its secret. */
  async device(id: string): Promise<string> {
    const made = await this.folder.json(['device', 'create', id, '--site', 'clinic', '--simulated'])
    return String(made['secret'])
  }

  /** GET below /api/v1/, expecting success. */
  async get(path: string): Promise<Record<string, unknown>> {
    const answer = await fetch(`http://127.0.0.1:${this.running.httpPort}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${this.key}` },
    })
    const body = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`)
    return body
  }

  /** POST below /api/v1/, expecting success. */
  async post(path: string, body: object): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.running.httpPort}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }

  /** The items of one page of a list. */
  async items(path: string): Promise<Record<string, unknown>[]> {
    return (await this.get(path))['items'] as Record<string, unknown>[]
  }

  /** An MQTT connection, as `fridge-1` unless told otherwise, that is not opened again when it ends. */
  connect(options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> {
    return mqtt.connectAsync(`mqtt://127.0.0.1:${this.running.mqttPort}`, {
      username: 'fridge-1',
      password: this.secret,
      reconnectPeriod: 0,
      ...options,
    })
  }

  close(): Promise<void> {
    return this.folder.remove()
  }
}

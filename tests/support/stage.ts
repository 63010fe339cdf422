import mqtt from 'mqtt'
import { IsothermFolder, type RunningIsotherm } from './isotherm.ts'

/** `isotherm start` with a demo organisation, one simulated device `fridge-1` and a key that may read everything. */
export class Stage {
  readonly folder = new IsothermFolder()
  /** Secret of `fridge-1`. */
  secret = ''
  key = ''
  readonly #env: NodeJS.ProcessEnv
  #running: RunningIsotherm | undefined

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.#env = env
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
    this.#running = await this.folder.start(['start'], { ...this.#env, ...env })
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

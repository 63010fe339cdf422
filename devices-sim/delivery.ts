import type { IClientOptions, MqttClient } from 'mqtt'
import { connect as connectTo, ErrorWithReasonCode } from 'mqtt'
import type { Clock } from '../domain/index.ts'
import { Problem, publishTopic, reasonOf } from '../domain/index.ts'

/** Opens an MQTT connection with these options: an address, or a function that adds its own (certificates). */
export type Connect = string | ((options: IClientOptions) => MqttClient)

/** One MQTT message: `readings` readings in one payload. */
export interface Message {
  readonly payload: Uint8Array
  readonly readings: number
  /** Called once, with its acknowledgement. */
  readonly acknowledged?: (() => void) | undefined
}

/** The wait before a lost connection is opened again doubles from the first to the second, until an acknowledgement. */
const RECONNECT_FIRST_MS = 200
const RECONNECT_MAX_MS = 5_000
/** A server that does not answer CONNECT by then is not there. */
const CONNECT_TIMEOUT_MS = 10_000
/** How long the polite end of a connection may take before it is cut. */
const CLOSE_TIMEOUT_MS = 2_000
/** CONNACK return codes of MQTT 3.1.1 (3.2.2.3): bad user name or password, not authorised. */
const REFUSED_CODES: readonly number[] = [4, 5]

/** What a delivery needs. `stop` ends it: politely when nothing is in flight, at once otherwise. */
export interface DeliveryOptions {
  readonly device: string
  readonly secret: string
  readonly connect: Connect
  readonly clock: Clock
  readonly stop: AbortSignal
  /** What tells the connections of a device apart; a half-open one of the same name is closed by the server. */
  readonly program: string
  /** Says `online` and, as its last will too, `offline` on the status topic. */
  readonly tellsStatus?: boolean | undefined
  /** A server that cannot be reached at first is tried again, as it is later. */
  readonly patient?: boolean | undefined
  /** From 0 to 1: waits before a new connection are from half to one and a half times the usual. */
  readonly spread?: number | undefined
  /** Called with each acknowledgement and each change of the connection. */
  readonly onChange?: (() => void) | undefined
}

interface Kept {
  readonly message: Message
  published: boolean
}

/**
 * Delivers messages at least once: everything offered is kept until its PUBACK came, and published again, in order,
 * on every new connection. It holds what the caller offers, so the caller bounds it by `inFlight`.
 */
export class Delivery {
  /** Readings published, published again after a lost connection, and acknowledged (each once). */
  readonly readings = { sent: 0, resent: 0, acknowledged: 0 }
  reconnects = 0
  /** Why the last connection ended, for people. */
  lastLoss: string | undefined
  readonly #options: DeliveryOptions
  /** In the order offered, by a number of our own: MQTT's packet ids start again with each connection. */
  readonly #kept = new Map<number, Kept>()
  #offered = 0
  #client: MqttClient | undefined
  #everConnected = false
  #wake: () => void = () => {}
  /** Aborted for as long as there is to be no connection. */
  #hold = new AbortController()
  #released = Promise.withResolvers<void>()

  constructor(options: DeliveryOptions) {
    this.#options = options
    options.stop.addEventListener('abort', () => this.#changed(), { once: true })
  }

  /** Messages offered and not acknowledged. */
  get inFlight(): number {
    return this.#kept.size
  }

  get connected(): boolean {
    return this.#client !== undefined
  }

  /** Takes a message to deliver: now, or as soon as there is a connection. */
  offer(message: Message): void {
    const id = this.#offered++
    this.#kept.set(id, { message, published: false })
    if (this.#client !== undefined) this.#publish(this.#client, id)
  }

  /** Resolves with the next acknowledgement, change of connection or stop. For one waiter at a time. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.#options.stop.aborted) resolve()
    })
  }

  /** Cuts the connection, as a lost link does, and opens none until `release`. */
  hold(): void {
    this.#hold.abort()
  }

  /** Ends a `hold`. */
  release(): void {
    if (!this.#hold.signal.aborted) return
    this.#hold = new AbortController()
    this.#released.resolve()
    this.#released = Promise.withResolvers()
  }

  /**
   * Keeps a connection open until `stop`. Throws `Problem('bad-credentials')` when the server refuses the device
   * and `Problem('connection-failed')` when it cannot be reached the first time; later losses are retried until stop.
   */
  async run(): Promise<void> {
    const { clock, stop, patient = false, spread = 0.5 } = this.#options
    let waitMs = RECONNECT_FIRST_MS
    while (!stop.aborted) {
      await this.#untilReleased()
      const acknowledgedBefore = this.readings.acknowledged
      const loss = await this.#connection()
      if (stop.aborted) return
      this.lastLoss = reasonOf(loss)
      if (loss instanceof ErrorWithReasonCode && REFUSED_CODES.includes(loss.code)) throw this.#refused(loss)
      if (!this.#everConnected && !patient && !this.#hold.signal.aborted) throw unreachable(loss)
      this.#changed()
      if (this.readings.acknowledged > acknowledgedBefore) waitMs = RECONNECT_FIRST_MS
      await clock.sleep(waitMs * (0.5 + spread), stop)
      waitMs = Math.min(waitMs * 2, RECONNECT_MAX_MS)
    }
  }

  /** One connection from start to end; resolves with what ended it. */
  async #connection(): Promise<unknown> {
    const client = this.#open()
    let loss: unknown = 'the server closed the connection or did not answer'
    client.on('error', (error) => {
      loss = error
    })
    client.on('connect', () => {
      if (this.#everConnected) this.reconnects += 1
      this.#everConnected = true
      this.#client = client
      if (this.#options.tellsStatus === true) this.#tell(client, 'online')
      for (const id of this.#kept.keys()) this.#publish(client, id)
      this.#changed()
    })
    await this.#untilClosed(client)
    this.#client = undefined
    return loss
  }

  #open(): MqttClient {
    const { device, secret, connect, program, tellsStatus = false } = this.#options
    const options: IClientOptions = {
      protocolVersion: 4,
      // the same throughout: a half-open connection of ours is closed by the server, not kept beside
      clientId: `isotherm-${program}-${device}`,
      username: device,
      password: secret,
      clean: true,
      // reconnecting is ours: only so do refused credentials end it and does the clock stay injected
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(tellsStatus
        ? {
            will: {
              topic: publishTopic(device, 'status'),
              payload: status('offline'),
              qos: 1,
              retain: false,
            },
          }
        : {}),
    }
    try {
      return typeof connect === 'string' ? connectTo(connect, options) : connect(options)
    } catch (cause) {
      throw unreachable(cause)
    }
  }

  async #untilClosed(client: MqttClient): Promise<void> {
    const { clock, stop } = this.#options
    const closed = new AbortController()
    client.once('close', () => closed.abort())
    const hold = this.#hold.signal
    await aborted(AbortSignal.any([closed.signal, stop, hold]))
    if (!closed.signal.aborted && !hold.aborted && this.#client !== undefined && this.inFlight === 0) {
      if (this.#options.tellsStatus === true) this.#tell(client, 'offline')
      client.end()
      await clock.sleep(CLOSE_TIMEOUT_MS, closed.signal)
    }
    client.end(true)
  }

  #publish(client: MqttClient, id: number): void {
    const kept = this.#kept.get(id)
    if (kept === undefined) return
    const { payload, readings, acknowledged } = kept.message
    this.readings[kept.published ? 'resent' : 'sent'] += readings
    kept.published = true
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    client.publish(publishTopic(this.#options.device, 'readings'), bytes, { qos: 1 }, (error) => {
      // an error means this connection ended: the message stays kept and goes out on the next one
      if (error || !this.#kept.delete(id)) return
      this.readings.acknowledged += readings
      acknowledged?.()
      this.#changed()
    })
  }

  /** A status that is lost with its connection is followed by the one of the next connection. */
  #tell(client: MqttClient, state: 'online' | 'offline'): void {
    client.publish(publishTopic(this.#options.device, 'status'), status(state), { qos: 1 }, () => {})
  }

  #changed(): void {
    this.#wake()
    this.#options.onChange?.()
  }

  async #untilReleased(): Promise<void> {
    const { stop } = this.#options
    while (this.#hold.signal.aborted && !stop.aborted) {
      await Promise.race([this.#released.promise, aborted(stop)])
    }
  }

  #refused(cause: Error): Problem {
    return new Problem('bad-credentials', {
      what: `The server refused device ${this.#options.device}: ${cause.message}.`,
      remedy: 'Check the device id and its secret; a revoked device needs a new registration.',
      cause,
    })
  }
}

function status(state: 'online' | 'offline'): Buffer {
  return Buffer.from(JSON.stringify({ state, firmware: 'isotherm-sim' }))
}

function unreachable(cause: unknown): Problem {
  return new Problem('connection-failed', {
    what: `No MQTT connection could be opened (${reasonOf(cause)}).`,
    remedy: 'Start the server, or correct its MQTT address and port.',
    cause,
  })
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

import { closeSync, openSync, writeSync } from 'node:fs'
import mqtt from 'mqtt'
import { SeededRandom } from '../seeded-random.ts'
import { type LoggedReading, sentLog } from './logged.ts'
import { DRAIN, type LoadCounts, type LoadOrder } from './orders.ts'

// The devices of a load, in a process of their own that nobody kills: it knows an address, secrets and a file. They
// are plain mqtt.js with QoS 1 and share no code with the product. What is not acknowledged goes out again, in order,
// on the next connection.

const TICK_MS = 5
const TELL_MS = 20
const RECONNECT_MS = 50
/** Messages under way at once: another one with each connection, so that commits of every size are hit. */
const WINDOWS = [1, 8, 50, 200]
/** One message in so many holds several readings. */
const ARRAY_ONE_IN = 8
const ARRAY_READINGS = 3
/** What was not sent while the server was gone is caught up, up to this long of it. */
const CATCH_UP_MS_MAX = 1_000

/** Lines that are in the file when `flush` returns. */
class LineFile {
  readonly #file: number
  #lines: string[] = []

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  add(readings: readonly LoggedReading[]): void {
    for (const reading of readings) this.#lines.push(JSON.stringify(reading))
  }

  flush(): void {
    if (this.#lines.length === 0) return
    writeSync(this.#file, `${this.#lines.join('\n')}\n`)
    this.#lines = []
  }

  close(): void {
    this.flush()
    closeSync(this.#file)
  }
}

class Load {
  readonly #order: LoadOrder
  readonly #random: SeededRandom
  readonly #sentLines: LineFile
  readonly #ackedLines: LineFile
  readonly #devices: Device[]
  readonly #startMs = performance.now()
  #offered = 0
  #sent = 0
  #acked = 0
  #draining = false

  constructor(order: LoadOrder) {
    this.#order = order
    this.#random = new SeededRandom(order.seed)
    this.#sentLines = new LineFile(sentLog(order.ackLog))
    this.#ackedLines = new LineFile(order.ackLog)
    this.#devices = order.devices.map(({ id, secret }) => new Device(id, secret, order.port, this.#random))
  }

  drain(): void {
    this.#draining = true
  }

  counts(): LoadCounts {
    this.#sentLines.flush()
    this.#ackedLines.flush()
    const connected = this.#devices.filter((device) => device.connected).length
    const reconnects = this.#devices.reduce((sum, device) => sum + Math.max(0, device.connections - 1), 0)
    const drained = this.#draining && this.#acked === this.#sent
    return { sent: this.#sent, acked: this.#acked, connected, reconnects, drained }
  }

  tick(): void {
    if (this.#draining) return
    const { ratePerSecond } = this.#order
    const due = ((performance.now() - this.#startMs) / 1000) * ratePerSecond
    this.#offered = Math.max(this.#offered, due - (CATCH_UP_MS_MAX / 1000) * ratePerSecond)
    let free = this.#devices.filter((device) => device.hasRoom)
    while (this.#offered < due && free.length > 0) {
      for (const device of free) if (this.#offered < due) this.#offer(device)
      free = free.filter((device) => device.hasRoom)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.close()))
    this.#sentLines.close()
    this.#ackedLines.close()
  }

  #offer(device: Device): void {
    const count = this.#random.oneIn(ARRAY_ONE_IN) ? ARRAY_READINGS : 1
    const readings = Array.from({ length: count }, () => device.take())
    this.#sentLines.add(readings)
    this.#offered += count
    this.#sent += count
    device.publish(readings, () => {
      this.#acked += count
      this.#ackedLines.add(readings)
    })
  }
}

interface Kept {
  readonly payload: string
  readonly acknowledged: () => void
}

class Device {
  readonly #id: string
  readonly #open: () => mqtt.MqttClient
  readonly #random: SeededRandom
  /** Not acknowledged, in the order of their numbers. */
  readonly #kept = new Set<Kept>()
  #client: mqtt.MqttClient
  #window = 1
  #seq = 0
  #closing = false
  connections = 0

  constructor(id: string, secret: string, port: number, random: SeededRandom) {
    this.#id = id
    this.#random = random
    // sending again is ours: mqtt.js gives up what was under way when a connection ends
    const options = { username: id, password: secret, clientId: `load-${id}`, reconnectPeriod: 0 }
    this.#open = () => mqtt.connect(`mqtt://127.0.0.1:${port}`, options)
    this.#client = this.#connect()
  }

  get connected(): boolean {
    return this.#client.connected
  }

  get hasRoom(): boolean {
    return this.#client.connected && this.#kept.size < this.#window
  }

  take(): LoggedReading {
    this.#seq += 1
    const temperature = (this.#random.below(4_000) - 1_000) / 100
    return { device: this.#id, seq: this.#seq, at: Date.now(), temperature }
  }

  publish(readings: readonly LoggedReading[], acknowledged: () => void): void {
    const wire = readings.map(({ seq, at, temperature }) => ({ at, seq, temperature }))
    const kept = { payload: JSON.stringify(wire.length === 1 ? wire[0] : wire), acknowledged }
    this.#kept.add(kept)
    this.#send(kept)
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#client.endAsync(true)
  }

  #connect(): mqtt.MqttClient {
    const client = this.#open()
    client.on('error', () => {
      // the server is gone, and this connection with it; the next one sends what was not acknowledged
    })
    client.on('connect', () => {
      this.connections += 1
      this.#window = WINDOWS[this.#random.below(WINDOWS.length)] ?? 1
      for (const kept of this.#kept) this.#send(kept)
    })
    client.once('close', () => {
      client.end(true)
      if (!this.#closing) setTimeout(() => (this.#client = this.#connect()), RECONNECT_MS)
    })
    return client
  }

  #send(kept: Kept): void {
    this.#client.publish(`isotherm/v1/${this.#id}/readings`, kept.payload, { qos: 1 }, (error) => {
      if (!error && this.#kept.delete(kept)) kept.acknowledged()
    })
  }
}

/** Tells the parent; whatever it has gone through, a parent that is gone is told nothing. */
function tell(counts: LoadCounts): void {
  if (process.connected) process.send?.(counts)
}

process.once('disconnect', () => process.exit(1))
process.once('message', (order: LoadOrder) => {
  const load = new Load(order)
  const ticks = setInterval(() => load.tick(), TICK_MS)
  const tells = setInterval(() => {
    const counts = load.counts()
    tell(counts)
    if (!counts.drained) return
    clearInterval(ticks)
    clearInterval(tells)
    void load.close().then(() => process.exit(0))
  }, TELL_MS)
  process.on('message', (word) => {
    if (word === DRAIN) load.drain()
  })
})

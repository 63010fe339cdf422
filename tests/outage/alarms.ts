import type mqtt from 'mqtt'
import { waitFor } from '../support/isotherm.ts'
import type { SmsGateway } from '../support/sms-gateway.ts'
import type { Stage } from '../support/stage.ts'

/** How long alarms took, from the sending of the reading to the message at the SMS gateway, ms. */
export interface AlarmLatency {
  readonly alarms: number
  readonly p50Ms: number
  readonly maxMs: number
}

/**
 * What an outage may add to the median of an alarm. The projection waits at least this long before it tries again, and
 * up to 30 s for an answer: an alarm that waited for InfluxDB once would be later than this.
 */
const ALARM_ADDED_MS_MAX = 1_000
/** No single alarm may take longer: a person cannot tell it from at once, and it leaves room for a busy machine. */
const ALARM_MS_MAX = 5_000
const DEVICE = 'alarm-1'
const OUT_OF_RANGE_C = 9.5
const IN_RANGE_C = 5
/** An alarm that takes longer is missing. */
const GIVEN_UP_MS = 60_000
const MINUTE_MS = 60_000

/** Cold rooms with somebody to call, one for each alarm: what is out of range there is an incident of its own. */
export class Alarms {
  readonly #stage: Stage
  readonly #gateway: SmsGateway
  readonly #client: mqtt.MqttClient
  #seq = 0
  #raised = 0

  private constructor(stage: Stage, gateway: SmsGateway, client: mqtt.MqttClient) {
    this.#stage = stage
    this.#gateway = gateway
    this.#client = client
  }

  /** Furnishes rooms for `count` alarms; the stage runs with the settings of the gateway. */
  static async open(stage: Stage, gateway: SmsGateway, count: number): Promise<Alarms> {
    const { folder } = stage
    await folder.json([
      'organisation',
      'create',
      'yixin',
      '--kind',
      'distributor',
      '--name',
      '医药',
      '--demo',
    ])
    await folder.json(['site', 'create', 'depot', '--organisation', 'yixin', '--name', '仓库'])
    const made = await folder.json(['device', 'create', DEVICE, '--site', 'depot', '--simulated'])
    const client = await stage.connect({ username: DEVICE, password: String(made['secret']) })
    const alarms = new Alarms(stage, gateway, client)
    for (let room = 0; room < count; room += 1) await alarms.#furnish(room)
    return alarms
  }

  /** Raises so many alarms, one after the other, evenly over this time; answers how long each took, ms. */
  async measure(alarms: number, seconds: number): Promise<readonly number[]> {
    const startMs = performance.now()
    const tookMs: number[] = []
    for (let nth = 0; nth < alarms; nth += 1) {
      const dueMs = startMs + ((nth + 0.5) * seconds * 1000) / alarms
      await new Promise((later) => setTimeout(later, Math.max(0, dueMs - performance.now())))
      tookMs.push(await this.#raise())
    }
    await new Promise((later) => setTimeout(later, Math.max(0, startMs + seconds * 1000 - performance.now())))
    return tookMs
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true)
  }

  async #raise(): Promise<number> {
    const room = this.#raised
    this.#raised += 1
    const sentMs = performance.now()
    await this.#send(room, OUT_OF_RANGE_C)
    let arrivedMs: number | undefined
    const arrived = (): boolean => {
      const message = [...this.#gateway.messages.values()].find(
        ({ variables }) => variables['place'] === nameOf(room),
      )
      arrivedMs = message === undefined ? undefined : this.#gateway.arrivedMs.get(message.id)
      return arrivedMs !== undefined
    }
    await waitFor(
      arrived,
      GIVEN_UP_MS,
      () => `no message for ${nameOf(room)}: ${this.#stage.running.output()}`,
    )
    return (arrivedMs ?? Number.NaN) - sentMs
  }

  async #furnish(room: number): Promise<void> {
    const since = {
      from: new Date(Date.now() - 60 * MINUTE_MS).toISOString(),
      reason: 'as the log book says',
    }
    const place = `room-${room}`
    await this.#post('places', { id: place, site: 'depot', kind: 'cold-room', name: nameOf(room), ...since })
    await this.#post('points', { id: place, place, name: place, role: 'air', ...since })
    await this.#post('placements', { device: DEVICE, sensor: place, point: place, ...since })
    await this.#post('recipients', { place, name: '李', channel: 'http', address: '138 0013 8000' })
    await this.#send(room, IN_RANGE_C)
  }

  async #send(room: number, temperature: number): Promise<void> {
    this.#seq += 1
    const payload = JSON.stringify({ at: Date.now(), seq: this.#seq, sensor: `room-${room}`, temperature })
    await this.#client.publishAsync(`isotherm/v1/${DEVICE}/readings`, payload, { qos: 1 })
  }

  async #post(path: string, body: object): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.#stage.running.httpPort}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#stage.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
}

/** The devices that raise alarms, beside those of the load. */
export const alarmDevices: readonly string[] = [DEVICE]

/** Median and worst of some; `NaN` of none. */
export function latencyOf(tookMs: readonly number[]): AlarmLatency {
  const sorted = tookMs.toSorted((a, b) => a - b)
  const tenths = (ms = Number.NaN): number => Math.round(ms * 10) / 10
  const median = sorted[Math.floor((sorted.length - 1) / 2)]
  return { alarms: sorted.length, p50Ms: tenths(median), maxMs: tenths(sorted.at(-1)) }
}

/** Whether alarms during an outage were as fast as without it, as far as it matters. */
export function inTime(during: AlarmLatency, without: AlarmLatency): boolean {
  return during.p50Ms <= without.p50Ms + ALARM_ADDED_MS_MAX && during.maxMs <= ALARM_MS_MAX
}

function nameOf(room: number): string {
  return `冷库${room}`
}

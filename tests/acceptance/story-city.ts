import assert from 'node:assert/strict'
import { waitFor } from '../support/isotherm.ts'
import { SmsGateway } from '../support/sms-gateway.ts'
import { decideRules } from '../support/second-person.ts'
import { Stage } from '../support/stage.ts'

const MINUTE_MS = 60_000
const WAIT_MS = 20_000
const reason = 'as the log book says'

/** One reading: sequence number, sensor, minute of the story, degrees. */
export type Row = readonly [seq: number, sensor: string, minute: number, celsius: number]

/** A finding in short: where, which rule, from and to which minute, and its peak. */
export type ShortFinding = readonly [
  point: string,
  rule: string,
  from: number,
  to: number | null,
  peak: number,
]

/**
 * A distributor's fridge with points `a` and `b`, three lots in it, a spare fridge, an SMS gateway, and two people
 * who are called: Li always, Wang in an hour that is not now. Seen from outside only: MQTT, HTTP, the gateway.
 * Minute 0 is when it began to be told; everything lies before it.
 */
export class StoryCity {
  readonly gateway: SmsGateway
  readonly stage: Stage
  readonly #startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  #secret = ''
  /** Session cookies of two responders. */
  readonly people: string[] = []

  private constructor(gateway: SmsGateway) {
    this.gateway = gateway
    this.stage = new Stage(gateway.settings)
  }

  static async open(): Promise<StoryCity> {
    const gateway = new SmsGateway()
    await gateway.open()
    const city = new StoryCity(gateway)
    await city.stage.open()
    await city.#furnish()
    return city
  }

  async close(): Promise<void> {
    await this.stage.close()
    await this.gateway.close()
  }

  /** SIGKILL, and a new start on the same folder. */
  async killAndStart(): Promise<void> {
    await this.stage.running.kill()
    await this.stage.restart()
  }

  at(minute: number): string {
    return new Date(this.#startMs + minute * MINUTE_MS).toISOString()
  }

  minuteOf(time: unknown): number | null {
    return typeof time === 'string' ? (Date.parse(time) - this.#startMs) / MINUTE_MS : null
  }

  /** Publishes readings, each as a record of its own, and returns when all are acknowledged. */
  async send(rows: readonly Row[]): Promise<void> {
    const client = await this.stage.connect({ username: 'logger', password: this.#secret })
    for (const [seq, sensor, minute, temperature] of rows) {
      const payload = JSON.stringify({ at: this.at(minute), seq, sensor, temperature })
      await client.publishAsync('isotherm/v1/logger/readings', payload, { qos: 1 })
    }
    await client.endAsync()
  }

  async post(path: string, body?: object, cookie?: string): Promise<Response> {
    const who = cookie === undefined ? { authorization: `Bearer ${this.stage.key}` } : { cookie }
    const sent =
      body === undefined
        ? { headers: who }
        : { headers: { ...who, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    return fetch(`http://127.0.0.1:${this.stage.running.httpPort}/api/v1/${path}`, {
      method: 'POST',
      ...sent,
    })
  }

  async must(path: string, body: object): Promise<void> {
    const answer = await this.post(path, body)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }

  /** Looks until what is seen is what is wanted; then it is compared, so that a failure shows the difference. */
  async seen<T>(look: () => Promise<T>, wanted: T): Promise<void> {
    let last: T | undefined
    const same = async (): Promise<boolean> => {
      last = await look()
      return JSON.stringify(last) === JSON.stringify(wanted)
    }
    await waitFor(same, WAIT_MS, () => JSON.stringify(last)).catch(() => undefined)
    assert.deepEqual(last, wanted)
  }

  async findings(): Promise<readonly ShortFinding[]> {
    const items = await this.stage.items('findings?kind=excursion&place=fridge')
    // those of one start come by their ids, which are hashes
    return items.map((item) => this.#short(item)).toSorted((a, b) => a[2] - b[2] || (a[1] < b[1] ? -1 : 1))
  }

  /** The incidents of the fridge, the oldest first. */
  async incidents(): Promise<readonly Record<string, unknown>[]> {
    const items = await this.stage.items('incidents?place=fridge')
    return Promise.all(items.toReversed().map(({ id }) => this.stage.get(`incidents/${String(id)}`)))
  }

  /** What the gateway got, each message once: template, to whom, in which grade. */
  sms(): readonly string[] {
    return [...this.gateway.messages.values()].map(({ template, to }) => `${template} ${to}`)
  }

  #short(item: Record<string, unknown>): ShortFinding {
    const rule = String(item['rule']).replace('cn-gsp-storage/', '')
    const from = this.minuteOf(item['start']) ?? Number.NaN
    return [String(item['point']), rule, from, this.minuteOf(item['end']), Number(item['peak'])]
  }

  async #furnish(): Promise<void> {
    const { folder } = this.stage
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
    const device = { id: 'logger', site: 'depot', kind: 'simulated', expectedIntervalSeconds: 1_800 }
    const made = (await (await this.post('devices', device)).json()) as { secret: string }
    this.#secret = made.secret
    const since = { from: this.at(-300), reason }
    for (const [id, name] of [
      ['fridge', '一号冰箱'],
      ['spare', '备用冰箱'],
    ]) {
      await this.must('places', { id, site: 'depot', kind: 'refrigerator', name, ...since })
    }
    for (const id of ['a', 'b']) {
      await this.must('points', { id, place: 'fridge', name: `测点${id}`, role: 'product', ...since })
      await this.must('placements', { device: 'logger', sensor: id, point: id, ...since })
    }
    const pack = { pack: 'cn-gsp-storage', version: 1, organisation: 'yixin', from: this.at(-300) }
    await decideRules(this.stage, 'activations', pack)
    await this.#stock()
    await this.#people()
  }

  async #stock(): Promise<void> {
    const label = { rangeMin: 2, rangeMax: 8, freezeSensitive: true, lightSensitive: false }
    await this.must('products', { id: 'hepb', name: '乙肝疫苗', ...label })
    for (const id of ['lot-1', 'lot-2', 'lot-3']) {
      const lot = {
        id,
        product: 'hepb',
        number: id.toUpperCase(),
        maker: '演示厂家A',
        expiresOn: '2028-10-31',
      }
      await this.must('lots', lot)
      const stock = { kind: 'receive', place: 'fridge', quantity: 100, at: this.at(-240), reason }
      await this.must(`lots/${id}/custody`, stock)
    }
  }

  async #people(): Promise<void> {
    const { folder } = this.stage
    await this.must('recipients', {
      place: 'fridge',
      name: '李',
      channel: 'http',
      address: '138 0013 8000',
    })
    await this.must('recipients', {
      place: 'fridge',
      name: 'Wang',
      channel: 'http',
      address: '+8613900139000',
      language: 'en',
      hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], ...this.#anHourFarFromNow() }],
    })
    for (const name of ['li', 'wang']) {
      const made = await folder.json([
        'user',
        'create',
        name,
        '--role',
        'responder',
        '--organisation',
        'yixin',
      ])
      const answer = await this.post('login', { username: name, password: String(made['password']) })
      this.people.push(String(answer.headers.getSetCookie()[0]).replace(/;.*$/, ''))
    }
  }

  /** Half a day away, by the clock of Shanghai. */
  #anHourFarFromNow(): { readonly from: string; readonly to: string } {
    const hour = (new Date().getUTCHours() + 8 + 12) % 24
    const text = (each: number): string => `${String(each % 24).padStart(2, '0')}:00`
    return { from: text(hour), to: text(hour + 1) }
  }
}

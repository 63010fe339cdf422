import type { Silence } from '../../domain/index.ts'
import { findingPoints } from '../../store/influx/finding-points.ts'
import { pointLine } from '../../store/influx/point.ts'
import { influxdSkipReason, type Influxd, startInfluxd } from '../support/influxd.ts'
import { waitFor } from '../support/isotherm.ts'
import { decideRules } from '../support/second-person.ts'
import { Stage } from '../support/stage.ts'

export { influxdSkipReason }

const MINUTE_MS = 60_000
const reason = 'entered for a test'

/** One series of an answer of InfluxDB. */
export interface Series {
  readonly name: string
  readonly tags?: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values: readonly (readonly unknown[])[]
}

/**
 * An InfluxDB that a running Isotherm has filled from what devices published: a refrigerator with an excursion that is
 * over and one that goes on, a low battery and a point nobody ever heard of, a vehicle on its way, and a lot.
 */
export class Filled {
  #influxd: Influxd | undefined
  #stage: Stage | undefined
  readonly #nowMs = Date.now()

  async open(): Promise<void> {
    this.#influxd = await startInfluxd()
    this.#stage = new Stage({ ISOTHERM_INFLUX_URL: this.#influxd.url })
    await this.#stage.open()
    await this.#tell()
    await this.#settled()
    await this.#silence()
  }

  async close(): Promise<void> {
    await this.#stage?.close()
    await this.#influxd?.remove()
  }

  /** Answers a statement; throws what InfluxDB says is wrong with it. */
  async asked(statement: string): Promise<readonly Series[]> {
    const body = new URLSearchParams({ db: 'isotherm', epoch: 'ms', q: statement })
    const answer = await fetch(`${this.#influxd?.url}/query`, { method: 'POST', body })
    const { results, error } = (await answer.json()) as {
      results?: { error?: string; series?: Series[] }[]
      error?: string
    }
    const wrong = error ?? results?.[0]?.error
    if (wrong !== undefined) throw new Error(`${wrong}: ${statement}`)
    return results?.[0]?.series ?? []
  }

  #at(minutesAgo: number): string {
    return new Date(this.#nowMs - minutesAgo * MINUTE_MS).toISOString()
  }

  get #open(): Stage {
    if (this.#stage === undefined) throw new Error('not open')
    return this.#stage
  }

  #post(path: string, body: object): Promise<void> {
    return this.#open.post(path, body)
  }

  async #tell(): Promise<void> {
    const stage = this.#open
    const since = { from: this.#at(420), reason }
    const place = (id: string, kind: string, name: string) =>
      this.#post('places', { id, site: 'clinic', kind, name, ...since })
    await place('fridge', 'refrigerator', '冰箱 一')
    await place('van-7', 'vehicle', '冷藏车 7')
    for (const [id, of] of [
      ['shelf', 'fridge'],
      ['cargo', 'van-7'],
    ]) {
      await this.#post('points', { id, place: of, name: id, role: 'product', ...since })
    }
    const secrets = new Map([['fridge-1', stage.secret]])
    secrets.set('van-1', await stage.device('van-1'))
    await this.#post('placements', { device: 'fridge-1', point: 'shelf', from: this.#at(400), reason })
    await this.#post('placements', { device: 'van-1', point: 'cargo', from: this.#at(400), reason })
    await this.#post('duties', { place: 'van-7', duty: 'on-trip', from: this.#at(380), reason })
    await this.#stock()
    for (const pack of [
      'cn-2017-cdc-clinic',
      'cn-2017-cdc-clinic-transport',
      'who-pqs-devices',
      'isotherm-watch',
    ]) {
      await decideRules(stage, 'activations', { pack, version: 1, organisation: 'demo', from: this.#at(410) })
    }
    await this.#publish('fridge-1', secrets, this.#fridge())
    await this.#publish('van-1', secrets, this.#van())
  }

  async #stock(): Promise<void> {
    const label = { rangeMin: 2, rangeMax: 8, freezeSensitive: true, lightSensitive: false }
    await this.#post('products', { id: 'bcg', name: '卡介苗', ...label })
    const lot = { id: 'lot-1', product: 'bcg', number: '202611A', maker: '生物所', expiresOn: '2028-10-31' }
    await this.#post('lots', lot)
    const stay = { kind: 'receive', place: 'fridge', at: this.#at(360), quantity: 100, reason }
    await this.#post('lots/lot-1/custody', stay)
  }

  /**
   * Every five minutes for six hours: too warm from 290 to 230 minutes ago and for the last 40 minutes, too cold from
   * 205 to 185, and nothing between 120 and 75.
   */
  #fridge(): readonly object[] {
    const minutesAgo = Array.from({ length: 73 }, (_, index) => 360 - index * 5)
    const told = minutesAgo.filter((ago) => ago >= 120 || ago <= 75)
    return told.map((ago, index) => {
      const isWarm = (ago <= 290 && ago > 230) || ago <= 40
      const isCold = ago <= 205 && ago > 185
      return {
        at: this.#at(ago),
        seq: index + 1,
        temperature: isWarm ? 9.5 : isCold ? 1 : 5,
        humidity: 45.5,
        battery: ago < 180 ? 12 : 80,
        doorOpen: ago === 290,
        mainsPower: true,
      }
    })
  }

  #van(): readonly object[] {
    return Array.from({ length: 40 }, (_, index) => ({
      at: this.#at(200 - index * 5),
      seq: index + 1,
      temperature: index > 36 ? 9.5 : 4.5 + index / 20,
      battery: 15,
      lat: 31.5 + index / 1_000,
      lon: 120.3 + index / 1_000,
      doorOpen: false,
    }))
  }

  async #publish(
    device: string,
    secrets: ReadonlyMap<string, string>,
    readings: readonly object[],
  ): Promise<void> {
    const client = await this.#open.connect({ username: device, password: secrets.get(device) ?? '' })
    await client.publishAsync(`isotherm/v1/${device}/readings`, JSON.stringify(readings), { qos: 1 })
    await client.endAsync()
  }

  /** Waits until what is to be seen is there. */
  async #settled(): Promise<void> {
    const wanted = [
      `SELECT * FROM "excursion" WHERE "state" = 'open' AND "place" = 'fridge'`,
      `SELECT * FROM "excursion" WHERE "state" = 'over'`,
      `SELECT * FROM "condition" WHERE "state" = 'open' AND "kind" = 'battery' AND "place" = 'fridge'`,
      `SELECT * FROM "excursion" WHERE "state" = 'open' AND "place" = 'van-7'`,
      'SELECT * FROM "lot_hour" WHERE "warm_s" > 0',
      `SELECT * FROM "point_limit" WHERE "place" = 'fridge'`,
      `SELECT * FROM "place" WHERE "place" = 'van-7'`,
    ]
    for (const statement of wanted) {
      await waitFor(
        async () => (await this.asked(statement)).length > 0,
        30_000,
        () => statement,
      )
    }
  }

  async #silence(): Promise<void> {
    const startMs = this.#nowMs - 60 * MINUTE_MS
    const silence: Silence = {
      id: 'made-up',
      kind: 'silence',
      point: 'cargo',
      place: 'van-7',
      rule: 'isotherm-watch-transport/silent',
      packVersion: 1,
      level: 'critical',
      state: 'confirmed',
      open: true,
      startMs,
      alarmMs: startMs + 30 * MINUTE_MS,
      endMs: null,
      endReason: null,
      observedMs: 60 * MINUTE_MS,
      worstCaseMs: 60 * MINUTE_MS,
    }
    const words = { site: 'clinic', en: 'van 7 · no temperature', zh: '冷藏车 7 · 无温度数据' }
    const lines = findingPoints(silence, words, false).map(pointLine)
    const body = lines.map((made) => ('line' in made ? made.line : '')).join('\n')
    const answer = await fetch(`${this.#influxd?.url}/write?db=isotherm`, { method: 'POST', body })
    if (!answer.ok) throw new Error(await answer.text())
  }
}

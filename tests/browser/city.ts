import { SmsGateway } from '../support/sms-gateway.ts'
import { Stage } from '../support/stage.ts'

const MINUTE_MS = 60_000
/** How often the loggers of the city report. */
const INTERVAL_MS = 60_000
const reason = 'as the log book says'

/** A place of the city with one logger of the same name; degC it keeps. */
const places = [
  ['room-a', 'depot', 'cold-room', '冷藏库A', 'Cold room A', 4.6],
  ['room-b', 'depot', 'cold-room', '冷藏库B', 'Cold room B', 5.3],
  ['freezer-1', 'depot', 'freezer-room', '冷冻库', 'Freezer room', -21.4],
  ['truck-1', 'depot', 'vehicle', '冷藏车 演A-01', 'Truck A-01', 5],
  ['fridge-e', 'east', 'refrigerator', '东区疫苗冰箱', 'Vaccine refrigerator east', 4.1],
  ['ilr-e', 'east', 'ice-lined-refrigerator', '冰衬冰箱', 'Ice-lined refrigerator', 3.4],
] as const
/** Id of a place of the city. */
export type CityPlace = (typeof places)[number][0]

/** A distributor with two sites, lots, people who are called through an SMS gateway, and people who sign in. */
export class City {
  readonly gateway = new SmsGateway()
  #stage: Stage | undefined
  readonly #secrets = new Map<string, string>()
  readonly #seq = new Map<string, number>()
  /** Passwords by name: `li` and `wang` take incidents, `zhou` may only look. */
  readonly passwords = new Map<string, string>()

  get stage(): Stage {
    if (this.#stage === undefined) throw new Error('the city is not open')
    return this.#stage
  }

  get address(): string {
    return `http://127.0.0.1:${this.stage.running.httpPort}/`
  }

  /** Starts the product without anything in it but the organisation of every stage. */
  async open(): Promise<void> {
    await this.gateway.open()
    this.#stage = new Stage(this.gateway.settings)
    await this.stage.open()
  }

  async close(): Promise<void> {
    await this.stage.close()
    await this.gateway.close()
  }

  /** Kills the product and starts it again, on the same port. */
  async killAndStart(afterMs: number): Promise<void> {
    const { httpPort } = this.stage.running
    await this.stage.running.kill()
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    await this.stage.restart({ ISOTHERM_HTTP_PORT: String(httpPort) })
  }

  async furnish(): Promise<void> {
    const organisation = { id: 'logistics', kind: 'distributor', demo: true }
    await this.post('organisations', { ...organisation, name: '锡城医药物流', nameEn: 'Xicheng Logistics' })
    const site = { organisation: 'logistics', zone: 'Asia/Shanghai' }
    await this.post('sites', { ...site, id: 'depot', name: '锡城医药物流中心', nameEn: 'Xicheng depot' })
    await this.post('sites', { ...site, id: 'east', name: '运东配送站', nameEn: 'Yundong station' })
    for (const [id, at, kind, name, nameEn] of places) await this.#place({ id, site: at, kind, name, nameEn })
    await this.#stock()
    await this.#people()
  }

  /** Publishes one reading of a place, `minutesAgo` before now, and returns when it is acknowledged. */
  async send(place: CityPlace, temperature: number, minutesAgo = 0): Promise<void> {
    await this.sendAll(place, [[minutesAgo, temperature]])
  }

  /** Publishes readings as one record after the other; minutes before now and degC. */
  async sendAll(place: CityPlace, rows: readonly (readonly [number, number])[]): Promise<void> {
    const client = await this.stage.connect({ username: place, password: this.#secrets.get(place) ?? '' })
    const now = Date.now()
    const readings = rows.map(([minutesAgo, temperature]) => {
      const seq = (this.#seq.get(place) ?? 0) + 1
      this.#seq.set(place, seq)
      return { at: now - Math.round(minutesAgo * MINUTE_MS), seq, sensor: 'main', temperature, battery: 88 }
    })
    for (let from = 0; from < readings.length; from += 200) {
      const payload = JSON.stringify(readings.slice(from, from + 200))
      await client.publishAsync(`isotherm/v1/${place}/readings`, payload, { qos: 1 })
    }
    await client.endAsync()
  }

  /** A day and more of readings for every place: a compressor's breath, and a gap of an hour in room A. */
  async past(hours: number): Promise<void> {
    for (const [id, , , , , keeps] of places) {
      const rows: [number, number][] = []
      for (let minute = hours * 60; minute > 1; minute -= 1) {
        if (id === 'room-a' && minute > 400 && minute < 460) continue
        const breath = 0.45 * Math.sin(minute / 4) + 0.35 * Math.sin(minute / 97)
        rows.push([minute, Math.round((keeps + breath) * 100) / 100])
      }
      await this.sendAll(id, rows)
      await this.send(id, keeps)
    }
  }

  async post(path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.address}api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.stage.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const said = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(said)}`)
    return said
  }

  async #place(place: Readonly<Record<'id' | 'site' | 'kind' | 'name' | 'nameEn', string>>): Promise<void> {
    const { id, site } = place
    const from = new Date(Date.now() - 10 * 24 * 60 * MINUTE_MS).toISOString()
    const since = { from, reason }
    await this.post('places', { ...place, ...since })
    const device = { id, site, kind: 'simulated', expectedIntervalSeconds: INTERVAL_MS / 1_000 }
    const { secret } = await this.post('devices', device)
    this.#secrets.set(id, String(secret))
    const point = { id: `${id}-1`, place: id, name: '测点1', nameEn: 'Point 1', role: 'product' }
    await this.post('points', { ...point, ...since })
    await this.post('placements', { device: id, sensor: 'main', point: point.id, ...since })
  }

  async #stock(): Promise<void> {
    const label = { rangeMin: 2, rangeMax: 8, lightSensitive: false }
    const hepb = { name: '重组乙型肝炎疫苗(酿酒酵母)', nameEn: 'Hepatitis B vaccine, recombinant' }
    const mmr = { name: '麻腮风联合减毒活疫苗', nameEn: 'Measles, mumps, rubella, live' }
    await this.post('products', { id: 'hepb', ...hepb, ...label, freezeSensitive: true })
    await this.post('products', { id: 'mmr', ...mmr, ...label, freezeSensitive: false })
    const soon = new Date(Date.now() + 20 * 24 * 60 * MINUTE_MS).toISOString().slice(0, 10)
    const lots = [
      ['lot-1', 'hepb', '202509A012', '2028-10-31'],
      ['lot-2', 'mmr', 'C20251103-2', soon],
      ['lot-3', 'hepb', '2025100218', '2028-03-31'],
    ] as const
    for (const [id, product, number, expiresOn] of lots) {
      await this.post('lots', { id, product, number, maker: '演示厂家A', expiresOn })
      const stock = { kind: 'receive', quantity: 1_200, reason }
      await this.post(`lots/${id}/custody`, { ...stock, place: 'room-b' })
      await this.post(`lots/${id}/custody`, { ...stock, place: 'fridge-e' })
    }
  }

  async #people(): Promise<void> {
    const known = { place: 'room-b', channel: 'http' }
    await this.post('recipients', { ...known, name: '李工', address: '+8613800138000' })
    await this.post('recipients', { ...known, name: 'Wang', address: '+8613900139000', language: 'en' })
    for (const [name, role] of [
      ['li', 'responder'],
      ['wang', 'responder'],
      ['zhou', 'viewer'],
    ] as const) {
      const password = `${name}-only-for-tests`
      await this.post('users', { name, password, organisation: 'logistics', role })
      this.passwords.set(name, password)
    }
  }
}

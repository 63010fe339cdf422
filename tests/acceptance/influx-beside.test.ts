import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { waitFor } from '../support/isotherm.ts'
import { decideRules } from '../support/second-person.ts'
import { Stage } from '../support/stage.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Six whole hours ago. */
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 6 * HOUR_MS
const reason = 'entered for a test'

function at(minutes: number): string {
  return new Date(START_MS + minutes * MINUTE_MS).toISOString()
}

type Row = Readonly<Record<string, unknown>>

describe.skipIf(influxdSkipReason() !== undefined)(
  'what InfluxDB has beside the readings',
  () => {
    let influxd: Influxd
    let stage: Stage
    beforeAll(async () => {
      influxd = await startInfluxd()
      stage = new Stage({ ISOTHERM_INFLUX_URL: influxd.url })
      await stage.open()
      await tell()
    })
    afterAll(async () => {
      await stage.close()
      await influxd.remove()
    })

    /** A lot in a fridge from minute 30 on, readings every five minutes for four hours, 9.5 degC from 70 to 130. */
    async function tell(): Promise<void> {
      const since = { from: at(-60), reason }
      await stage.post('places', {
        id: 'fridge',
        site: 'clinic',
        kind: 'refrigerator',
        name: '冰箱',
        ...since,
      })
      await stage.post('places', { id: 'cupboard', site: 'clinic', kind: 'cold-room', name: '柜', ...since })
      await stage.post('points', { id: 'shelf', place: 'fridge', name: '测点', role: 'product', ...since })
      await stage.post('placements', { device: 'fridge-1', point: 'shelf', from: at(0), reason })
      const label = { rangeMin: 2, rangeMax: 8, freezeSensitive: true, lightSensitive: false }
      await stage.post('products', { id: 'bcg', name: '卡介苗', ...label })
      const lot = { id: 'lot-1', product: 'bcg', number: '202611A', maker: '生物所', expiresOn: '2028-10-31' }
      await stage.post('lots', lot)
      await stage.post('lots/lot-1/custody', {
        kind: 'receive',
        place: 'fridge',
        at: at(30),
        quantity: 100,
        reason,
      })
      const readings = Array.from({ length: 48 }, (_, index) => {
        const minutes = index * 5
        return { at: at(minutes), seq: index + 2, temperature: minutes >= 70 && minutes < 130 ? 9.5 : 5 }
      })
      await publish(readings)
      const pack = { pack: 'cn-2017-cdc-clinic', version: 1, organisation: 'demo', from: at(-60) }
      await decideRules(stage, 'activations', pack)
    }

    async function publish(readings: readonly object[]): Promise<void> {
      const client = await stage.connect()
      await client.publishAsync('isotherm/v1/fridge-1/readings', JSON.stringify(readings), { qos: 1 })
      client.end(true)
    }

    async function asked(q: string): Promise<readonly Row[]> {
      const words = new URLSearchParams({ db: 'isotherm', epoch: 'ms', q })
      const answer = (await (await fetch(`${influxd.url}/query?${words.toString()}`)).json()) as {
        results: { error?: string; series?: { columns: string[]; values: unknown[][] }[] }[]
      }
      const [result] = answer.results
      if (result?.error !== undefined) throw new Error(result.error)
      return (result?.series ?? []).flatMap(({ columns, values }) =>
        values.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
      )
    }

    /** Seconds in, warm, cold and unknown of each hour the lot was somewhere, by time and place. */
    async function hours(): Promise<unknown[]> {
      const rows = await asked('select place, in_s, warm_s, cold_s, unknown_s from lot_hour')
      return rows.map(({ time, place, in_s, warm_s, cold_s, unknown_s }) => {
        return [(Number(time) - START_MS) / HOUR_MS, place, in_s, warm_s, cold_s, unknown_s]
      })
    }

    const first = [
      [0, 'fridge', 1_800, 0, 0, 0],
      [1, 'fridge', 600, 3_000, 0, 0],
      [2, 'fridge', 3_000, 600, 0, 0],
      [3, 'fridge', 3_600, 0, 0, 0],
      // the last reading speaks for a quarter of an hour
      [4, 'fridge', 600, 0, 0, 3_000],
      [5, 'fridge', 0, 0, 0, 3_600],
    ]

    test('hours of a lot add up to its exposure', async () => {
      await waitFor(async () => (await hours()).length >= 6, 20_000)
      await expect.poll(hours, { timeout: 25_000 }).toEqual(first)
      const exposure = await stage.get(`lots/lot-1/exposure?to=${at(360)}`)
      expect(exposure['total']).toMatchObject({ inSeconds: 9_600, warmSeconds: 3_600, unknownSeconds: 6_600 })
      const [row] = await asked('select * from lot_hour order by time limit 1')
      expect(row).toMatchObject({ lot: 'lot-1', product: 'bcg', low: 2, high: 8, min: 5, max: 5 })
    })

    test('an excursion has its begin and its end, with what to read beside a chart', async () => {
      await waitFor(async () => (await asked('select * from excursion')).length === 2, 10_000)
      const [start, end] = await asked('select * from excursion')
      expect(start).toMatchObject({
        site: 'clinic',
        place: 'fridge',
        point: 'shelf',
        state: 'over',
        open: 0,
        peak: 9.5,
        direction: 'warm',
        text_en: '冰箱 · too warm 9.5 °C (limit 8.0 °C)',
        text_zh: '冰箱 · 偏高 9.5 ℃(上限8.0 ℃)',
      })
      expect([start?.['time'], end?.['time'], start?.['end_ms']]).toEqual(
        [70, 130, 130].map((minutes) => START_MS + minutes * MINUTE_MS),
      )
      const [listed] = await stage.items('findings?kind=excursion')
      expect([start?.['finding'], end?.['finding']]).toEqual([listed?.['id'], listed?.['id']])
    })

    test('limits are those the readings are judged by, hour by hour, and places have their names', async () => {
      const limits = await asked(
        `select low, high from point_limit where point = 'shelf' and time >= ${START_MS}ms`,
      )
      expect(limits.length).toBeGreaterThanOrEqual(7)
      for (const { low, high } of limits) expect([low, high]).toEqual([2, 8])
      const [place] = await asked(
        `select last(label) as label, kind, site_label from place where place = 'fridge'`,
      )
      expect(place).toMatchObject({ label: '冰箱 · fridge', kind: 'refrigerator' })
      expect(String(place?.['site_label'])).toMatch(/ · clinic$/)
    })

    test('late readings change the hours they touch', async () => {
      const late = [240, 245, 250].map((minutes, index) => ({
        at: at(minutes),
        seq: 100 + index,
        temperature: 1,
      }))
      await publish(late)
      const changed = [4, 'fridge', 0, 0, 1_500, 2_100]
      await expect.poll(hours, { timeout: 30_000 }).toEqual(first.with(4, changed))
    })

    test('where a lot was after all is where its hours are', async () => {
      await stage.post('lots/lot-1/custody', {
        kind: 'move',
        place: 'fridge',
        to: 'cupboard',
        at: at(180),
        quantity: 100,
        reason,
      })
      const unknown = (hour: number) => [hour, 'cupboard', 0, 0, 0, 3_600]
      const moved = [...first.slice(0, 3), unknown(3), unknown(4), unknown(5)]
      await expect.poll(hours, { timeout: 20_000 }).toEqual(moved)
    })

    test('deleted by hand they come back when everything is written again', async () => {
      const before = await hours()
      const remove = async () => {
        for (const measurement of ['lot_hour', 'excursion', 'place']) {
          const body = new URLSearchParams({ db: 'isotherm', q: `delete from ${measurement}` })
          await fetch(`${influxd.url}/query`, { method: 'POST', body })
        }
        return hours()
      }
      // what was just told may be written once more
      await expect.poll(remove, { timeout: 10_000 }).toEqual([])
      await stage.folder.json(['rebuild', '--influx'])
      await expect.poll(hours, { timeout: 20_000 }).toEqual(before)
      const states = async () => (await asked('select state from excursion')).map(({ state }) => state)
      await expect.poll(states, { timeout: 10_000 }).toEqual(['over', 'over', 'open'])
      await expect.poll(async () => (await asked('select * from place')).length).toBeGreaterThan(2)
    })

    test('a restart goes on where it was', async () => {
      await stage.running.stop()
      await stage.restart()
      const before = await hours()
      await publish([{ at: at(120), seq: 200, temperature: 5 }])
      await waitFor(async () => (await asked('select * from reading where seq = 200')).length === 1, 20_000)
      expect(await hours()).toEqual(before)
    })

    test('limits that did not hold after all are taken back', async () => {
      const of = `from point_limit where point = 'shelf' and time >= ${START_MS}ms`
      const limits = async () => (await asked(`select low ${of}`)).map(({ time }) => Number(time))
      expect((await limits()).some((time) => time >= START_MS + 200 * MINUTE_MS)).toBe(true)
      await stage.post('duties', { place: 'fridge', duty: 'maintenance', from: at(200), reason })
      const before = [0, 1, 2, 3].map((hour) => START_MS + hour * HOUR_MS)
      await expect.poll(limits, { timeout: 20_000 }).toEqual(before)
    })
  },
  120_000,
)

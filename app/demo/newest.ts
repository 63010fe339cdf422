import { xicheng } from '../../devices-sim/index.ts'
import { ROOT_SCOPE } from '../../domain/index.ts'
import type { Period, QueryPort } from '../../store/index.ts'
import type { FleetPeriod } from './fleet-calls.ts'
import { heldDevices, SHOWPIECE_PLACE } from './script.ts'

const HOUR_MS = 3_600_000
/** Devices of the demonstration record every minute at most, and show a few values more in alarm. */
const READINGS_PER_HOUR_MAX = 1_000

/**
 * What devices have not handed in yet. Most begin where whichever is furthest behind has stopped, since they record the
 * same again. Those of the showpiece would not: what befell it is not known to a process that starts anew.
 */
export async function missedIn(queries: QueryPort, period: Period): Promise<FleetPeriod> {
  const fromMs = (await handedInTo(queries, period)) + 1
  const laterMs = new Map<string, number>()
  for (const { id, sensors } of xicheng.devices) {
    const [first] = sensors
    if (first?.place !== SHOWPIECE_PLACE) continue
    const newestMs = await newestOf(queries, id, first.name, period)
    if (newestMs !== undefined) laterMs.set(id, newestMs + 1)
  }
  return { fromMs, toMs: period.toMs, laterMs }
}

/**
 * Up to which instant every device has handed in what it recorded, epoch ms: the newest reading of whichever is
 * furthest behind, but for those whose readings are held. `period.fromMs` when one has handed in nothing since.
 */
async function handedInTo(queries: QueryPort, period: Period): Promise<number> {
  let earliestMs = period.toMs
  for (const { id, sensors } of xicheng.devices.filter(({ id }) => !heldDevices.has(id))) {
    const sensor = sensors[0]?.name ?? ''
    const newestMs = await newestOf(queries, id, sensor, period)
    earliestMs = Math.min(earliestMs, newestMs ?? period.fromMs)
  }
  return earliestMs
}

async function newestOf(
  queries: QueryPort,
  device: string,
  sensor: string,
  period: Period,
): Promise<number | undefined> {
  const asked = { selection: { by: 'sensor', device, sensor }, scopes: [ROOT_SCOPE] } as const
  const hours = await itemsOf(
    queries.query('readings.buckets', {
      ...asked,
      period,
      stepMs: HOUR_MS,
      quantity: 'temperature',
    }),
  )
  const last = hours.at(-1)
  if (last === undefined) return undefined
  const fromMs = Math.max(period.fromMs, Date.parse(String(last['start'])))
  const limit = READINGS_PER_HOUR_MAX
  const readings = await itemsOf(
    queries.query('readings', { ...asked, period: { fromMs, toMs: period.toMs }, limit }),
  )
  return Math.max(fromMs, ...readings.map((each) => Date.parse(String(each['t']))))
}

async function itemsOf(answer: Promise<Uint8Array>): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { items } = JSON.parse(Buffer.from(await answer).toString('utf8')) as {
    readonly items: readonly Readonly<Record<string, unknown>>[]
  }
  return items
}

import { join } from 'node:path'
import { type Comparison, compare } from '../support/acked-load/ledger.ts'
import { AckedLoad, lastingPort } from '../support/acked-load/load.ts'
import { balanceOf, settledBalance, storedReadings } from '../support/acked-load/read-back.ts'
import { type Influxd, startInfluxd } from '../support/influxd.ts'
import { SmsGateway } from '../support/sms-gateway.ts'
import { Stage } from '../support/stage.ts'
import { type AlarmLatency, Alarms, alarmDevices, inTime, latencyOf } from './alarms.ts'
import { countedUpTo, countIn } from './influx-count.ts'

/** How InfluxDB goes away. */
export type InfluxEnd = 'stop' | 'kill' | 'hang'

/** What an InfluxDB outage is told. */
export interface InfluxOutageOptions {
  readonly ends: readonly InfluxEnd[]
  /** How long it is away each time. */
  readonly seconds: number
  readonly ratePerSecond: number
  /** Alarms that are measured in each outage, and as many without. */
  readonly alarms: number
  readonly seed: number
  readonly tell: (line: string) => void
}

/** What came of it. */
export interface InfluxOutcome extends Comparison {
  /** Points in InfluxDB at the end, the alarms' readings included; `storedAll` is what it must be. */
  readonly influx: number
  readonly storedAll: number
  /** Readings stored that InfluxDB did not have, at the worst moment. */
  readonly behindMax: number
  /** What InfluxDB took to have everything, once nothing more was sent, seconds. */
  readonly caughtUpSeconds: number
  readonly without: AlarmLatency
  readonly during: AlarmLatency
  readonly balanced: boolean
}

const DEVICES = ['outage-1', 'outage-2', 'outage-3', 'outage-4']
const SETTLE_MS_MAX = 120_000
/** The projection tries again after a minute at the latest, and then has everything to write. */
const CATCH_UP_MS_MAX = 180_000

/** Takes InfluxDB away under load, in several ways, and compares devices, store and InfluxDB afterwards. */
export async function runInfluxOutage(options: InfluxOutageOptions): Promise<InfluxOutcome> {
  const { ends, alarms: count, ratePerSecond, seed } = options
  const fromMs = Date.now() - 1_000
  const port = await lastingPort()
  const influxd = await startInfluxd()
  const gateway = new SmsGateway()
  await gateway.open()
  const settings = { ISOTHERM_MQTT_PORT: String(port), ISOTHERM_INFLUX_URL: influxd.url }
  const stage = new Stage({ ...settings, ...gateway.settings })
  let load: AckedLoad | undefined
  let alarms: Alarms | undefined
  try {
    await stage.open()
    const devices: { id: string; secret: string }[] = []
    for (const id of DEVICES) devices.push({ id, secret: await stage.device(id) })
    alarms = await Alarms.open(stage, gateway, count * (ends.length + 1))
    const ackLog = join(stage.folder.dataDir, 'acked.jsonl')
    load = AckedLoad.start({ port, devices, ackLog, ratePerSecond, seed })
    await load.untilAcked(1, () => stage.running.output())
    const measured = await takeAwayAndGiveBack(options, { influxd, stage, alarms })
    await load.drain(() => stage.running.output())
    const balance = await settledBalance(stage, DEVICES, SETTLE_MS_MAX)
    const comparison = await compare(ackLog, storedReadings(stage, DEVICES, fromMs))
    const storedAll = await storedIn(stage)
    const { influx, seconds } = await countedUpTo(influxd, storedAll, CATCH_UP_MS_MAX)
    return {
      ...comparison,
      ...measured,
      influx,
      caughtUpSeconds: seconds,
      storedAll,
      balanced: balance.balanced && balance.readings.stored === comparison.stored,
    }
  } finally {
    await load?.stop()
    await alarms?.close()
    await stage.close()
    await gateway.close()
    await influxd.remove()
  }
}

/** True when nothing is missing anywhere and no alarm was late because of it. */
export function isInfluxSound(outcome: InfluxOutcome): boolean {
  const { lost, phantom, influx, storedAll, balanced, without, during } = outcome
  return lost === 0 && phantom === 0 && balanced && influx === storedAll && inTime(during, without)
}

interface Running {
  readonly influxd: Influxd
  readonly stage: Stage
  readonly alarms: Alarms
}

async function takeAwayAndGiveBack(
  { ends, seconds, alarms: count, tell }: InfluxOutageOptions,
  { influxd, stage, alarms }: Running,
): Promise<Pick<InfluxOutcome, 'without' | 'during' | 'behindMax'>> {
  const without = latencyOf(await alarms.measure(count, seconds))
  tell(`with InfluxDB: ${JSON.stringify(without)}`)
  const tookMs: number[] = []
  let behindMax = 0
  for (const end of ends) {
    await takeAway(influxd, end)
    const measured = await alarms.measure(count, seconds)
    tookMs.push(...measured)
    const stored = await storedIn(stage)
    await giveBack(influxd, end)
    const behind = stored - (await countIn(influxd))
    behindMax = Math.max(behindMax, behind)
    tell(`${end}: ${JSON.stringify(latencyOf(measured))}, InfluxDB ${behind} readings behind`)
  }
  return { without, during: latencyOf(tookMs), behindMax }
}

async function takeAway(influxd: Influxd, end: InfluxEnd): Promise<void> {
  if (end === 'hang') influxd.pause()
  else await influxd.stop(end === 'kill' ? 'SIGKILL' : 'SIGTERM')
}

async function giveBack(influxd: Influxd, end: InfluxEnd): Promise<void> {
  if (end === 'hang') influxd.resume()
  else await influxd.start()
}

/** Readings stored of all devices, those that raise alarms included. */
async function storedIn(stage: Stage): Promise<number> {
  const { readings } = await balanceOf(stage, [...DEVICES, ...alarmDevices])
  return readings.stored
}

import { residentMiB } from '../../bench/processes.ts'
import { settledBalance } from '../support/acked-load/read-back.ts'
import { startInfluxd } from '../support/influxd.ts'
import { SmsGateway } from '../support/sms-gateway.ts'
import { Stage } from '../support/stage.ts'
import { type AlarmLatency, Alarms, inTime, latencyOf } from './alarms.ts'
import { countedUpTo } from './influx-count.ts'

/** What a long outage is told. */
export interface BacklogOptions {
  /** Readings that are stored while InfluxDB is gone. */
  readonly rows: number
  /** Alarms measured while they are written, and as many before, each over so many seconds. */
  readonly alarms: number
  readonly seconds: number
  readonly tell: (line: string) => void
}

/** What came of it. */
export interface BacklogOutcome {
  readonly rows: number
  readonly stored: number
  readonly influx: number
  /** All readings stored, those of the alarms included: what InfluxDB must have. */
  readonly storedAll: number
  /** From InfluxDB's return to its having everything, the wait of the projection included. */
  readonly seconds: number
  /** Memory of the process before InfluxDB came back, and the most it took until it had everything, MiB. */
  readonly residentMib: number
  readonly residentMaxMib: number
  readonly without: AlarmLatency
  readonly during: AlarmLatency
}

/** A million readings in memory would take more; the batches of the projection, and the slack of a heap, take less. */
const GROWTH_MIB_MAX = 200
const DEVICE = 'backlog-1'
const READINGS_PER_MESSAGE = 250
const WINDOW = 8
/** Ingest stores some ten thousand readings a second; a busy machine a tenth of it. */
const MS_PER_ROW_MAX = 1
const WAIT_MS_MIN = 120_000

/** Stores readings as of a long outage while InfluxDB is gone, gives it back, and watches memory and alarms. */
export async function runBacklog(options: BacklogOptions): Promise<BacklogOutcome> {
  const { rows, alarms: count, seconds: alarmSeconds, tell } = options
  const influxd = await startInfluxd()
  const gateway = new SmsGateway()
  await gateway.open()
  const stage = new Stage({ ISOTHERM_INFLUX_URL: influxd.url, ...gateway.settings })
  let alarms: Alarms | undefined
  try {
    await stage.open()
    const secret = await stage.device(DEVICE)
    const rooms = count * 2
    alarms = await Alarms.open(stage, gateway, rooms)
    const without = latencyOf(await alarms.measure(count, alarmSeconds))
    await influxd.stop()
    const timeoutMs = WAIT_MS_MIN + rows * MS_PER_ROW_MAX
    await handIn(stage, secret, rows)
    const { readings } = await settledBalance(stage, [DEVICE], timeoutMs)
    tell(`${readings.stored} readings stored without InfluxDB`)
    const { pid = 0 } = stage.running.process
    const before = residentMiB(pid).now
    let most = before
    const storedAll = rows + 2 * rooms
    await influxd.start()
    const [tookMs, { influx, seconds }] = await Promise.all([
      alarms.measure(count, alarmSeconds),
      countedUpTo(influxd, storedAll, timeoutMs, (points) => {
        most = Math.max(most, residentMiB(pid).now)
        tell(`InfluxDB has ${points} of ${storedAll}; the process takes ${Math.round(most)} MiB at most`)
      }),
    ])
    return {
      rows,
      stored: readings.stored,
      influx,
      storedAll,
      seconds,
      residentMib: Math.round(before),
      residentMaxMib: Math.round(most),
      without,
      during: latencyOf(tookMs),
    }
  } finally {
    await alarms?.close()
    await stage.close()
    await gateway.close()
    await influxd.remove()
  }
}

/** Publishes so many readings, many in a message, and returns when all are acknowledged. */
async function handIn(stage: Stage, secret: string, rows: number): Promise<void> {
  const client = await stage.connect({ username: DEVICE, password: secret })
  let seq = 0
  const sender = async (): Promise<void> => {
    while (seq < rows) {
      const at = Date.now()
      const count = Math.min(READINGS_PER_MESSAGE, rows - seq)
      const readings = Array.from({ length: count }, () => {
        seq += 1
        return { at, seq, temperature: (seq % 600) / 100 }
      })
      await client.publishAsync(`isotherm/v1/${DEVICE}/readings`, JSON.stringify(readings), { qos: 1 })
    }
  }
  await Promise.all(Array.from({ length: WINDOW }, sender))
  await client.endAsync()
}

/** True when InfluxDB has everything, and it took neither much memory nor time of an alarm. */
export function isBacklogSound(outcome: BacklogOutcome): boolean {
  const { rows, stored, influx, storedAll, residentMib, residentMaxMib, without, during } = outcome
  const isSmall = residentMaxMib - residentMib <= GROWTH_MIB_MAX
  return stored === rows && influx === storedAll && isSmall && inTime(during, without)
}

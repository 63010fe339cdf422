import { dataLayout } from '../app/layout.ts'
import { openCanonicalReads, openFindingReads } from '../store/index.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../tests/support/influxd.ts'
import { waitFor } from '../tests/support/isotherm.ts'
import { type Bench, type BenchLine, type BenchOptions, rounded } from './bench.ts'
import { runLoadProcess } from './load/start.ts'
import { processorSeconds, threadSeconds } from './processes.ts'
import { writePast } from './pipeline/aged.ts'
import { furnish, LOTS } from './pipeline/city.ts'
import { READINGS_PER_DAY, STEP_MS, writeDay } from './pipeline/day.ts'
import { countIn, writeDirectly } from './pipeline/influx.ts'
import { pointsOf } from './pipeline/points.ts'
import { type IsothermServer, startIsotherm } from './servers/isotherm.ts'

const full = { live: 1_000, measureMs: 20_000, loggers: 24_000, past: 30_000_000 }
/** A tenth of a nation; of what is live an instant. */
const quick = { live: 100, measureMs: 300, loggers: 2_400, past: 3_000_000 }
const FIRST_SEQ = 1_000_000_000_000
/** Readings in a message of a device that sends several. */
const BATCH = 20
const DATABASE = 'isotherm'
const DAY_MS = READINGS_PER_DAY * STEP_MS
/** The facts hold a little longer than the readings reach back. */
const BEFORE_MS = 3_600_000
const LOOK_MS = 200
const TELL_MS = 5_000
const STANDSTILL_MS_MAX = 120_000
const JUDGED_MS_MAX = 1_800_000

interface Stage {
  readonly own: IsothermServer
  readonly influxd: Influxd
  readonly options: BenchOptions
  readonly fromMs: number
}

/**
 * Makes the readings, and answers how many there are and since when Isotherm has been at work on them, with which
 * processor time used by then (0 where left out).
 */
type Feed = (stage: Stage) => Promise<{
  readonly readings: number
  readonly sinceMs: number
  readonly cpuS?: number
}>

const cases: Readonly<Record<string, { readonly isDrain: boolean; readonly feed: Feed }>> = {
  live: { isDrain: false, feed: (stage) => sendLive(stage, 1) },
  'live-batch': { isDrain: false, feed: (stage) => sendLive(stage, BATCH) },
  drain: { isDrain: true, feed: (stage) => drain(stage, 0) },
  'drain-aged': { isDrain: true, feed: (stage) => drain(stage, sizes(stage.options).past) },
}

/** Readings a second from the device, or from the journal, until InfluxDB counts them, against InfluxDB alone. */
export const pipeline: Bench = {
  what: 'readings a second until InfluxDB counts them, linked and judged, against the same points written straight',
  cases: Object.keys(cases),
  async *run(options) {
    const missing = influxdSkipReason()
    if (missing !== undefined) throw new Error(missing)
    for (const name of options.cases) {
      const chosen = cases[name]
      if (chosen !== undefined) yield await measure(name, chosen, options)
    }
  },
}

function sizes({ quick: isQuick }: BenchOptions): typeof full {
  return isQuick ? quick : full
}

async function measure(
  name: string,
  { isDrain, feed }: { readonly isDrain: boolean; readonly feed: Feed },
  options: BenchOptions,
): Promise<BenchLine> {
  const fromMs = Date.now() - DAY_MS - BEFORE_MS
  const influxd = await startInfluxd()
  let own: IsothermServer | undefined
  try {
    const { loggers, live } = sizes(options)
    own = await startIsotherm(isDrain ? loggers : live, {
      environment: { ISOTHERM_INFLUX_URL: influxd.url },
      furnish: (core, devices) => furnish(core, devices, fromMs, options.tell),
    })
    const influxdS = processorSeconds(influxd.pid)
    const { readings, sinceMs, cpuS = 0 } = await feed({ own, influxd, options, fromMs })
    const seconds = await visible({ own, influxd, options, fromMs }, readings, sinceMs)
    const usOf = (usedS: number): number => rounded((usedS * 1e6) / readings, 1)
    const cpuUs = usOf(processorSeconds(own.pid) - cpuS)
    const [busiestUs = 0] = [...threadSeconds(own.pid).values()].map(usOf).toSorted((a, b) => b - a)
    const influxdUs = usOf(processorSeconds(influxd.pid) - influxdS)
    const found = await judged(own.dataDir, sinceMs)
    const { stored } = await own.settled()
    await own.kill()
    const { bodies, points } = pointsOf(own.dataDir, 0)
    if (points !== readings) throw new Error(`${readings} readings were sent and ${points} rows are stored`)
    options.tell('the same points are written straight')
    const direct = await writeDirectly({ url: influxd.url, name: 'direct' }, bodies, points)
    const [value, peerValue] = [readings / seconds, points / direct]
    return {
      bench: 'pipeline',
      case: name,
      value: Math.round(value),
      unit: 'readings/s',
      peer: 'influxd, 5,000 lines a POST, two connections',
      peer_value: Math.round(peerValue),
      ratio: rounded(value / peerValue, 2),
      readings,
      seconds: rounded(seconds, 1),
      cpu_us_per_reading: cpuUs,
      busiest_thread_cpu_us_per_reading: busiestUs,
      influxd_cpu_us_per_reading: influxdUs,
      stored,
      devices: own.devices.length,
      lots: LOTS,
      ...found,
      quick: options.quick,
    }
  } finally {
    await own?.remove()
    await influxd.remove()
  }
}

/** Every device sends its next message when the last is acknowledged. */
async function sendLive({ own, options }: Stage, readings: number): ReturnType<Feed> {
  const [sinceMs, cpuS] = [performance.now(), processorSeconds(own.pid)]
  const { acknowledged } = await runLoadProcess({
    host: '127.0.0.1',
    port: own.port,
    devices: own.devices,
    inFlight: 1,
    refill: 'each',
    ratePerSecond: 0,
    readings,
    warmUpMs: 0,
    measureMs: sizes(options).measureMs,
    firstSeq: FIRST_SEQ,
    serverPid: own.pid,
  })
  return { readings: acknowledged * readings, sinceMs, cpuS }
}

/** The day lies in the journal when Isotherm is started. */
async function drain({ own, options, fromMs }: Stage, past: number): ReturnType<Feed> {
  await own.kill()
  const layout = dataLayout(own.dataDir)
  if (past > 0) writePast(layout.readings, own.devices, fromMs, past, options.tell)
  const readings = await writeDay(layout.journal, own.devices, fromMs + BEFORE_MS / 2)
  options.tell(`${readings} readings wait in the journal`)
  const sinceMs = performance.now()
  await own.restart()
  return { readings, sinceMs }
}

/** Waits until InfluxDB counts all of it; answers the seconds since then. */
async function visible({ own, influxd, options }: Stage, readings: number, sinceMs: number): Promise<number> {
  let [toldMs, best, movedMs] = [performance.now(), -1, performance.now()]
  await waitFor(async () => {
    const status = await own.status()
    const { ingest = 0, durableEnd = null, influx = null } = status ?? {}
    const nowMs = performance.now()
    const reached = ingest + (influx?.cursor ?? 0)
    if (reached > best) [best, movedMs] = [reached, nowMs]
    if (nowMs - movedMs > STANDSTILL_MS_MAX) throw new Error(`it stands still at ${ingest} of ${durableEnd}`)
    if (nowMs - toldMs > TELL_MS) {
      toldMs = nowMs
      options.tell(bar(influx?.cursor ?? 0, ingest, durableEnd ?? 0))
    }
    if (durableEnd === null || influx === null || influx.cursor < durableEnd) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      return false
    }
    return (await countIn({ url: influxd.url, name: DATABASE })) === readings
  }, Number.POSITIVE_INFINITY)
  return (performance.now() - sinceMs) / 1_000
}

const BAR_CHARACTERS = 30

function bar(written: number, ingested: number, all: number): string {
  const done = all === 0 ? 0 : Math.floor((written / all) * BAR_CHARACTERS)
  const shown = '#'.repeat(done).padEnd(BAR_CHARACTERS, '.')
  return `[${shown}] of ${all} records ${ingested} are stored and ${written} are in InfluxDB`
}

/** How many records the judge still has to look at, when it has looked at all, and what it has found then. */
async function judged(dataDir: string, sinceMs: number) {
  const { readings: path } = dataLayout(dataDir)
  const reads = openCanonicalReads({ path })
  const findings = openFindingReads({ path })
  try {
    const left = (): number => reads.cursor('ingest') - reads.cursor('judge')
    const notJudged = left()
    await waitFor(() => left() === 0, JUDGED_MS_MAX)
    const seconds = (performance.now() - sinceMs) / 1_000
    const found = findings.allFindings().length
    return { findings: found, not_judged: notJudged, judged_seconds: rounded(seconds, 1) }
  } finally {
    findings.close()
    reads.close()
  }
}

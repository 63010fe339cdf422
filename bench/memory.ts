import { type Bench, type BenchLine, type BenchOptions, rounded } from './bench.ts'
import type { LoadPlan } from './load/plan.ts'
import { runLoadProcess } from './load/start.ts'
import { startFleet } from './load/start-fleet.ts'
import { residentMiB } from './processes.ts'
import { type IsothermServer, startIsotherm } from './servers/isotherm.ts'

const full = { devices: 10_000, settleMs: 15_000, measureMs: 10_000 }
const quick = { devices: 50, settleMs: 500, measureMs: 500 }
/** What 10,000 idle devices may cost in all. */
const IDLE_MIB_MAX = Math.floor(500_000_000 / (1024 * 1024))
/** What a flood may add: the bound of the fuzzing. */
const FLOOD_SHARE = 1.5
const FLOOD_EXTRA_MIB = 256
const CONNECTIONS = 50
/** Messages of a connection its device may have under way: far more than are read at once. */
const UNBOUNDED = 1_000_000
const LOOK_MS = 100
const FIRST_SEQ = 1_000_000_000_000
const SECOND_SEQ = 1_500_000_000_000

const cases: Readonly<Record<string, (name: string, options: BenchOptions) => Promise<BenchLine>>> = {
  'idle-10000': idle,
  'flood-2x': flood,
}

/** Resident memory of the whole process, against what it may take. */
export const memory: Bench = {
  what: 'resident memory: 10,000 idle devices; a flood at twice what is acknowledged',
  cases: Object.keys(cases),
  async *run(options) {
    for (const name of options.cases) {
      const measure = cases[name]
      if (measure !== undefined) yield await measure(name, options)
    }
  },
}

async function idle(name: string, options: BenchOptions): Promise<BenchLine> {
  const { devices, settleMs } = options.quick ? quick : full
  const own = await startIsotherm(devices)
  const fleet = startFleet()
  try {
    // a process that has just registered 10,000 devices is not the one an operator runs
    await own.kill()
    await own.restart()
    await pause(settleMs)
    const alone = residentMiB(own.pid).now
    options.tell(`${devices} devices are registered: ${rounded(alone, 0)} MiB`)
    await fleet.connect({
      host: '127.0.0.1',
      port: own.port,
      devices: own.devices,
      seed: options.seed,
      firstSeq: FIRST_SEQ,
    })
    await pause(settleMs)
    const value = rounded(residentMiB(own.pid).now, 0)
    const { signedIn } = await fleet.state()
    if (signedIn !== devices) throw new Error(`${signedIn} of ${devices} devices are connected`)
    return lineOf(name, value, IDLE_MIB_MAX, { without_connections_mib: rounded(alone, 0) }, options)
  } finally {
    await fleet.end()
    await own.remove()
  }
}

async function flood(name: string, options: BenchOptions): Promise<BenchLine> {
  const { measureMs, settleMs } = options.quick ? quick : full
  const own = await startIsotherm(CONNECTIONS)
  try {
    await pause(Math.min(settleMs, 2_000))
    const idleMiB = residentMiB(own.pid).now
    const plan = planOf(own, measureMs)
    const closed = await runLoadProcess({ ...plan, inFlight: 20, refill: 'each', firstSeq: FIRST_SEQ })
    const capacity = closed.messages / closed.seconds
    options.tell(`${Math.round(capacity)} msg/s are acknowledged; now twice that is sent`)
    let value = 0
    const looking = setInterval(() => (value = Math.max(value, residentMiB(own.pid).now)), LOOK_MS)
    const flooded = await runLoadProcess({
      ...plan,
      inFlight: UNBOUNDED,
      refill: 'rate',
      ratePerSecond: Math.round(2 * capacity),
      firstSeq: SECOND_SEQ,
    })
    clearInterval(looking)
    const { stored } = await own.settled()
    const acknowledged = closed.acknowledged + flooded.acknowledged
    if (stored !== acknowledged) throw new Error(`${acknowledged} acknowledged, but ${stored} stored`)
    return lineOf(
      name,
      rounded(value, 0),
      rounded(FLOOD_SHARE * idleMiB + FLOOD_EXTRA_MIB, 0),
      {
        idle_mib: rounded(idleMiB, 0),
        capacity_per_s: Math.round(capacity),
        sent_per_s: Math.round((flooded.sent / (measureMs + plan.warmUpMs)) * 1_000),
        acknowledged_per_s: Math.round(flooded.messages / flooded.seconds),
        stored,
      },
      options,
    )
  } finally {
    await own.remove()
  }
}

function planOf(own: IsothermServer, measureMs: number): Omit<LoadPlan, 'inFlight' | 'refill' | 'firstSeq'> {
  return {
    host: '127.0.0.1',
    port: own.port,
    devices: own.devices,
    ratePerSecond: 0,
    warmUpMs: 500,
    measureMs,
    serverPid: own.pid,
  }
}

function lineOf(
  name: string,
  value: number,
  limit: number,
  more: Readonly<Record<string, number>>,
  options: BenchOptions,
): BenchLine {
  return {
    bench: 'memory',
    case: name,
    value,
    unit: 'MiB',
    peer: 'limit',
    peer_value: limit,
    ratio: rounded(limit / value, 2),
    ...more,
    quick: options.quick,
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

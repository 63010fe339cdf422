import { type Bench, type BenchLine, type BenchOptions, median, rounded } from './bench.ts'
import { runLoadProcess } from './load/start.ts'
import type { LoadPlan, LoadResult } from './load/plan.ts'
import { type IsothermServer, startIsotherm } from './servers/isotherm.ts'
import { startMosquitto } from './servers/mosquitto.ts'
import type { Server } from './servers/server.ts'

/** What the load program does in a case. */
type Shape = Pick<LoadPlan, 'inFlight' | 'refill' | 'ratePerSecond'> & { readonly connections: number }

const shapes: Readonly<Record<string, Shape>> = {
  '50x20': { connections: 50, inFlight: 20, refill: 'each', ratePerSecond: 0 },
  '50x20-window': { connections: 50, inFlight: 20, refill: 'window', ratePerSecond: 0 },
  '1000x1': { connections: 1_000, inFlight: 1, refill: 'each', ratePerSecond: 0 },
  '5000x1': { connections: 5_000, inFlight: 1, refill: 'each', ratePerSecond: 0 },
  'rate-10k': { connections: 1_000, inFlight: 100, refill: 'rate', ratePerSecond: 10_000 },
}
const quickShape: Partial<Shape> = { connections: 10 }

/** How long each side is measured, and how often by turns. */
const full = { rounds: 5, warmUpMs: 1_000, measureMs: 3_000 }
const quick = { rounds: 1, warmUpMs: 100, measureMs: 300 }
/** Each round counts up from a number of its own, further than any round gets. */
const FIRST_SEQ = 1_000_000_000_000
const SEQ_PER_ROUND = 1_000_000_000

/** Acknowledged messages a second, against mosquitto on the same machine in the same minutes. */
export const gateway: Bench = {
  what: 'acknowledged QoS 1 messages a second, against mosquitto, which syncs nothing',
  cases: Object.keys(shapes),
  async *run(options) {
    for (const name of options.cases) {
      const shape = shapes[name]
      if (shape !== undefined)
        yield await measure(name, options.quick ? { ...shape, ...quickShape } : shape, options)
    }
  },
}

async function measure(name: string, shape: Shape, options: BenchOptions): Promise<BenchLine> {
  const own = await startIsotherm(shape.connections)
  let peer: Server | undefined
  try {
    peer = await startMosquitto(own.devices)
    return await compare(name, shape, { own, peer }, options)
  } finally {
    // a process that stands still does not end
    if (!own.ended()) process.kill(own.pid, 'SIGCONT')
    await own.remove()
    await peer?.remove()
  }
}

/** One side runs while the other stands still: what ingest has left to do must not slow mosquitto down. */
async function compare(
  name: string,
  shape: Shape,
  { own, peer }: { readonly own: IsothermServer; readonly peer: Server },
  options: BenchOptions,
): Promise<BenchLine> {
  const { rounds, warmUpMs, measureMs } = options.quick ? quick : full
  const results = new Map<Server, LoadResult[]>([
    [own, []],
    [peer, []],
  ])
  for (let round = 0; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? [own, peer] : [peer, own]) {
      const other = side === own ? peer : own
      process.kill(other.pid, 'SIGSTOP')
      process.kill(side.pid, 'SIGCONT')
      const result = await runLoadProcess({
        ...shape,
        host: '127.0.0.1',
        port: side.port,
        devices: side.devices,
        warmUpMs,
        measureMs,
        firstSeq: FIRST_SEQ + round * SEQ_PER_ROUND,
        serverPid: side.pid,
      })
      results.get(side)?.push(result)
      options.tell(`${name} ${side.name}: ${rateOf(result)} msg/s, p99 ${result.p99Ms} ms`)
    }
  }
  process.kill(own.pid, 'SIGCONT')
  const ours = results.get(own) ?? []
  options.tell(`${name}: ingest takes what is left`)
  const acknowledged = ours.reduce((sum, each) => sum + each.acknowledged, 0)
  const { journalled, stored } = await own.settled()
  if (journalled !== acknowledged || stored !== acknowledged) {
    throw new Error(`${acknowledged} acknowledged, but ${journalled} journalled, ${stored} stored`)
  }
  return lineOf(
    name,
    shape,
    ours,
    { name: peer.name, results: results.get(peer) ?? [] },
    options,
    acknowledged,
  )
}

function lineOf(
  name: string,
  shape: Shape,
  ours: readonly LoadResult[],
  peer: { readonly name: string; readonly results: readonly LoadResult[] },
  options: BenchOptions,
  stored: number,
): BenchLine {
  const isLatency = shape.refill === 'rate'
  const valueOf = (results: readonly LoadResult[]): number =>
    isLatency
      ? rounded(median(results.map(({ p99Ms }) => p99Ms)), 1)
      : Math.round(median(results.map(rateOf)))
  const value = valueOf(ours)
  const peerValue = valueOf(peer.results)
  return {
    bench: 'gateway',
    case: name,
    value,
    unit: isLatency ? 'ms (p99)' : 'msg/s',
    peer: peer.name,
    peer_value: peerValue,
    ratio: rounded(isLatency ? peerValue / value : value / peerValue, 2),
    p50_ms: rounded(median(ours.map(({ p50Ms }) => p50Ms)), 1),
    p99_ms: rounded(median(ours.map(({ p99Ms }) => p99Ms)), 1),
    peer_p99_ms: rounded(median(peer.results.map(({ p99Ms }) => p99Ms)), 1),
    cpu_s_per_100k: rounded(median(ours.map(cpuOf)), 2),
    main_cpu_s_per_100k: rounded(median(ours.map(mainCpuOf)), 2),
    peer_cpu_s_per_100k: rounded(median(peer.results.map(cpuOf)), 2),
    client_cpu_s_per_100k: rounded(median(ours.map(clientCpuOf)), 2),
    ...(isLatency ? { rate: Math.round(median(ours.map(rateOf))) } : {}),
    stored,
    rounds: ours.length,
    quick: options.quick,
  }
}

function rateOf({ messages, seconds }: LoadResult): number {
  return Math.round(messages / seconds)
}

/** Processor seconds of the server for 100,000 messages. */
function cpuOf({ serverCpuS, messages }: LoadResult): number {
  return (serverCpuS / messages) * 100_000
}

/** The same of the main thread, where acknowledgements are made. */
function mainCpuOf({ serverMainCpuS, messages }: LoadResult): number {
  return (serverMainCpuS / messages) * 100_000
}

function clientCpuOf({ clientCpuS, messages }: LoadResult): number {
  return (clientCpuS / messages) * 100_000
}

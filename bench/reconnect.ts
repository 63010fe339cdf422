import { type Bench, type BenchLine, type BenchOptions, rounded } from './bench.ts'
import { type FleetProcess, startFleet } from './load/start-fleet.ts'
import { type IsothermServer, startIsotherm } from './servers/isotherm.ts'

/** Messages each device has to send when it is back. */
const messagesOf: Readonly<Record<string, number>> = { '10000x1': 1, '10000x20': 20, '10000x100': 100 }
const DEVICES = 10_000
const QUICK_DEVICES = 50
/** What a restart may take until every device is back and has its acknowledgements. */
const TARGET_S = 30
const PATIENCE_S = 180
const LOOK_MS = 100
const FIRST_SEQ = 1_000_000_000_000

/** How long a whole fleet takes to be back after the server was killed under it. */
export const reconnect: Bench = {
  what: 'kill -9 under 10,000 devices: seconds until all are back with all their messages acknowledged',
  cases: Object.keys(messagesOf),
  async *run(options) {
    const devices = options.quick ? QUICK_DEVICES : DEVICES
    const own = await startIsotherm(devices)
    const fleet = startFleet()
    try {
      options.tell(`${devices} devices are registered`)
      await fleet.connect({
        host: '127.0.0.1',
        port: own.port,
        devices: own.devices,
        seed: options.seed,
        firstSeq: FIRST_SEQ,
      })
      let stored = 0
      for (const name of options.cases) {
        // numbers a device has sent before are duplicates, so each case is measured by what it adds
        const messages = messagesOf[name] ?? 0
        const line = await measure(name, messages, devices, { own, fleet }, options)
        stored = Math.max(stored, messages * devices)
        const tally = await own.settled()
        if (tally.stored !== stored) throw new Error(`${stored} acknowledged, but ${tally.stored} stored`)
        yield { ...line, stored }
      }
    } finally {
      await fleet.end()
      await own.remove()
    }
  },
}

async function measure(
  name: string,
  messages: number,
  devices: number,
  { own, fleet }: { readonly own: IsothermServer; readonly fleet: FleetProcess },
  options: BenchOptions,
): Promise<BenchLine> {
  const before = await fleet.willSend(messages)
  await own.kill()
  const startMs = performance.now()
  const sinceS = (): number => (performance.now() - startMs) / 1_000
  await own.restart()
  const readyS = sinceS()
  let inS: number | undefined
  for (;;) {
    const { signedIn, done, attempts } = await fleet.state()
    if (signedIn === devices) inS ??= sinceS()
    options.tell(`${name}: ${rounded(sinceS(), 1)} s, ${signedIn} in, ${done} done, ${attempts} attempts`)
    if (done === devices && signedIn === devices) break
    if (sinceS() > PATIENCE_S) throw new Error(`only ${done} of ${devices} are done after ${PATIENCE_S} s`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  const value = rounded(sinceS(), 1)
  const { attempts } = await fleet.state()
  return {
    bench: 'reconnect',
    case: name,
    value,
    unit: 's',
    peer: 'target',
    peer_value: TARGET_S,
    ratio: rounded(TARGET_S / value, 2),
    ready_s: rounded(readyS, 1),
    all_in_s: rounded(inS ?? value, 1),
    attempts: attempts - before.attempts,
    quick: options.quick,
  }
}

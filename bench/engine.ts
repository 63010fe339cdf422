import { PointLine } from '../alerts/index.ts'
import { type Bench, type BenchLine, type BenchOptions, median, rounded } from './bench.ts'
import { type Fleet, fleetOf, FROM_MS, STEP_MS } from './engine/fleet.ts'
import { hashed, type Judged, placedAt, wholeOf } from './engine/judged.ts'
import { type Lateness, type Stream, streamOf } from './engine/stream.ts'

/** Readings of each sensor: three and a half days. */
const STEPS = 1_000
const QUICK_STEPS = 30
const ROUNDS = 5
/** Late readings are judged again once for so many readings of all sensors. */
const BATCH = 1_000
const MS_PER_S = 1_000

/** The reading of docs/wire.md, with every field. */
const EXAMPLE = `{"at":${FROM_MS},"seq":70000,"sensor":"main","temperature":4.21,"humidity":45.2,"battery":88,"doorOpen":false,"mainsPower":true,"lat":31.5,"lon":120.3}`

const latenessOf: Readonly<Record<string, Lateness | undefined>> = {
  'in-order': undefined,
  'late-20': { oneIn: 5, byADayOneIn: 5 },
}

/** How fast readings become findings, beside reading the JSON they come in. */
export const engine: Bench = {
  what: 'readings to findings in one thread, beside JSON.parse of what they come in',
  cases: Object.keys(latenessOf),
  async *run(options) {
    const fleet = await fleetOf(options.quick ? QUICK_STEPS : STEPS)
    for (const name of options.cases) yield engineCase(name, fleet, options)
  },
}

function engineCase(name: string, fleet: Fleet, { quick, seed, tell }: BenchOptions): BenchLine {
  const steps = quick ? QUICK_STEPS : STEPS
  const stream = streamOf(steps, seed, latenessOf[name])
  const asOfMs = FROM_MS + steps * STEP_MS
  const count = stream.sensors.length
  const expected = wholeOf(fleet, stream, asOfMs)
  const own: number[] = []
  const peer: number[] = []
  for (let round = 0; round < (quick ? 1 : ROUNDS); round += 1) {
    peer.push(timed(() => parse(count)))
    own.push(
      timed(() => {
        const { hash } = judged(fleet, stream, asOfMs)
        if (hash !== expected.hash) throw new Error(`${name}: not the findings of all readings at once`)
      }),
    )
    tell(`${name}: round ${round + 1}`)
  }
  const rate = (seconds: readonly number[]): number => Math.round(count / median(seconds))
  return {
    bench: 'engine',
    case: name,
    value: rate(own),
    unit: 'readings/s',
    peer: 'json-parse',
    peer_value: rate(peer),
    ratio: rounded(median(peer) / median(own), 2),
    readings: count,
    findings: expected.count,
    json_bytes: EXAMPLE.length,
    quick,
  }
}

/** As they come, one after the other; what is late is judged again after each batch. */
function judged({ points, placed }: Fleet, { sensors, timesMs, milliC }: Stream, asOfMs: number): Judged {
  const lines = points.map((point) => new PointLine(point))
  for (let from = 0; from < sensors.length; from += BATCH) {
    const touched = new Set<PointLine>()
    for (let nth = from; nth < Math.min(from + BATCH, sensors.length); nth += 1) {
      const tMs = timesMs[nth] ?? 0
      const line = lines[placedAt(placed, sensors[nth] ?? 0, tMs) ?? -1]
      if (line === undefined) continue
      line.add(tMs, milliC[nth] ?? 0)
      touched.add(line)
    }
    for (const line of touched) line.judgeLate()
  }
  return hashed(lines.flatMap((line) => line.findings(asOfMs)))
}

function parse(count: number): void {
  let sum = 0
  for (let nth = 0; nth < count; nth += 1) {
    const reading = JSON.parse(EXAMPLE) as { readonly seq: number }
    sum += reading.seq
  }
  if (sum === 0) throw new Error('nothing was parsed')
}

/** Seconds that something takes. */
function timed(what: () => void): number {
  const startMs = performance.now()
  what()
  return (performance.now() - startMs) / MS_PER_S
}

import { findingsJson } from '../alerts/index.ts'
import { systemClock } from '../app/doors/clock.ts'
import { SeededRandom } from '../tests/support/seeded-random.ts'
import { type Bench, type BenchLine, type BenchOptions, median, rounded } from './bench.ts'
import { Weather } from './engine/stream.ts'
import { DEVICE, type JudgedStore, openJudgedStore, type Row } from './rejudge/judged-store.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const MS_PER_S = 1_000
/** Readings of a message: about as many as fit. */
const PER_MESSAGE = 500
/** Messages that ingest takes together, so that 5,000 readings come at once. */
const MESSAGES_AT_ONCE = 10
const ROUNDS = 3

/** A logger that comes home after 40 days, a reading a minute. */
const RETURN = { days: 40, intervalMs: MINUTE_MS }
/** In random order it may take this many times as long as in order. */
const RETURN_TIMES_MAX = 5
/** A year, a reading every five minutes. */
const YEAR = { days: 366, intervalMs: 5 * MINUTE_MS }
/** A correction a year back may take this long. */
const CORRECTION_S_MAX = 5

/** What judging again costs, through the real store, ingest and judge. */
export const rejudge: Bench = {
  what: 'judging again: 40 days handed in in random order, and a placement corrected a year back',
  cases: ['return-40d', 'correction'],
  async *run(options) {
    for (const name of options.cases)
      yield await (name === 'correction' ? correctionCase(options) : returnCase(options))
  },
}

async function returnCase(options: BenchOptions): Promise<BenchLine> {
  const random = new SeededRandom(options.seed)
  const rows = rowsOf(random, options.quick ? { ...RETURN, days: 2 } : RETURN)
  const shuffled = rows
    .map((row) => ({ row, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ row }) => row)
  const times: { inOrder: number[]; atRandom: number[] } = { inOrder: [], atRandom: [] }
  let found = 0
  for (let round = 0; round < (options.quick ? 1 : ROUNDS); round += 1) {
    const one = await handedIn(rows, RETURN.intervalMs)
    const other = await handedIn(shuffled, RETURN.intervalMs)
    if (one.found !== other.found) throw new Error('the order of the readings changes the findings')
    times.inOrder.push(one.seconds)
    times.atRandom.push(other.seconds)
    found = one.count
    options.tell(`return-40d: round ${round + 1}`)
  }
  const [value, peer] = [median(times.atRandom), median(times.inOrder)]
  return {
    bench: 'rejudge',
    case: 'return-40d',
    value: rounded(value, 2),
    unit: 's',
    peer: 'in-order',
    peer_value: rounded(peer, 2),
    ratio: rounded(peer / value, 2),
    times_max: RETURN_TIMES_MAX,
    readings: rows.length,
    findings: found,
    quick: options.quick,
  }
}

/** How long it takes until readings in this order are stored and judged. */
async function handedIn(rows: readonly Row[], intervalMs: number) {
  const firstMs = rows.reduce((least, { tMs }) => Math.min(least, tMs), Number.POSITIVE_INFINITY)
  const stage = await openJudgedStore({ fromMs: firstMs, intervalMs })
  const startMs = performance.now()
  await takeAll(stage, rows)
  const seconds = (performance.now() - startMs) / MS_PER_S
  // what is open grows with the time, and the two are not judged at the same instant
  const over = stage.findings.allFindings().filter(({ open }) => !open)
  await stage.close()
  return { seconds, found: findingsJson(over), count: over.length }
}

async function correctionCase({ quick, seed, tell }: BenchOptions): Promise<BenchLine> {
  const rows = rowsOf(new SeededRandom(seed), quick ? { ...YEAR, days: 10 } : YEAR)
  const firstMs = rows[0]?.tMs ?? 0
  const stage = await openJudgedStore({ fromMs: firstMs, intervalMs: YEAR.intervalMs })
  await takeAll(stage, rows)
  tell('correction: a year is stored and judged')
  const before = stage.findings.allFindings().length
  const startMs = performance.now()
  await stage.command('placement.correct', {
    device: DEVICE,
    sensor: 'main',
    atMs: firstMs + DAY_MS,
    point: 'other',
    reason: 'it stood there',
  })
  await stage.settled()
  const seconds = (performance.now() - startMs) / MS_PER_S
  const found = stage.findings.allFindings()
  await stage.close()
  if (found.length !== before || found.some(({ point }) => point !== 'other')) {
    throw new Error('the findings have not gone with the sensor')
  }
  return {
    bench: 'rejudge',
    case: 'correction',
    value: rounded(seconds, 2),
    unit: 's',
    peer: 'aim',
    peer_value: CORRECTION_S_MAX,
    ratio: rounded(CORRECTION_S_MAX / seconds, 2),
    readings: rows.length,
    findings: found.length,
    quick,
  }
}

async function takeAll(stage: JudgedStore, rows: readonly Row[]): Promise<void> {
  const atOnce = PER_MESSAGE * MESSAGES_AT_ONCE
  for (let from = 0; from < rows.length; from += atOnce) {
    const some = rows.slice(from, from + atOnce)
    const messages = Array.from({ length: Math.ceil(some.length / PER_MESSAGE) }, (_none, nth) =>
      some.slice(nth * PER_MESSAGE, (nth + 1) * PER_MESSAGE),
    )
    await stage.take(messages)
  }
}

/** Readings up to an hour ago. */
function rowsOf(
  random: SeededRandom,
  { days, intervalMs }: { readonly days: number; readonly intervalMs: number },
): readonly Row[] {
  const weather = new Weather(random)
  const endMs = systemClock.nowMs() - 60 * MINUTE_MS
  const count = Math.floor((days * DAY_MS) / intervalMs)
  return Array.from({ length: count }, (_none, seq) => {
    return { seq, tMs: endMs - (count - seq) * intervalMs, celsius: weather.at(seq) / 1_000 }
  })
}

import type { Socket } from 'node:net'
import { SeededRandom } from '../../tests/support/seeded-random.ts'
import type { LoadResult } from '../load/plan.ts'
import { runLoadProcess } from '../load/start.ts'
import { residentMiB } from '../processes.ts'
import { type IsothermServer, startIsotherm } from '../servers/isotherm.ts'
import { attacks, type Target } from './attacks.ts'

/** What a campaign is called with. */
export interface CampaignOptions {
  readonly seconds: number
  readonly seed: number
  readonly tell: (sentence: string) => void
}

/** What came of it; `failures` is empty when everything held. */
export interface CampaignResult {
  readonly attacks: number
  readonly byMode: Readonly<Record<string, number>>
  readonly hostileAcknowledged: number
  readonly good: LoadResult | undefined
  readonly idleMiB: number
  readonly mostMiB: number
  readonly limitMiB: number
  readonly held: number
  readonly failures: readonly string[]
}

/** Devices that behave, and devices whose secret an attacker has. */
const GOOD = 20
const MISUSED = 10
const GOOD_RATE = 200
/** Attacks under way at once, each with a device that only it misuses. */
const LANES = 8
/** Resident memory may grow to this (issue: 1.5 times idle and 256 MiB). */
const IDLE_SHARE = 1.5
const EXTRA_MIB = 256
/** An acknowledgement for a device that behaves. */
const GOOD_P99_MS_MAX = 2_000
const LOOK_MS = 100
const IDLE_MS = 1_000

/** Starts Isotherm, attacks it while well-behaved devices publish, and looks whether anything gave way. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const server = await startIsotherm(GOOD + MISUSED + LANES)
  try {
    return await attack(server, options)
  } finally {
    await server.remove()
  }
}

async function attack(
  server: IsothermServer,
  { seconds, seed, tell }: CampaignOptions,
): Promise<CampaignResult> {
  await pause(IDLE_MS)
  const idleMiB = residentMiB(server.pid).now
  const limitMiB = IDLE_SHARE * idleMiB + EXTRA_MIB
  tell(`attacks process ${server.pid} for ${seconds} s`)
  const good = runLoadProcess({
    host: '127.0.0.1',
    port: server.port,
    devices: server.devices.slice(0, GOOD),
    inFlight: 1_000,
    refill: 'rate',
    ratePerSecond: GOOD_RATE,
    warmUpMs: 200,
    measureMs: seconds * 1_000,
    firstSeq: 1_000_000_000_000,
    serverPid: server.pid,
  }).catch((thrown: unknown) => String(thrown))
  const hanging = new Set<Socket>()
  const shared = {
    mqttPort: server.port,
    httpPort: server.httpPort,
    devices: server.devices.slice(GOOD, GOOD + MISUSED),
    hanging,
  }
  const targets = server.devices.slice(GOOD + MISUSED).map((own) => ({ ...shared, own }))
  const failures = new Set<string>()
  const memory = { mostMiB: idleMiB }
  const watching = watch(server, limitMiB, memory, failures)
  const counts = await runLanes(targets, seed, seconds, failures, () => server.ended())
  const wellBehaved = await good
  clearInterval(watching)
  for (const socket of hanging) socket.destroy()
  tell(`${counts.attacks} attacks; ingest takes what is left`)
  if (typeof wellBehaved === 'string') failures.add(`a device that behaves was let down: ${wellBehaved}`)
  else if (wellBehaved.p99Ms > GOOD_P99_MS_MAX) {
    failures.add(`acknowledgements took ${wellBehaved.p99Ms} ms (p99); ${GOOD_P99_MS_MAX} is the most`)
  }
  const held = server.ended() ? 0 : await balance(server, counts.acknowledged, failures)
  return {
    attacks: counts.attacks,
    byMode: counts.byMode,
    hostileAcknowledged: counts.acknowledged,
    good: typeof wellBehaved === 'string' ? undefined : wellBehaved,
    idleMiB,
    mostMiB: memory.mostMiB,
    limitMiB,
    held,
    failures: [...failures],
  }
}

interface Counts {
  attacks: number
  acknowledged: number
  readonly byMode: Record<string, number>
}

/** The n-th attack is the same in every run of a seed; which ones are under way together is not. */
async function runLanes(
  targets: readonly Target[],
  seed: number,
  seconds: number,
  failures: Set<string>,
  ended: () => boolean,
): Promise<Counts> {
  const counts: Counts = { attacks: 0, acknowledged: 0, byMode: {} }
  const names = Object.keys(attacks)
  const endMs = performance.now() + seconds * 1_000
  const lane = async (target: Target): Promise<void> => {
    while (performance.now() < endMs && !ended()) {
      const nth = counts.attacks
      counts.attacks += 1
      const random = new SeededRandom(seed * 1_000_003 + nth)
      // every mode comes at the beginning, then as it falls
      const name = names[nth < names.length ? nth : random.below(names.length)] ?? ''
      counts.byMode[name] = (counts.byMode[name] ?? 0) + 1
      try {
        const outcome = await attacks[name]?.(target, random)
        counts.acknowledged += outcome?.acknowledged ?? 0
        if ((outcome?.unanswered ?? 0) > 0) {
          failures.add(`attack ${nth} (${name}) has ${outcome?.unanswered} messages that nobody acknowledged`)
        }
      } catch (thrown) {
        failures.add(
          `attack ${nth} (${name}) failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        )
      }
    }
  }
  await Promise.all(targets.map(lane))
  return counts
}

/** Looks at the process again and again: that it lives, and what it takes. */
function watch(
  server: IsothermServer,
  limitMiB: number,
  memory: { mostMiB: number },
  failures: Set<string>,
): NodeJS.Timeout {
  return setInterval(() => {
    if (server.ended()) {
      failures.add('the process ended')
      return
    }
    memory.mostMiB = Math.max(memory.mostMiB, residentMiB(server.pid).now)
    if (memory.mostMiB > limitMiB) failures.add(`memory rose above ${Math.round(limitMiB)} MiB`)
  }, LOOK_MS)
}

/** Everything acknowledged is in the journal, and the store has an account of every message and every reading. */
async function balance(server: IsothermServer, hostile: number, failures: Set<string>): Promise<number> {
  const tally = await server.settled()
  if (tally.journalled < hostile) failures.add(`${hostile} acknowledged, ${tally.journalled} journalled`)
  if (tally.journalled !== tally.decoded + tally.heldMessages)
    failures.add('journalled is not decoded + held')
  if (tally.readings !== tally.stored + tally.complement + tally.duplicate + tally.heldReadings) {
    failures.add('readings are not stored + complement + duplicate + held')
  }
  const health = await fetch(`http://127.0.0.1:${server.httpPort}/readyz`)
  if (health.status !== 200) failures.add(`/readyz answers ${health.status}`)
  return tally.heldMessages + tally.heldReadings
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

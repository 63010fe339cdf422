import { join } from 'node:path'
import { compare } from '../support/acked-load/ledger.ts'
import { AckedLoad, lastingPort } from '../support/acked-load/load.ts'
import { settledBalance, storedReadings } from '../support/acked-load/read-back.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { Stage } from '../support/stage.ts'
import { type Damage, damageStore } from './damage.ts'
import { KillPlans } from './kill-plan.ts'

/** What a crash run is told. */
export interface CrashOptions {
  readonly kills: number
  readonly seed: number
  /** Where the devices write what was acknowledged; in the data directory when absent, and removed with it. */
  readonly ackLog?: string | undefined
  /** Spoils the store before it is read, so that the run must fail. */
  readonly damage?: Damage | undefined
  /** Told about each kill. */
  readonly tell: (line: string) => void
}

/** What came of it. `kills` is how many there were, `startingKills` how many of them fell into a start. */
export interface CrashOutcome {
  readonly acked: number
  readonly stored: number
  readonly lost: number
  readonly phantom: number
  readonly kills: number
  readonly startingKills: number
  readonly messages: number
  readonly duplicates: number
  readonly held: number
  /** Stored readings by the counters of the devices; must be `stored`, which were read one by one. */
  readonly counted: number
  readonly balanced: boolean
  readonly seed: number
  readonly seconds: number
  readonly examples: readonly string[]
}

/** Acknowledged readings there are at least for each kill. */
export const ACKED_PER_KILL = 1_000
/** Of all devices together: a kill then finds some thousand readings more than the last one. */
const READINGS_PER_SECOND = 5_000
/** A start behind a kill has a journal to go through, and may have other programs beside it. */
const READY_MS_MAX = 60_000
const DAMAGED = 'crash-1'
const DEVICES = [DAMAGED, 'crash-2', 'crash-3', 'crash-4']
/** What ingest may take for what waits after the last kill. */
const SETTLE_MS_MAX = 120_000

/** Kills a real process under load from real MQTT clients, again and again; then compares what they know with it. */
export async function runCrash(options: CrashOptions): Promise<CrashOutcome> {
  const startMs = Date.now()
  const port = await lastingPort()
  const stage = new Stage({ ISOTHERM_MQTT_PORT: String(port) })
  let load: AckedLoad | undefined
  try {
    await stage.open()
    const devices: { id: string; secret: string }[] = []
    for (const id of DEVICES) devices.push({ id, secret: await stage.device(id) })
    const ackLog = options.ackLog ?? join(stage.folder.dataDir, 'acked.jsonl')
    const { seed } = options
    load = AckedLoad.start({ port, devices, ackLog, ratePerSecond: READINGS_PER_SECOND, seed })
    const startingKills = await killAgainAndAgain(stage, load, options)
    await load.untilAcked(options.kills * ACKED_PER_KILL, () => stage.running.output())
    const { sent, reconnects } = await load.drain(() => stage.running.output())
    options.tell(`${sent} readings sent, ${reconnects} connections opened again; reading back`)
    const balance = await settledBalance(stage, DEVICES, SETTLE_MS_MAX)
    if (options.damage !== undefined) {
      await stage.running.stop()
      damageStore(stage.folder.dataDir, DAMAGED, options.damage)
      await stage.restart()
    }
    const comparison = await compare(ackLog, storedReadings(stage, DEVICES, startMs))
    return {
      ...comparison,
      kills: options.kills,
      startingKills,
      messages: balance.messages.journalled,
      duplicates: balance.readings.duplicate,
      held: balance.messages.held + balance.readings.held,
      counted: balance.readings.stored,
      balanced: balance.balanced,
      seed,
      seconds: Math.round((Date.now() - startMs) / 100) / 10,
    }
  } finally {
    await load?.stop()
    await stage.close()
  }
}

/** True when nothing is missing, nothing is invented, the counts agree, and enough was tried. */
export function isSound(outcome: CrashOutcome): boolean {
  const { acked, stored, lost, phantom, held, counted, balanced, kills } = outcome
  const agrees = balanced && counted === stored && held === 0
  return lost === 0 && phantom === 0 && agrees && acked >= kills * ACKED_PER_KILL
}

/** Answers how many kills fell into a start. The process runs before and after. */
async function killAgainAndAgain(stage: Stage, load: AckedLoad, options: CrashOptions): Promise<number> {
  const { kills, seed, tell } = options
  await stage.running.stop()
  const before = performance.now()
  let launched = stage.launch()
  await stage.adopt(launched, READY_MS_MAX)
  const plans = new KillPlans(new SeededRandom(seed), performance.now() - before)
  let starting = 0
  for (let kill = 1; kill <= kills; kill += 1) {
    const { kind, delayMs } = plans.next()
    if (kind === 'starting') {
      starting += 1
    } else {
      await stage.adopt(launched, READY_MS_MAX)
      await load.untilAcked(kill * ACKED_PER_KILL, () => stage.running.output())
    }
    await new Promise((later) => setTimeout(later, delayMs))
    if (launched.process.exitCode !== null)
      throw new Error(`isotherm ended by itself with ${launched.process.exitCode}:\n${launched.output()}`)
    await launched.kill()
    launched = stage.launch()
    tell(`kill ${kill} of ${kills} (${kind}, ${delayMs} ms): ${load.counts.acked} readings acknowledged`)
  }
  await stage.adopt(launched, READY_MS_MAX)
  return starting
}

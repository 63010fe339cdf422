import { type HandInProgress, xicheng } from '../../devices-sim/index.ts'
import { type Clock, type Log, reasonOf } from '../../domain/index.ts'
import type { FactsView, QueryPort } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import type { CoreClient } from '../core-client.ts'
import { untilAborted } from '../doors/clock.ts'
import type { Terminal } from '../doors/terminal.ts'
import type { Passwords } from '../passwords.ts'
import { enterPastChecks } from './checks.ts'
import { type DemoFleet, startDemoFleet } from './fleet.ts'
import type { FleetPeriod } from './fleet-calls.ts'
import { furnish } from './furnish.ts'
import { missedIn } from './newest.ts'
import { takePastIncidents } from './past.ts'
import { DEMO_PASSWORD, DEMO_PERSON } from './people.ts'
import { DEMO_REASON, type DemoTimes, demoScript, episodesOf, SEED } from './script.ts'
import { playShowpiece } from './showpiece.ts'
import { keepTravelling } from './trips.ts'

/** What the demonstration runs on. */
export interface DemonstrationParts {
  readonly configuration: Configuration
  readonly client: CoreClient
  readonly view: FactsView
  readonly passwords: Pick<Passwords, 'hash'>
  readonly queries: QueryPort
  readonly mqttPort: number
  readonly terminal: Terminal
  readonly clock: Clock
  readonly log: Log
  readonly onStop: (name: string, stop: () => Promise<void> | void) => void
  /** Aborts when the process is to end. */
  readonly ending: AbortSignal
}

/** The demonstration up to "ready". */
export interface Demonstration {
  /** Call when everything is ready: what was missed is handed in, and the day goes on. */
  begin(): void
}

const DAY_MS = 86_400_000
/** What whoever watches can look out for, and do; each start plays it. */
const whatComes = [
  'In about a minute cold room B of the logistics depot gets too warm: the page shows and sounds it, three people are',
  'called. Acknowledge it on the page; the fans are repaired three minutes later, and some minutes after that the room is in',
  'range again. Each start shows it again.',
  '约一分钟后，物流中心冷藏库B温度偏高：页面显示并响铃，三人收到通知。请在页面上确认接警；三分钟后风机修复，再过几分钟恢复正常。每次启动都会重演。',
] as const
/** Devices remember a week. */
const MISSED_DAYS_MAX = 7
const SETTLED_LOOK_MS = 100
const PERCENT_STEP = 10

/**
 * Makes the city when it is not there, and starts its devices. At the first start they hand in what they have recorded
 * before, and it is waited for until that is stored.
 */
export async function startDemonstration(parts: DemonstrationParts): Promise<Demonstration> {
  const { client, view, passwords, queries, configuration, terminal, clock, ending } = parts
  const nowMs = clock.nowMs()
  const isFirst = view.organisation(xicheng.organisations[0]?.id ?? '') === undefined
  if (isFirst) terminal.tell('First start of the demonstration: making 锡城市 Xicheng ...')
  const times = await furnish({ commands: client, view, passwords, nowMs, days: configuration.demo_days })
  const missed = async (): Promise<FleetPeriod> => {
    const toMs = clock.nowMs()
    const fromMs = Math.max(times.historyFromMs, toMs - MISSED_DAYS_MAX * DAY_MS)
    return missedIn(queries, { fromMs, toMs })
  }
  const fleet = await startFleet(parts, times, missed)
  if (isFirst) {
    const handedIn = fleet
      .handIn({ fromMs: times.historyFromMs, toMs: clock.nowMs() })
      .then(() => ingested(client, clock))
    await Promise.race([handedIn, untilAborted(ending)])
  }
  return {
    begin: () => {
      terminal.print(
        `DEMO 演示: sign in as "${DEMO_PERSON}" with password "${DEMO_PASSWORD}" (everything is invented)`,
      )
      for (const line of whatComes) terminal.print(line)
      goOn(parts, times, fleet, missed).catch((thrown: unknown) => {
        if (!ending.aborted) parts.log.error({ reason: reasonOf(thrown) }, 'the demonstration does not go on')
      })
    },
  }
}

/** From "ready" on. */
async function goOn(
  parts: DemonstrationParts,
  times: DemoTimes,
  fleet: DemoFleet,
  missed: () => Promise<FleetPeriod>,
): Promise<void> {
  const { client, view, queries, clock, log, ending: signal } = parts
  await fleet.handIn(await missed())
  await fleet.live()
  const { historyFromMs } = times
  await Promise.all([
    keepTravelling({ commands: client, view, fleet, historyFromMs, clock, log, signal }),
    takePastIncidents({ commands: client, queries, view, clock, signal }),
    enterPastChecks({ commands: client, queries, times, signal }),
    playShowpiece({ fleet, view, clock, signal }),
  ])
}

async function startFleet(
  { client, configuration, mqttPort, terminal, clock, log, onStop }: DemonstrationParts,
  times: DemoTimes,
  missed: () => Promise<FleetPeriod>,
): Promise<DemoFleet> {
  const secrets = new Map<string, string>()
  for (const { id } of xicheng.devices) {
    const issued = await client.command('device.issue-secret', demoScript, { id, reason: DEMO_REASON })
    secrets.set(id, issued.secret)
  }
  const targets = [...xicheng.places, ...xicheng.devices].map(({ id }) => id)
  const fleet = await startDemoFleet({
    start: {
      secrets,
      mqtt: `mqtt://${configuration.mqtt_host}:${mqttPort}`,
      seed: SEED,
      episodes: new Map(targets.map((target) => [target, episodesOf(target, times)])),
      log: { level: configuration.log_level, levels: configuration.log_levels },
    },
    missed,
    onProgress: progressTeller(terminal),
    clock,
    log,
  })
  onStop('the fleet of the demonstration', () => fleet.stop())
  return fleet
}

/** Tells every tenth of what is handed in. */
function progressTeller(terminal: Terminal): (progress: HandInProgress) => void {
  let told = 0
  return ({ total, acknowledged }) => {
    const percent = total === 0 ? 100 : Math.floor((acknowledged * 100) / total / PERCENT_STEP) * PERCENT_STEP
    if (percent === told) return
    told = percent
    terminal.tell(`devices hand in what they recorded: ${percent} % of ${total} readings`)
  }
}

/** Resolves when everything that was acknowledged is stored. */
async function ingested(client: CoreClient, clock: Clock): Promise<void> {
  for (;;) {
    const { durableEnd, ingest } = await client.status()
    if (durableEnd !== null && ingest >= durableEnd) return
    await clock.sleep(SETTLED_LOOK_MS)
  }
}

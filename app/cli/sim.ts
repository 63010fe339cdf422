import { type Command, Option } from 'commander'
import {
  type Fleet,
  runLoad,
  type ScenarioName,
  scenarioNames,
  scenarioPlan,
  scenarios,
  startFleet,
} from '../../devices-sim/index.ts'
import { instantText, type Log, Problem } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { setExitCode, stopSignal, terminal } from '../doors/terminal.ts'
import { findSite } from './find.ts'
import { withCore } from './local-core.ts'
import { printList, printThing } from './print.ts'
import { type CommandOptions, runs, textOption } from './run.ts'
import { type Credentials, issueCredentials, readCredentials } from './sim-credentials.ts'

/** One process opens this many connections and no more: beyond, sockets run out before the server does. */
const DEVICES_MAX = 20_000
/** Zone of the days of simulated units whose site is not known. */
const ZONE_DEFAULT = 'Asia/Shanghai'
const LOOK_MS = 250

/** Adds `sim`. */
export function addSimulation(program: Command): void {
  const command = program
    .command('sim')
    .description('play a scenario on simulated devices that speak MQTT, or put a load on the server')
    .option('--list', 'list the scenarios')
    .addOption(
      new Option('--scenario <name>', 'what is played').choices([...scenarioNames]).default('normal'),
    )
    .option('--site <id>', 'demonstration site; its devices are made, or get a new secret')
    .option('--credentials <file>', 'devices in JSON lines {"device":..,"secret":..}, mode 0600')
    .option('--devices <n>', 'how many devices are made in --site', '1')
    .option('--interval <seconds>', 'how often they record', '10')
    .option('--after <seconds>', 'when the scenario begins', '20')
    .option('--lasts <seconds>', 'how long it lasts (default: as long as it usually does)')
    .option('--seconds <n>', 'end after that long (default: with Ctrl-C; of a load 30)')
    .option('--seed <n>', 'the same seed gives the same values at the same instants', '1')
    .addOption(new Option('--speed <speed>', 'time is never accelerated').choices(['real']).default('real'))
    .option('--rate <n>', 'load: readings a second of all devices together')
  runs(command, async (configuration, options) => {
    if (options['list'] === true) {
      list(options)
      return
    }
    const signal = stopSignal()
    if (textOption(options, 'rate') === undefined) await play(configuration, options, signal)
    else await load(configuration, options, signal)
  })
}

function list(options: CommandOptions): void {
  const items = scenarioNames.map((name) => {
    const { kind, lastsMs, what } = scenarios[name]
    return { name, kind, minutes: lastsMs / 60_000, what }
  })
  printList(items, ['name', 'kind', 'minutes', 'what'], options['json'] === true)
}

async function play(
  configuration: Configuration,
  options: CommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const scenario = scenarioNames.find((each) => each === options['scenario']) ?? 'normal'
  const intervalSeconds = whole(options, 'interval', 1, 86_400)
  const afterMs = whole(options, 'after', 0, 86_400) * 1000
  const seed = whole(options, 'seed', 0, 2 ** 32 - 1)
  const lastsMs = options['lasts'] === undefined ? undefined : whole(options, 'lasts', 1, 604_800) * 1000
  const seconds = options['seconds'] === undefined ? undefined : whole(options, 'seconds', 1, 604_800)
  const { devices, zone } = await devicesOf(
    configuration,
    options,
    `sim-${scenario}-`,
    intervalSeconds * 1000,
  )
  const fleet = startFleet({
    plan: scenarioPlan({ scenario, devices: devices.map(({ id }) => id), intervalSeconds, zone }),
    secrets: new Map(devices.map(({ id, secret }) => [id, secret])),
    mqtt: addressOf(configuration),
    clock: systemClock,
    seed,
    log: told,
  })
  const startMs = systemClock.monotonicMs()
  begin(fleet, scenario, devices, afterMs, lastsMs)
  fleet.live()
  while (!signal.aborted && fleet.counts().failed < devices.length) {
    const passedMs = systemClock.monotonicMs() - startMs
    if (seconds !== undefined && passedMs >= seconds * 1000) break
    await systemClock.sleep(LOOK_MS, signal)
  }
  await fleet.stop()
  const counts = fleet.counts()
  const took = Math.round(systemClock.monotonicMs() - startMs) / 1000
  printThing({ scenario, devices: devices.length, ...counts, seconds: took }, options['json'] === true)
  if (counts.failed > 0) setExitCode(1)
}

function begin(
  fleet: Fleet,
  scenario: ScenarioName,
  devices: readonly Credentials[],
  afterMs: number,
  lastsMs: number | undefined,
): void {
  const fromMs = systemClock.nowMs() + afterMs
  for (const { id } of devices) {
    fleet.trigger(id, scenario, fromMs, lastsMs === undefined ? undefined : fromMs + lastsMs)
  }
  terminal.tell(`${scenario} on ${devices.length} device(s) from ${instantText(fromMs)}; Ctrl-C ends.`)
}

async function load(
  configuration: Configuration,
  options: CommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const ratePerSecond = whole(options, 'rate', 1, 1_000_000)
  const seconds = options['seconds'] === undefined ? 30 : whole(options, 'seconds', 1, 604_800)
  const seed = whole(options, 'seed', 0, 2 ** 32 - 1)
  const count = whole(options, 'devices', 1, DEVICES_MAX)
  const intervalMs = Math.max(1_000, Math.round((count / ratePerSecond) * 1000))
  const { devices } = await devicesOf(configuration, options, 'load-', intervalMs)
  const result = await runLoad({
    devices,
    connect: addressOf(configuration),
    clock: systemClock,
    ratePerSecond,
    seconds,
    seed,
    signal,
    onProgress: ({ connected, sent, acked }) => {
      if (terminal.interactive) terminal.tell(`${connected} connected, ${sent} sent, ${acked} acknowledged`)
    },
  })
  terminal.print(JSON.stringify(result))
  if (result.acked < result.sent) setExitCode(1)
}

/** The devices to play, from the file or made in the site, and the zone of their days. */
async function devicesOf(
  configuration: Configuration,
  options: CommandOptions,
  prefix: string,
  intervalMs: number,
): Promise<{ readonly devices: readonly Credentials[]; readonly zone: string }> {
  const file = textOption(options, 'credentials')
  const site = textOption(options, 'site')
  if ((file === undefined) === (site === undefined)) {
    throw new Problem('bad-request', {
      what: 'Simulated devices come from --site or from --credentials, one of the two.',
      remedy: 'Give --site ID of a demonstration organisation, or --credentials FILE.',
    })
  }
  if (file !== undefined) return { devices: await readCredentials(file), zone: ZONE_DEFAULT }
  const count = whole(options, 'devices', 1, DEVICES_MAX)
  const ids = Array.from({ length: count }, (_, nth) => `${prefix}${nth + 1}`)
  return withCore(configuration, async (core) => {
    const { zone } = await findSite(core, site ?? '')
    return { devices: await issueCredentials(core, site ?? '', ids, intervalMs), zone }
  })
}

function addressOf({ mqtt_host, mqtt_port }: Configuration): string {
  return `mqtt://${mqtt_host}:${mqtt_port}`
}

function whole(options: CommandOptions, name: string, least: number, most: number): number {
  const text = textOption(options, name) ?? ''
  const value = Number(text)
  if (text !== '' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new Problem('bad-request', {
    what: `--${name} ${text} is no whole number from ${least} to ${most}.`,
    remedy: `Give a whole number, for example --${name} ${Math.max(least, 10)}.`,
  })
}

/** What devices have to say, as lines on standard error. */
const told: Log = {
  debug: () => undefined,
  info: (fields, message) => terminal.tell(lineOf(fields, message)),
  warn: (fields, message) => terminal.tell(lineOf(fields, message)),
  error: (fields, message) => terminal.tell(lineOf(fields, message)),
}

function lineOf(fields: Parameters<Log['info']>[0], message: string): string {
  const values = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)
  return `${message} (${values.join(', ')})`
}

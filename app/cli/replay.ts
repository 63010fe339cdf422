import { basename, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import {
  type LoggerFile,
  type LoggerFileOptions,
  type ReplayResult,
  readLoggerFile,
  replay,
  timeFormats,
} from '../../devices-sim/index.ts'
import { Problem } from '../../domain/index.ts'
import type { Balance } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { environment, workingDirectory } from '../doors/environment.ts'
import { readBytes } from '../doors/files.ts'
import { setExitCode, stopSignal, terminal } from '../doors/terminal.ts'
import { difference, settledBalance } from './balance.ts'
import { findDevice, findSite } from './find.ts'
import { type LocalCore, withCore } from './local-core.ts'
import { printThing } from './print.ts'
import { openProgressBar } from './progress.ts'
import { type CommandOptions, runs, textOption } from './run.ts'

/** Adds `replay`. */
export function addReplay(program: Command): void {
  const command = program
    .command('replay <file>')
    .description(
      'play a logger file (CSV, also gzipped) through MQTT with its own dates, as a simulated device',
    )
    .requiredOption('--device <id>', 'a simulated device')
    .option('--speed <n>', 'times real time, or max', 'max')
    .option(
      '--secret <secret>',
      'its secret; better in ISOTHERM_DEVICE_SECRET; a new one is issued when absent',
    )
    .option('--time-column <name>', 'column with the time')
    .option('--value-column <name>', 'column with the temperature')
    .option('--unit-column <name>', 'column with the unit')
    .option('--zone-column <name>', 'column with the time zone')
    .option('--humidity-column <name>', 'column with the humidity')
    .option('--sensor-column <name>', 'column that names the sensor')
    .option('--zone <zone>', 'IANA zone of times without one (default: the zone of the site)')
    .addOption(new Option('--unit <unit>', 'unit of the temperature').choices(['C', 'F']))
    .addOption(new Option('--time-format <format>', 'format of the time').choices([...timeFormats]))
  runs(command, async (configuration, options, file: string) => {
    const outcome = await withCore(configuration, (core) => play(core, configuration, options, file))
    printThing(outcome, options['json'] === true)
    if (outcome['accounted'] !== true) setExitCode(1)
  })
}

/** Acknowledged readings and what became of them; `accounted` when every one is found again. */
type Outcome = Readonly<Record<string, unknown>>

async function play(
  core: LocalCore,
  configuration: Configuration,
  options: CommandOptions,
  file: string,
): Promise<Outcome> {
  const id = textOption(options, 'device') ?? ''
  const speed = speedOf(options)
  if (!core.running) {
    throw new Problem('core-unavailable', {
      what: 'Isotherm is not running on this data directory.',
      remedy: 'Start it with `npm start` in another terminal, then replay again.',
    })
  }
  const device = await findDevice(core, id)
  if (device.kind !== 'simulated') {
    throw new Problem('demo-only', {
      what: `Device ${id} is real; replayed readings would stand among measured ones.`,
      remedy:
        'Create a simulated device in a demo organisation: isotherm device create ID --site SITE --simulated.',
    })
  }
  const { zone } = await findSite(core, device.site)
  const path = resolve(workingDirectory(), file)
  const bytes = await readBytes(path)
  const read = await readLoggerFile({
    bytes,
    fileName: basename(path),
    options: loggerOptions(options),
    defaultZone: zone,
  })
  tellPlan(read)
  // what was acknowledged earlier and is not ingested yet must not count as replayed
  const before = await settledBalance(core, id, systemClock)
  // from here on the device is changed: everything that can be refused has been by now
  const secret = await prepare(core, id, device.acceptFrom, read, options)
  const result = await send(configuration, read, id, secret, speed)
  const after = await settledBalance(core, id, systemClock)
  return outcomeOf(read, result, before, after)
}

/** The readings of the file are to be believed from its first date on; says so as an act. Answers the secret. */
async function prepare(
  core: LocalCore,
  id: string,
  acceptFrom: string,
  read: LoggerFile,
  options: CommandOptions,
): Promise<string> {
  const firstMs = read.rows.reduce((first, row) => Math.min(first, row.atMs), Number.POSITIVE_INFINITY)
  const reason = 'replay of a logger file'
  if (Number.isFinite(firstMs) && Date.parse(acceptFrom) !== firstMs) {
    await core.command('device.accept-from', { id, acceptFromMs: firstMs, reason })
  }
  const given = textOption(options, 'secret') ?? environment()['ISOTHERM_DEVICE_SECRET']
  if (given !== undefined) return given
  terminal.tell(`No secret was given: ${id} gets a new one for this replay, and its old one stops working.`)
  return (await core.command('device.issue-secret', { id, reason })).secret
}

async function send(
  configuration: Configuration,
  read: LoggerFile,
  device: string,
  secret: string,
  speed: number | 'max',
): Promise<ReplayResult> {
  const bar = openProgressBar(read.rows.length)
  try {
    return await replay({
      rows: read.rows,
      device,
      secret,
      connect: `mqtt://${configuration.mqtt_host}:${configuration.mqtt_port}`,
      speed,
      clock: systemClock,
      signal: stopSignal(),
      onProgress: (progress) => {
        bar.show(progress)
      },
    })
  } finally {
    bar.close()
  }
}

function speedOf(options: CommandOptions): number | 'max' {
  const text = textOption(options, 'speed') ?? 'max'
  if (text === 'max') return 'max'
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw new Problem('bad-request', {
    what: `--speed ${text} is not a number above 0.`,
    remedy: 'Give how many times as fast as real time, for example --speed 60, or max.',
  })
}

function loggerOptions(options: CommandOptions): LoggerFileOptions {
  return {
    timeColumn: textOption(options, 'timeColumn'),
    valueColumn: textOption(options, 'valueColumn'),
    unitColumn: textOption(options, 'unitColumn'),
    zoneColumn: textOption(options, 'zoneColumn'),
    humidityColumn: textOption(options, 'humidityColumn'),
    sensorColumn: textOption(options, 'sensorColumn'),
    zone: textOption(options, 'zone'),
    unit: options['unit'] === 'F' || options['unit'] === 'C' ? options['unit'] : undefined,
    timeFormat: timeFormats.find((each) => each === options['timeFormat']),
  }
}

function tellPlan({ rows, rejected, plan }: LoggerFile): void {
  const choices = {
    time: plan.timeColumn,
    format: plan.timeFormat,
    value: plan.valueColumn,
    unit: plan.unit,
    zone: plan.zone,
  }
  for (const [what, choice] of Object.entries(choices))
    terminal.tell(`${what.padEnd(7)} ${choice.value} (${choice.why})`)
  terminal.tell(`rows    ${rows.length} to send, ${rejected.length} not readable`)
  for (const each of rejected.slice(0, 5))
    terminal.tell(`        line ${each.line}: ${each.reason} ${each.field} ${each.cell}`)
}

function outcomeOf(read: LoggerFile, result: ReplayResult, before: Balance, after: Balance): Outcome {
  const { acknowledged, resent } = result
  const found = difference(before, after)
  const accountedFor = found.stored + found.duplicate + found.complement + found.held
  return {
    rows: read.rows.length,
    acknowledged,
    stored: found.stored,
    duplicate: found.duplicate,
    complement: found.complement,
    held: found.held,
    resent,
    seconds: Math.round(result.elapsedMs) / 1000,
    // a reading sent again after a lost connection may have been kept twice: once more than acknowledged, never less
    accounted: result.complete && accountedFor >= acknowledged && accountedFor <= acknowledged + resent,
  }
}

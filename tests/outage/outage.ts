import { influxdSkipReason } from '../support/influxd.ts'
import { runCommand, tellProgress } from '../support/command-line.ts'
import { type BacklogOutcome, isBacklogSound, runBacklog } from './backlog.ts'
import { type DiskOutcome, isDiskSound, runDiskOutage } from './disk-outage.ts'
import { type InfluxOutcome, isInfluxSound, runInfluxOutage } from './influx-outage.ts'

// `npm run outage`.

const HELP = `npm run outage -- [--seconds 20] [--rate 2000] [--alarms 10] [--rows 100000] [--seed 1]
                  [--only influx|disk|backlog]

Puts real MQTT clients on a real Isotherm and takes away what it does not need.
  influx    InfluxDB is stopped, killed, and left hanging while readings and alarms go on
  disk      the disk (one of its own, where this account may mount one) is filled into the reserve and to the last byte;
            each time Isotherm is killed and started on it
  backlog   readings of a long outage are stored without InfluxDB; alarms and memory are watched while it catches up
Nothing acknowledged may be lost, InfluxDB must have everything in the end, no alarm may be late because of it, and a
full disk must say so and be gone on from by itself.
The last line is {"outage":"influx,disk,backlog","lost":0,..}; the exit code is 0 only when all of that holds.

  --seconds N    how long each outage lasts
  --rate N       readings a second of the load
  --alarms N     alarms measured in each outage, and as many without one
  --rows N       readings of the backlog; a million is an hour of 280 a second, and takes some minutes
  --seed N       values and windows of the load
  --only PART    one of the three
`

/** Alarms of the backlog come within this long: it must not be over before they are raised. */
const BACKLOG_ALARMS_S = 4
const PARTS = ['influx', 'disk', 'backlog'] as const

await runCommand(
  HELP,
  {
    seconds: { least: 1, default: 20 },
    rate: { least: 100, default: 2_000 },
    alarms: { least: 1, default: 10 },
    rows: { least: 1_000, default: 100_000 },
    seed: { least: 0, default: 1 },
    only: { choices: PARTS },
  },
  async (options) => {
    const only = options.text('only')
    const parts = PARTS.filter((part) => only === undefined || part === only)
    const skipped = only === 'disk' ? undefined : influxdSkipReason()
    if (skipped !== undefined) throw new Error(`${skipped}; --only disk goes without it`)
    const [seconds, ratePerSecond] = [options.number('seconds'), options.number('rate')]
    const [alarms, seed, tell] = [options.number('alarms'), options.number('seed'), tellProgress]
    const common = { seconds, ratePerSecond, seed, tell }
    const influx = parts.includes('influx')
      ? await runInfluxOutage({ ...common, ends: ['stop', 'kill', 'hang'], alarms })
      : undefined
    const disk = parts.includes('disk') ? await runDiskOutage(common) : undefined
    const backlog = parts.includes('backlog')
      ? await runBacklog({ rows: options.number('rows'), alarms, seconds: BACKLOG_ALARMS_S, tell })
      : undefined
    const sum = (name: 'acked' | 'stored' | 'lost' | 'phantom'): number =>
      (influx?.[name] ?? 0) + (disk?.[name] ?? 0)
    const totals = { acked: sum('acked'), stored: sum('stored'), lost: sum('lost'), phantom: sum('phantom') }
    const lines = [influx && influxLine(influx), disk && diskLine(disk), backlog && backlogLine(backlog)]
    return {
      ok: lines.every((line) => line?.ok ?? true),
      line: Object.assign(
        { outage: parts.join(','), ...totals },
        ...lines.map((line) => line?.line),
      ) as object,
    }
  },
)

interface PartLine {
  readonly ok: boolean
  readonly line: object
}

function influxLine(outcome: InfluxOutcome): PartLine {
  const { influx, storedAll, behindMax, caughtUpSeconds, without, during, balanced, examples } = outcome
  const line = {
    influx,
    influx_expected: storedAll,
    influx_behind_max: behindMax,
    influx_caught_up_s: caughtUpSeconds,
    alarms: during.alarms,
    alarm_p50_ms: during.p50Ms,
    alarm_max_ms: during.maxMs,
    alarm_without_p50_ms: without.p50Ms,
    alarm_without_max_ms: without.maxMs,
    influx_balanced: balanced,
    influx_examples: examples,
  }
  return { ok: isInfluxSound(outcome), line }
}

function diskLine(outcome: DiskOutcome): PartLine {
  const { disk, ackedWhileFull, readyz, doctor, recoveredSeconds, ended, balanced, examples } = outcome
  const line = {
    disk,
    disk_acked_while_full: ackedWhileFull,
    disk_readyz: readyz,
    disk_doctor: doctor,
    disk_recovered_s: recoveredSeconds,
    disk_ended: ended,
    disk_balanced: balanced,
    disk_examples: examples,
  }
  return { ok: isDiskSound(outcome), line }
}

function backlogLine(outcome: BacklogOutcome): PartLine {
  const { rows, stored, influx, storedAll, seconds, residentMib, residentMaxMib, without, during } = outcome
  const line = {
    backlog: rows,
    backlog_stored: stored,
    backlog_influx: influx,
    backlog_influx_expected: storedAll,
    backlog_s: seconds,
    backlog_resident_mib: residentMib,
    backlog_resident_max_mib: residentMaxMib,
    backlog_alarm_p50_ms: during.p50Ms,
    backlog_alarm_max_ms: during.maxMs,
    backlog_alarm_without_p50_ms: without.p50Ms,
  }
  return { ok: isBacklogSound(outcome), line }
}

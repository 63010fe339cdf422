import { influxdSkipReason } from '../support/influxd.ts'
import { runCommand, tellProgress } from '../support/command-line.ts'
import { isDiskSound, runDiskOutage } from './disk-outage.ts'
import { isInfluxSound, runInfluxOutage } from './influx-outage.ts'

// `npm run outage`.

const HELP = `npm run outage -- [--seconds 20] [--rate 2000] [--alarms 10] [--seed 1] [--only influx|disk]

Puts real MQTT clients on a real Isotherm and takes away what it does not need: InfluxDB is stopped, killed, and left
hanging while readings and alarms go on; then, on a disk of its own where this account may mount one, the disk is filled
into the reserve and to the last byte. Nothing acknowledged may be lost, InfluxDB must have everything in the end, no
alarm may be late because of it, and a full disk must say so and be gone on from by itself.
The last line is {"outage":"influx,disk","lost":0,..}; the exit code is 0 only when all of that holds.

  --seconds N    how long each outage lasts
  --rate N       readings a second of the load
  --alarms N     alarms measured in each outage, and as many without one
  --seed N       values and windows of the load
  --only PART    one of the two
`

const PARTS = ['influx', 'disk'] as const

await runCommand(
  HELP,
  {
    seconds: { least: 1, default: 20 },
    rate: { least: 100, default: 2_000 },
    alarms: { least: 1, default: 10 },
    seed: { least: 0, default: 1 },
    only: { choices: PARTS },
  },
  async (options) => {
    const only = options.text('only')
    const parts = PARTS.filter((part) => only === undefined || part === only)
    const [seconds, ratePerSecond] = [options.number('seconds'), options.number('rate')]
    const told = { seconds, ratePerSecond, seed: options.number('seed'), tell: tellProgress }
    const skipped = parts.includes('influx') ? influxdSkipReason() : undefined
    if (skipped !== undefined) throw new Error(`${skipped}; --only disk goes without it`)
    const influx = parts.includes('influx')
      ? await runInfluxOutage({ ...told, ends: ['stop', 'kill', 'hang'], alarms: options.number('alarms') })
      : undefined
    const disk = parts.includes('disk') ? await runDiskOutage(told) : undefined
    const ok = (influx === undefined || isInfluxSound(influx)) && (disk === undefined || isDiskSound(disk))
    const sum = (name: 'acked' | 'stored' | 'lost' | 'phantom'): number =>
      (influx?.[name] ?? 0) + (disk?.[name] ?? 0)
    const totals = { acked: sum('acked'), stored: sum('stored'), lost: sum('lost'), phantom: sum('phantom') }
    return { ok, line: { outage: parts.join(','), ...totals, ...influxLine(influx), ...diskLine(disk) } }
  },
)

function influxLine(outcome: Awaited<ReturnType<typeof runInfluxOutage>> | undefined): object {
  if (outcome === undefined) return {}
  const { influx, storedAll, behindMax, caughtUpSeconds, without, during, balanced, examples } = outcome
  return {
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
}

function diskLine(outcome: Awaited<ReturnType<typeof runDiskOutage>> | undefined): object {
  if (outcome === undefined) return {}
  const { disk, ackedWhileFull, readyz, doctor, recoveredSeconds, ended, balanced, examples } = outcome
  return {
    disk,
    disk_acked_while_full: ackedWhileFull,
    disk_readyz: readyz,
    disk_doctor: doctor,
    disk_recovered_s: recoveredSeconds,
    disk_ended: ended,
    disk_balanced: balanced,
    disk_examples: examples,
  }
}

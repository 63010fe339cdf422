import type { Command } from 'commander'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { nodeDisk } from '../doors/disk.ts'
import { systemRandom } from '../doors/random.ts'
import { processIdentity, terminal } from '../doors/terminal.ts'
import { dataLayout } from '../layout.ts'
import { openCommandLogs } from '../logs.ts'
import { printThing } from './print.ts'
import { openStepProgress } from './progress.ts'
import { runs } from './run.ts'

/** Adds `rebuild`. */
export function addRebuild(program: Command): void {
  const command = program
    .command('rebuild')
    .description('make readings and findings anew from the journal and the facts; Isotherm must be stopped')
    .option('--influx', 'instead, have every reading written to InfluxDB again; Isotherm may run')
  runs(command, async (configuration, options) => {
    const json = options['json'] === true
    const { rebuildInflux, rebuildReadings } = await import('../rebuild/index.ts')
    if (options['influx'] === true) {
      const isRunning = await rebuildInflux(parts(configuration))
      printThing({ influx: 'from the first reading', begins: isRunning ? 'now' : 'at the next start' }, json)
      return
    }
    const bar = openStepProgress()
    try {
      const { records, differences, findingChanges, kept } = await rebuildReadings({
        ...parts(configuration),
        onProgress: (step, done, total) => {
          bar.show(step, done, total)
        },
      })
      bar.close()
      printThing({ rebuilt: configuration.data_dir, records, differences, findingChanges, kept }, json)
      if (kept !== null && !json) terminal.tell(`The readings of before are kept in ${kept}.`)
    } finally {
      bar.close()
    }
  })
}

function parts(configuration: Configuration) {
  const { pid, host } = processIdentity()
  const logs = openCommandLogs(configuration, 'rebuild')
  return {
    layout: dataLayout(configuration.data_dir),
    disk: nodeDisk(),
    clock: systemClock,
    random: systemRandom,
    log: logs.journal,
    logs,
    holder: { pid, host, startedAt: systemClock.nowMs() },
  }
}

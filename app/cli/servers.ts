import type { Command } from 'commander'
import { stopSignal, terminal } from '../doors/terminal.ts'
import { runApi } from '../roles/api.ts'
import { runCore } from '../roles/core.ts'
import { runGateway } from '../roles/gateway.ts'
import { runStart } from '../roles/start.ts'
import { runs } from './run.ts'

/** Adds `start` and the roles apart: `gateway`, `core`, `api`. Each runs until SIGINT or SIGTERM. */
export function addServers(program: Command): void {
  runs(program.command('start').description('run everything in one process'), (configuration) =>
    runStart({ configuration, terminal, stop: stopSignal() }),
  )
  runs(
    program
      .command('gateway')
      .description(
        'run MQTT, HTTP intake and journal only, beside `isotherm core` on the same data directory',
      ),
    (configuration) => runGateway({ configuration, terminal, stop: stopSignal() }),
  )
  runs(
    program
      .command('core')
      .description('run the only writer of the stores: ingest, facts, InfluxDB projection'),
    (configuration) => runCore({ configuration, terminal, stop: stopSignal() }),
  )
  runs(
    program
      .command('api')
      .description('run the HTTP API only, beside `isotherm core` on the same data directory'),
    (configuration) => runApi({ configuration, terminal, stop: stopSignal() }),
  )
}

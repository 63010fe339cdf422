import type { Command } from 'commander'
import { stopSignal, terminal } from '../doors/terminal.ts'
import { tellOpenFolder } from './open-folder.ts'
import { runs } from './run.ts'

// Each role is loaded only when it is run: the short commands should not wait for broker and web server to load.

/** Adds `start` and the roles apart: `gateway`, `core`, `api`. Each runs until SIGINT or SIGTERM. */
export function addServers(program: Command): void {
  runs(program.command('start').description('run everything in one process'), async (configuration) => {
    const { runStart } = await import('../roles/start.ts')
    await tellOpenFolder(configuration.data_dir)
    await runStart({ configuration, terminal, stop: stopSignal() })
  })
  runs(
    program
      .command('gateway')
      .description(
        'run MQTT, HTTP intake and journal only, beside `isotherm core` on the same data directory',
      ),
    async (configuration) => {
      const { runGateway } = await import('../roles/gateway.ts')
      await tellOpenFolder(configuration.data_dir)
      await runGateway({ configuration, terminal, stop: stopSignal() })
    },
  )
  runs(
    program
      .command('core')
      .description('run the only writer of the stores: ingest, facts, InfluxDB projection'),
    async (configuration) => {
      const { runCore } = await import('../roles/core.ts')
      await tellOpenFolder(configuration.data_dir)
      await runCore({ configuration, terminal, stop: stopSignal() })
    },
  )
  runs(
    program
      .command('api')
      .description('run the HTTP API only, beside `isotherm core` on the same data directory'),
    async (configuration) => {
      const { runApi } = await import('../roles/api.ts')
      await tellOpenFolder(configuration.data_dir)
      await runApi({ configuration, terminal, stop: stopSignal() })
    },
  )
}

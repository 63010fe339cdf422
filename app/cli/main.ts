import { Command, CommanderError } from 'commander'
import { commandWords, keepFilesPrivate, setExitCode } from '../doors/terminal.ts'
import { addAudit } from './audit.ts'
import { addBackup } from './backup.ts'
import { addConfig } from './config.ts'
import { addDevices } from './devices.ts'
import { addDoctor } from './doctor.ts'
import { addPlaces } from './facts.ts'
import { addFindings } from './findings.ts'
import { addHeld } from './held.ts'
import { addKeys, addUsers } from './people.ts'
import { addRebuild } from './rebuild.ts'
import { addReplay } from './replay.ts'
import { addReports } from './report.ts'
import { addRules } from './rules.ts'
import { report } from './run.ts'
import { addServers } from './servers.ts'
import { addSimulation } from './sim.ts'

// Entry of the `isotherm` command. Exit codes: 0 ok, 1 failed, 2 bad usage.

const program = new Command('isotherm')
  .description('Cold-chain telemetry: MQTT sensors to a durable journal, a canonical store and InfluxDB.')
  .option('--json', 'answer as JSON')
  .exitOverride()
  .showHelpAfterError('(--help shows how)')

keepFilesPrivate()

addServers(program)
addPlaces(program)
addDevices(program)
addUsers(program)
addKeys(program)
addAudit(program)
addHeld(program)
addFindings(program)
addRules(program)
addRebuild(program)
addReplay(program)
addSimulation(program)
addReports(program)
addBackup(program)
addConfig(program)
addDoctor(program)

try {
  await program.parseAsync([...commandWords()], { from: 'user' })
} catch (thrown) {
  // commander has already printed its own message
  if (thrown instanceof CommanderError) setExitCode(thrown.exitCode === 0 ? 0 : 2)
  else report(thrown, false)
}

import { Command, CommanderError } from 'commander'
import { commandWords, keepFilesPrivate, outliveReaders, setExitCode } from '../doors/terminal.ts'
import { addCommands } from './commands.ts'
import { report } from './run.ts'

// Entry of the `isotherm` command. Exit codes: 0 ok, 1 failed, 2 bad usage.

const program = new Command('isotherm')
  .description('Cold-chain telemetry: MQTT sensors to a durable journal, a canonical store and InfluxDB.')
  .option('--json', 'answer as JSON')
  .exitOverride()
  .showHelpAfterError('(--help shows how)')

keepFilesPrivate()
outliveReaders()

try {
  const words = commandWords()
  await addCommands(program, words)
  await program.parseAsync([...words], { from: 'user' })
} catch (thrown) {
  // commander has already printed its own message
  if (thrown instanceof CommanderError) setExitCode(thrown.exitCode === 0 ? 0 : 2)
  else report(thrown, false)
}

import { type Configuration, secretsOf } from './config/index.ts'
import { type Logs, openLogs } from './doors/log.ts'
import { scrubber } from './scrub.ts'

/** The logs of a role or thread, at the levels of the settings and without any of their secrets. */
export function openConfiguredLogs(configuration: Configuration, part: string): Logs {
  const { log_level: level, log_levels: levels } = configuration
  return openLogs({ part, level, levels, scrub: scrubber(secretsOf(configuration)) })
}

/** The same for a command of the command line: somebody reads its answer, and wants to know of trouble only. */
export function openCommandLogs(configuration: Configuration, part: string): Logs {
  const { log_level: level } = configuration
  return openConfiguredLogs({ ...configuration, log_level: level === 'info' ? 'warn' : level }, part)
}

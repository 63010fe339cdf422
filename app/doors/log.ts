import pino from 'pino'
import type { Log } from '../../domain/index.ts'

/** Levels a log line can have, most talkative first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
/** One log level. */
export type LogLevel = (typeof logLevels)[number]

/** JSON lines on standard error, one per event, each with the part that wrote it. Standard output stays for answers. */
export function openLog(level: LogLevel, part: string): Log {
  return pino(
    { level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
}

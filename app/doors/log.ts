import pino from 'pino'
import type { Log, LogFields } from '../../domain/index.ts'

/** Levels a log line can have, most talkative first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
/** One log level. */
export type LogLevel = (typeof logLevels)[number]

/** The folders that write lines; each can have a level of its own. A test holds this to the sources. */
export const logFolders = [
  'alerts',
  'api',
  'app',
  'devices-sim',
  'gateway',
  'ingest',
  'journal',
  'store',
] as const
/** One folder that writes lines. */
export type LogFolder = (typeof logFolders)[number]

/** A log for each folder. */
export type Logs = Readonly<Record<LogFolder, Log>>

/** How lines are written. */
export interface LogSettings {
  /** The role or thread that writes, as field `part`. */
  readonly part: string
  readonly level: LogLevel
  /** Levels of single folders, in place of `level`. */
  readonly levels?: Readonly<Partial<Record<LogFolder, LogLevel>>> | undefined
  /** Takes secrets out of a text. */
  readonly scrub: (text: string) => string
}

/** Where lines go. */
export interface LogDestination {
  write(line: string): void
}

/**
 * Fields that never are in a line, whatever their value: no source names one, and if one does some day, what it says
 * stays here.
 */
const secretFields = [
  'authorization',
  'body',
  'cookie',
  'key',
  'passphrase',
  'password',
  'payload',
  'secret',
  'session',
  'token',
]

/**
 * JSON lines on standard error, one per event, each with the part and the folder that wrote it; standard output stays
 * for answers. A level that is off costs a call that does nothing.
 */
export function openLogs(
  { part, level, levels = {}, scrub }: LogSettings,
  destination: LogDestination = pino.destination({ fd: 2, sync: true }),
): Logs {
  const root = pino(
    {
      level,
      base: { part },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretFields, censor: '(not shown)' },
      hooks: {
        // called for lines that are written only
        logMethod([fields, message], method) {
          method.call(this, scrubbed(fields as LogFields, scrub), scrub(String(message)))
        },
      },
    },
    destination,
  )
  const of = (folder: LogFolder): Log => root.child({ folder }, { level: levels[folder] ?? level })
  return {
    alerts: of('alerts'),
    api: of('api'),
    app: of('app'),
    'devices-sim': of('devices-sim'),
    gateway: of('gateway'),
    ingest: of('ingest'),
    journal: of('journal'),
    store: of('store'),
  }
}

function scrubbed(fields: LogFields, scrub: LogSettings['scrub']): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? scrub(value) : value]),
  )
}

import { type Clock, type Log, type Problem, type Random, READINGS_LOG } from '../domain/index.ts'
import type { Disk } from './disk.ts'
import { SPACE_RESERVE, type SpaceReserve } from './space.ts'

/** What a log is opened with. Everything below `random` has a default and exists for tests and small machines. */
export interface JournalOptions {
  /** Absolute path; created when missing. */
  readonly directory: string
  /** What records are named after in lines of the log; default `readings`. */
  readonly name?: string
  readonly log: Log
  readonly disk: Disk
  readonly clock: Clock
  /** For the salt of each segment, which must not be guessable by who writes records. */
  readonly random: Random
  /** A segment ends at the first multiple of 256 records after this many bytes. */
  readonly segmentBytesMax?: number
  readonly commitRecordsMax?: number
  readonly queueRecordsMax?: number
  readonly queueBytesMax?: number
  readonly spaceReserve?: SpaceReserve
  /** Called after each commit: how long its write and sync took. */
  readonly onSync?: (durationMs: number) => void
  /** Called once when a write or sync failed: the log then takes nothing until it is opened anew. */
  readonly onFailed?: (problem: Problem) => void
}

/** Options with every default filled in. */
export type JournalSettings = Required<JournalOptions>

const defaults = {
  name: READINGS_LOG,
  /** Small enough to scan within a second at a start, large enough that segments stay few. */
  segmentBytesMax: 64 * 1024 * 1024,
  /** One frame never keeps the first of its waiters long. */
  commitRecordsMax: 4096,
  /** Some seconds of a full gateway on a stalled disk... */
  queueRecordsMax: 65_536,
  /** ...in this much memory. */
  queueBytesMax: 64 * 1024 * 1024,
  spaceReserve: SPACE_RESERVE,
  onSync: () => undefined,
  onFailed: () => undefined,
} as const

/** The options with their defaults. */
export function settle(options: JournalOptions): JournalSettings {
  return { ...defaults, ...options }
}

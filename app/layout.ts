import { join } from 'node:path'

/** Where everything lies below the data directory. */
export interface DataLayout {
  readonly root: string
  /** Segments of the `readings` log. */
  readonly journal: string
  /** Segments of the `audit` log. */
  readonly audit: string
  /** Canonical readings, held rows, counters, cursors. */
  readonly readings: string
  /** Facts, audit rows, sessions. */
  readonly facts: string
  /** Unix socket on which the core answers the other roles and the command line of this machine. */
  readonly socket: string
  /** What the directory is for, in one word: `live` or `demo`; absent in one of before there was a demonstration. */
  readonly purpose: string
  /** Which format the directory is of, as JSON; absent in one of before formats were written down. */
  readonly format: string
  /** There while a restore is under way, or after one that did not come to its end. */
  readonly restoring: string
}

/** The layout of a data directory. */
export function dataLayout(root: string): DataLayout {
  return {
    root,
    journal: join(root, 'journal', 'readings'),
    audit: join(root, 'audit'),
    readings: join(root, 'readings.sqlite'),
    facts: join(root, 'facts.sqlite'),
    socket: join(root, 'core.sock'),
    purpose: join(root, 'purpose'),
    format: join(root, 'format.json'),
    restoring: join(root, 'restoring'),
  }
}

import type { DatabaseSync } from 'node:sqlite'
import { Problem } from '../../domain/index.ts'
import { differenceOfRuns, runTables } from './comparing-runs.ts'
import { influxCursors } from './port.ts'
import { connect, sqliteProblem } from './sqlite.ts'

/** Two files of canonical readings: the one that was in use, and the one that is being made in its place. */
export interface RebuiltPair {
  readonly before: string
  readonly after: string
}

/** How a table differs between two files, by rows; by used numbers and silences where those lie in runs. */
export interface TableDifference {
  readonly table: string
  /** Rows in both, with another content. */
  readonly changed: number
  /** Rows in the new file only. */
  readonly added: number
  /** Rows in the old file only. */
  readonly missing: number
}

/** What is made of the journal and the facts alone, with its key, beside `runTables`. Positions of consumers: not. */
const derived = {
  device: ['no'],
  series: ['no'],
  reading: ['series', 't', 'sub'],
  part: ['series', 't', 'sub', 'idx', 'item'],
  fault: ['series', 't'],
  ahead: ['series', 'at', 'seq'],
  held: ['idx', 'item'],
  device_state: ['device'],
  device_count: ['device'],
  last_message: ['device', 'kind'],
} as const

/** Every table, by what becomes of it in a rebuild; the rest of the cursors is made anew with what follows them. */
export const rebuiltTables = {
  derived: [...Object.keys(derived), ...runTables],
  carried: ['finding', 'finding_change', 'judged_point', 'heard_to'],
  positions: ['cursor', 'influx_held'],
} as const

/** Throws `store-damaged` when SQLite finds a file of readings damaged: all pages of it are looked at. */
export function requireSound(path: string): void {
  const database = connect(path, true)
  try {
    const found = database.prepare('pragma quick_check(1)').get()?.['quick_check']
    if (found !== 'ok') throw damaged(path, String(found))
  } catch (thrown) {
    throw sqliteProblem(thrown, path)
  } finally {
    database.close()
  }
}

/**
 * Takes the findings over, with every change of them, into a new file, and forgets with which facts each point was
 * judged: the judge then judges every point from its first reading and tells what differs, under numbers that go on.
 */
export function carryFindings(pair: RebuiltPair): void {
  withBoth(pair, false, (database) => {
    database.exec(`begin immediate;
      insert into main.finding select * from before.finding;
      insert into main.finding_change select * from before.finding_change;
      insert into main.judged_point (point, facts, watched) select point, '', watched from before.judged_point;
      insert or replace into main.heard_to select * from before.heard_to;
      commit`)
  })
}

/** Takes over how far InfluxDB is and what it refused: for a new file that holds the same rows. */
export function carryProjection(pair: RebuiltPair): void {
  withBoth(pair, false, (database) => {
    database.exec(`begin immediate;
      insert or replace into main.cursor select * from before.cursor
        where name in (${influxCursors.map((name) => `'${name}'`).join(', ')});
      insert or replace into main.influx_held select * from before.influx_held;
      commit`)
  })
}

/** Compares what two files made of the journal, row by row and column by column; only tables that differ. */
export function compareReadings(pair: RebuiltPair): readonly TableDifference[] {
  return withBoth(pair, true, (database) => {
    const rows = Object.entries(derived).map(([table, key]) => differenceOf(database, table, key))
    const runs = runTables.map((table) => ({ table, ...differenceOfRuns(database, table) }))
    return [...rows, ...runs].filter(({ changed, added, missing }) => changed + added + missing > 0)
  })
}

function differenceOf(database: DatabaseSync, table: string, key: readonly string[]): TableDifference {
  const columns = database
    .prepare('select name from pragma_table_info(?)')
    .all(table)
    .map((row) => String(row['name']))
  const same = (names: readonly string[], by: string) => names.map((name) => `n.${name} ${by} o.${name}`)
  const count = (sql: string): number => Number(database.prepare(sql).get()?.['n'])
  const on = same(key, '=').join(' and ')
  const only = (here: string, there: string): number =>
    count(`select count(*) as n from ${here}.${table} n
      where not exists (select 1 from ${there}.${table} o where ${on})`)
  return {
    table,
    changed: count(`select count(*) as n from main.${table} n join before.${table} o on ${on}
      where ${same(columns, 'is not').join(' or ')}`),
    added: only('main', 'before'),
    missing: only('before', 'main'),
  }
}

function withBoth<T>(
  { before, after }: RebuiltPair,
  readOnly: boolean,
  work: (database: DatabaseSync) => T,
): T {
  const database = connect(after, readOnly)
  try {
    database.prepare('attach ? as before').run(before)
    return work(database)
  } catch (thrown) {
    throw sqliteProblem(thrown, after)
  } finally {
    database.close()
  }
}

function damaged(path: string, reason: string): Problem {
  return new Problem('store-damaged', {
    what: `The readings in ${path} are damaged: ${reason}.`,
    remedy: 'Stop the service and run `isotherm rebuild`, or restore a backup.',
  })
}

import type { DatabaseSync } from 'node:sqlite'
import { Problem } from '../../domain/index.ts'
import { findingTables } from '../findings/schema.ts'
import { connect, sqliteProblem } from './sqlite.ts'

/**
 * The canonical readings, version by version: entry 0 makes version 1, and so on. An entry that has shipped
 * never changes; a new version is a new entry. Rows name devices and sensors by number: the key of a reading
 * and of a used `seq` is what the file is mostly made of.
 */
const migrations: readonly string[] = [
  `
  create table device (no integer primary key, id text not null unique) strict;
  create table series (
    no integer primary key,
    device integer not null references device,
    sensor text not null,
    first_received_ms integer not null,
    unique (device, sensor)
  ) strict;
  create table reading (
    series integer not null,
    t integer not null,
    sub integer not null,
    at integer,
    seq integer,
    received_ms integer not null,
    idx integer not null,
    item integer not null,
    marks integer not null,
    changed_idx integer not null,
    temperature_milli_c integer,
    humidity_milli_pct integer,
    battery_milli_pct integer,
    door_open integer,
    mains_power integer,
    lat_e7 integer,
    lon_e7 integer,
    payload_hash blob,
    primary key (series, t, sub)
  ) strict, without rowid;
  create index reading_changed on reading (changed_idx);
  create index reading_displaced on reading (series, at, seq) where at is null or at <> t;
  create table seq_use (
    device integer not null,
    boot integer not null,
    seq integer not null,
    at integer not null,
    primary key (device, boot, seq)
  ) strict, without rowid;
  create table held (
    idx integer not null,
    item integer not null,
    device integer not null references device,
    received_ms integer not null,
    reason text not null,
    detail text not null,
    excerpt text not null,
    unique (idx, item)
  ) strict;
  create index held_device on held (device, idx, item);
  create index held_reason on held (reason, idx, item);
  create table device_state (
    device integer primary key references device,
    previous_received_ms integer,
    last_seq integer,
    boot integer not null
  ) strict;
  create table device_count (
    device integer primary key references device,
    journalled integer not null default 0,
    decoded integer not null default 0,
    held_messages integer not null default 0,
    readings integer not null default 0,
    stored integer not null default 0,
    complement integer not null default 0,
    duplicate integer not null default 0,
    held_readings integer not null default 0
  ) strict;
  create table last_message (
    device integer not null references device,
    kind text not null,
    received_ms integer not null,
    json text not null,
    primary key (device, kind)
  ) strict;
  create table cursor (
    name text primary key,
    next integer not null check (next >= 0)
  ) strict, without rowid;
  create table influx_held (
    series integer not null,
    t integer not null,
    sub integer not null,
    reason text not null,
    since_ms integer not null,
    primary key (series, t, sub)
  ) strict, without rowid;
  `,
  // SHA-256 of the record before the cursor; null until the next commit, and for what does not follow a log
  `
  alter table cursor add column record_sha256 blob;
  `,
  findingTables,
  // how often a reading arrived again; what arrived again before this version was counted per device only
  `
  alter table reading add column repeats integer not null default 0;
  create index held_received on held (device, received_ms);
  create index finding_open on finding (start_ms, id) where open = 1;
  `,
  // instants at which a sensor told of a temperature and gave none; what was held before this version is not in it
  `
  create table fault (
    series integer not null,
    t integer not null,
    idx integer not null,
    primary key (series, t)
  ) strict, without rowid;
  create index fault_changed on fault (idx);
  `,
  // when a temperature of a sensor came last, and where long nothing came before one did; from this version on
  `
  alter table series add column contact_ms integer;
  create table silence (
    series integer not null,
    from_ms integer not null,
    to_ms integer not null,
    idx integer not null,
    primary key (series, from_ms)
  ) strict, without rowid;
  create index silence_changed on silence (idx);
  create table heard_to (only integer primary key check (only = 1), ms integer not null) strict;
  update finding set json = json_set(json, '$.kind', 'excursion');
  update finding_change set json = json_set(json, '$.kind', 'excursion');
  `,
  // numbered readings held because their time was ahead, by identity, with their values; from this version on. And from
  // when on a point is judged again until it is known what came
  `
  create table ahead (
    series integer not null,
    at integer not null,
    seq integer not null,
    idx integer not null,
    values_json text not null,
    primary key (series, at, seq)
  ) strict, without rowid;
  create index ahead_idx on ahead (idx);
  alter table judged_point add column early_ms integer;
  `,
  // which other deliveries a reading is made of than the one it is stored as, by what they told; from this version on.
  // And by which record it was decided that what is held is not what is true
  `
  create table part (
    series integer not null,
    t integer not null,
    sub integer not null,
    idx integer not null,
    item integer not null,
    received_ms integer not null,
    told_json text not null,
    primary key (series, t, sub, idx, item)
  ) strict, without rowid;
  alter table held add column decided_idx integer;
  drop index held_reason;
  create index held_reason on held (reason, idx, item, decided_idx);
  `,
  // numbers that follow each other, and silences that do, are one row (used-numbers.ts, silence-runs.ts); a row of
  // before is a run of one, in which these are null
  `
  alter table seq_use add column last_seq integer;
  alter table seq_use add column last_at integer;
  alter table seq_use add column packed blob;
  alter table silence add column longest_ms integer;
  alter table silence add column packed blob;
  `,
]

/** The `item` of a held row that stands for its whole message, so that (idx, item) can be a key. */
export const WHOLE_MESSAGE = -1

/** Brings the file up to the newest version, each step in a transaction of its own. Refuses a newer file. */
export function migrate(database: DatabaseSync, path: string): void {
  const version = versionOf(database)
  if (version > migrations.length) throw newer(version, path)
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue
    database.exec(`begin immediate; ${sql}; pragma user_version = ${index + 1}; commit`)
  }
}

/** Checks that a file can be read as it is. Throws `Problem('core-unavailable' | 'data-directory-version')`. */
export function requireCurrent(database: DatabaseSync, path: string): void {
  const version = versionOf(database)
  if (version > migrations.length) throw newer(version, path)
  if (version === migrations.length) return
  throw new Problem('core-unavailable', {
    what: `The readings in ${path} are of schema version ${version}, before ${migrations.length}.`,
    remedy: 'Start the core of this version; it brings the file up to date.',
  })
}

/** Memory for pages of a connection that reads, in KiB, unless more is asked for. */
const CACHE_KIB = 2_048

/**
 * A connection that can only read, of a file as this version has it; `cacheKib` is for who goes through rows of many
 * sensors again and again. Throws `Problem('core-unavailable')` when the core has not made or not brought up to date
 * the file yet, `Problem('data-directory-version')` for one of a newer Isotherm.
 */
export function openCurrent(path: string, cacheKib: number = CACHE_KIB): DatabaseSync {
  const database = connect(path, true)
  try {
    requireCurrent(database, path)
    database.exec(`pragma cache_size = -${cacheKib}`)
  } catch (thrown) {
    database.close()
    throw sqliteProblem(thrown, path)
  }
  return database
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.['user_version'])
}

function newer(version: number, path: string): Problem {
  return new Problem('data-directory-version', {
    what: `The readings in ${path} are of schema version ${version}; this Isotherm knows up to ${migrations.length}.`,
    remedy: 'Start the version of Isotherm that wrote this data directory, or a later one.',
  })
}

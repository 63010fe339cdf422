import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Facts, openFacts } from '../../store/index.ts'
import { TestClock } from '../store/facts/setup.ts'
import { keepsChecks } from './facts-checks.ts'
import { keepsRules } from './facts-rules.ts'
import { keepsClaims } from './facts-claims.ts'
import { keepsIncidents } from './facts-incidents.ts'
import { settlesMessages } from './facts-settling.ts'
import { keepsRecipients } from './facts-recipients.ts'
import { tellsActs } from './facts-audit.ts'
import { commandsOn, everything, keepsPlaces } from './facts-places.ts'
import { keepsFacts } from './facts-promises.ts'
import { createSqlite } from './facts-sqlite.ts'

keepsFacts('SQLite', createSqlite)
keepsPlaces('SQLite', createSqlite)
keepsChecks('SQLite', createSqlite)
keepsRules('SQLite', createSqlite)
keepsClaims('SQLite', createSqlite)
keepsIncidents('SQLite', createSqlite)
settlesMessages('SQLite', createSqlite)
keepsRecipients('SQLite', createSqlite)
tellsActs('SQLite', createSqlite)

describe('the SQLite file', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'isotherm-facts-'))
  })
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  const open = (): Promise<Facts> =>
    openFacts({ path: join(directory, 'facts.sqlite'), clock: new TestClock() })

  test('is in WAL mode, and every table is strict', async () => {
    const facts = await open()
    const raw = new DatabaseSync(join(directory, 'facts.sqlite'))
    expect(raw.prepare('pragma journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    const loose = raw
      .prepare("select name from pragma_table_list where schema = 'main' and type = 'table' and strict = 0")
      .all()
      .map((row) => String(row['name']))
    expect(loose.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'kysely_migration',
      'kysely_migration_lock',
      'sqlite_schema',
      'sqlite_sequence',
    ])
    raw.close()
    await facts.close()
  })

  test('of a later version is refused and left as it is', async () => {
    await (await open()).close()
    const raw = new DatabaseSync(join(directory, 'facts.sqlite'))
    raw.exec("insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')")
    await expect(open()).rejects.toMatchObject({
      code: 'data-directory-version',
      message: expect.stringContaining('9999-later') as string,
    })
    raw.exec("delete from kysely_migration where name = '9999-later'")
    raw.close()
    await (await open()).close()
  })

  test('of the version before checks and claimed times is opened, and nothing in it is changed', async () => {
    const first = await open()
    await everything(first)
    await first.close()
    const raw = new DatabaseSync(join(directory, 'facts.sqlite'))
    raw.exec(`drop view live_place_check; drop table place_check;
      drop view live_rule_proposal; drop table rule_proposal; alter table audit drop column claimed_at;
      alter table incident rename column cause to direction;
      alter table product drop column activation_joules_per_mol;
      alter table incident drop column label_milli_c; alter table incident drop column called_label_milli_c;
      delete from kysely_migration where name >= '0006'`)
    const before = raw.prepare('select * from audit order by seq').all()
    expect(before.length).toBeGreaterThan(30)
    const facts = await open()
    const after = raw.prepare('select * from audit order by seq').all()
    expect(after).toEqual(before.map((row) => ({ ...row, claimed_at: null })))
    await commandsOn(facts, new TestClock()).do('place.check', { place: 'box' })
    raw.close()
    await facts.close()
  })

  test('that is not a database is refused and left as it is', async () => {
    writeFileSync(
      join(directory, 'facts.sqlite'),
      'not a database, but long enough to be looked at '.repeat(20),
    )
    await expect(open()).rejects.toMatchObject({ code: 'store-damaged' })
  })

  test('in a directory that is not there is refused with its path', async () => {
    const path = join(directory, 'none', 'facts.sqlite')
    await expect(openFacts({ path, clock: new TestClock() })).rejects.toMatchObject({
      code: 'core-unavailable',
      message: expect.stringContaining(path) as string,
    })
  })

  test('is not changed by a migration that fails half way', async () => {
    const raw = new DatabaseSync(join(directory, 'facts.sqlite'))
    // in the way of the last table of the first migration
    raw.exec('create table refusal (x)')
    await expect(open()).rejects.toThrow('already exists')
    expect(raw.prepare("select name from sqlite_schema where type = 'table'").all()).toHaveLength(1)
    raw.exec('drop table refusal')
    raw.close()
    await (await open()).close()
  })
})

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Actor, Clock, Random } from '../../../domain/index.ts'
import { Problem } from '../../../domain/index.ts'
import type { CommandName, CommandPort, Commands, Facts } from '../../../store/index.ts'
import { createCommands, openFacts } from '../../../store/index.ts'

/** Where the test clock starts. */
export const START_MS = Date.UTC(2026, 10, 23, 2, 0, 0)
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  now = START_MS
  nowMs(): number {
    return this.now
  }
  monotonicMs(): number {
    return this.now - START_MS
  }
  async sleep(): Promise<void> {
    throw new Error('the facts never sleep')
  }
}

/** Bytes that are the same in every run and never repeat. */
export function countingRandom(): Random {
  let calls = 0
  return {
    bytes: (count) => {
      calls += 1
      return createHash('sha512').update(String(calls)).digest().subarray(0, count)
    },
  }
}

/** A well-formed stored hash; tests of the store need no real password. */
export const HASH = `scrypt$32768$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}`
export const OTHER_HASH = `scrypt$32768$8$1$${'t'.repeat(22)}$${'i'.repeat(43)}`

export const LI: Actor = { kind: 'user', id: 'u-li' }
/** A second person. */
export const OTHER: Actor = { kind: 'user', id: 'u-wang' }

/** Who carries out commands, whatever the facts are kept in. */
export type Doer = Pick<FactsHarness, 'do'>

/** An open facts database in a directory of its own, with the commands on it. */
export class FactsHarness {
  readonly directory = mkdtempSync(join(tmpdir(), 'isotherm-facts-'))
  readonly path = join(this.directory, 'facts.sqlite')
  readonly clock = new TestClock()
  readonly random = countingRandom()
  #facts: Facts | undefined
  #commands: CommandPort | undefined
  #raw: DatabaseSync | undefined

  static async open(): Promise<FactsHarness> {
    const harness = new FactsHarness()
    await harness.reopen()
    return harness
  }

  async reopen(): Promise<void> {
    await this.#facts?.close()
    this.#facts = await openFacts({ path: this.path, clock: this.clock })
    this.#commands = createCommands({ facts: this.#facts, clock: this.clock, random: this.random })
    this.#raw ??= new DatabaseSync(this.path)
  }

  get facts(): Facts {
    if (this.#facts === undefined) throw new Error('not open')
    return this.#facts
  }

  /** Past everything the store does: for looking, and for trying what must fail. */
  get raw(): DatabaseSync {
    if (this.#raw === undefined) throw new Error('not open')
    return this.#raw
  }

  do<N extends CommandName>(
    name: N,
    input: Commands[N]['input'],
    actor = LI,
  ): Promise<Commands[N]['output']> {
    if (this.#commands === undefined) throw new Error('not open')
    return this.#commands.command(name, actor, input)
  }

  /** The code a command is refused with; fails the test when it is carried out. */
  async refused<N extends CommandName>(name: N, input: Commands[N]['input']): Promise<string> {
    const before = this.#everything()
    const answer = await this.do(name, input).catch((thrown: unknown) => thrown)
    if (!(answer instanceof Problem)) throw new Error(`${name} was not refused: ${String(answer)}`)
    if (answer.message === '' || answer.remedy === '') throw new Error(`${name} was refused without words`)
    if (this.#everything() !== before) throw new Error(`${name} left something behind though it was refused`)
    return answer.code
  }

  count(table: string): number {
    return Number(this.raw.prepare(`select count(*) as n from "${table}"`).get()?.['n'])
  }

  rows(sql: string): Record<string, unknown>[] {
    return this.raw
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }))
  }

  #everything(): string {
    const tables = this.rows(
      "select name from sqlite_schema where type = 'table' and name not like 'kysely%'",
    )
    return JSON.stringify(tables.map(({ name }) => this.rows(`select * from "${String(name)}"`)))
  }

  /** A city: a real CDC with a clinic below it, and a demonstration beside them, each with a site. */
  async city(): Promise<void> {
    await this.do('organisation.create', {
      id: 'cdc',
      parent: null,
      kind: 'cdc',
      demo: false,
      name: '市疾控',
    })
    await this.do('organisation.create', {
      id: 'clinic',
      parent: 'cdc',
      kind: 'clinic',
      demo: false,
      name: '门诊',
    })
    await this.do('organisation.create', { id: 'show', parent: null, kind: 'cdc', demo: true, name: '演示' })
    const zone = 'Asia/Shanghai'
    await this.do('site.create', { id: 'depot', organisation: 'cdc', name: '冷库', zone })
    await this.do('site.create', { id: 'ward', organisation: 'clinic', name: '接种室', zone })
    await this.do('site.create', { id: 'stage', organisation: 'show', name: '演示点', zone })
  }

  async close(): Promise<void> {
    this.#raw?.close()
    await this.#facts?.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

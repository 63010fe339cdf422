import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { copyDatabases } from '../../store/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iso-copy-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)
const copies = () => ['a', 'b'].map((name) => ({ from: at(`${name}.sqlite`), to: at(`${name}.copy`) }))

/** Makes a database in the write-ahead mode with this many rows of a kilobyte. */
function make(path: string, rows: number): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec('pragma journal_mode = wal; create table row (no integer primary key, text text) strict')
  const insert = database.prepare('insert into row (text) values (?)')
  database.exec('begin')
  for (let row = 0; row < rows; row += 1) insert.run('x'.repeat(1_000))
  database.exec('commit')
  return database
}

function count(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return Number(database.prepare('select count(*) as n from row').get()?.['n'])
  } finally {
    database.close()
  }
}

/** Another thread that commits a row to `a`, then one to `b`, again and again, until it is stopped. */
const writer = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { DatabaseSync } = require('node:sqlite')
  const open = workerData.map((path) => new DatabaseSync(path, { timeout: 5000 }))
  const inserts = open.map((each) => each.prepare("insert into row (text) values (hex(randomblob(400)))"))
  let stopped = false
  parentPort.on('message', () => { stopped = true })
  let rounds = 0
  const round = () => {
    for (const insert of inserts) insert.run()
    if (++rounds === 20) parentPort.postMessage('going')
    if (!stopped) return void setImmediate(round)
    for (const each of open) each.close()
    parentPort.close()
  }
  round()
`

describe('copies of databases that are being written', () => {
  test('are of one instant, whatever is committed meanwhile', { timeout: 30_000 }, async () => {
    for (const { from } of copies()) make(from, 3_000).close()
    const thread = new Worker(writer, { eval: true, workerData: copies().map(({ from }) => from) })
    try {
      await once(thread, 'message')
      for (let turn = 0; turn < 10; turn += 1) {
        let instant = 0
        const onInstant = async (): Promise<void> => {
          instant = count(at('a.sqlite'))
        }
        await copyDatabases(copies(), { clock: systemClock, onInstant })
        const [a, b] = [count(at('a.copy')), count(at('b.copy'))]
        // the writer is between its two commits at most
        expect([0, 1]).toContain(a - b)
        expect(instant - a).toBeGreaterThanOrEqual(0)
        expect(count(at('a.sqlite'))).toBeGreaterThan(a)
        for (const { to } of copies()) rmSync(to)
      }
    } finally {
      thread.postMessage('stop')
      await once(thread, 'exit')
    }
  })

  test('are one file each, and tell how far they are', async () => {
    const open = make(at('a.sqlite'), 12_000)
    const told: number[] = []
    await copyDatabases(copies().slice(0, 1), {
      clock: systemClock,
      onProgress: (bytes, totalBytes) => void told.push(bytes / totalBytes),
    })
    open.close()
    expect(count(at('a.copy'))).toBe(12_000)
    expect(readdirSync(folder).filter((name) => name.startsWith('a.copy'))).toEqual(['a.copy'])
    expect(told.length).toBeGreaterThan(0)
    expect(told.toSorted((a, b) => a - b)).toEqual(told)
  })

  test('are refused where the source is damaged, missing or no database', async () => {
    make(at('a.sqlite'), 2_000).close()
    const bytes = readFileSync(at('a.sqlite'))
    bytes.fill(0xa5, 100 * 4_096, 101 * 4_096)
    writeFileSync(at('a.sqlite'), bytes)
    const copied = () => copyDatabases(copies().slice(0, 1), { clock: systemClock })
    await expect(copied()).rejects.toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining(at('a.sqlite')) as string,
    })
    rmSync(at('a.copy'))
    writeFileSync(at('a.sqlite'), 'this is no database, however long one looks at it'.repeat(100))
    await expect(copied()).rejects.toMatchObject({ code: 'store-damaged' })
    rmSync(at('a.sqlite'))
    await expect(copied()).rejects.toMatchObject({ code: 'core-unavailable' })
  })
})

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { DATA_FORMAT, requireFormat } from '../../app/format.ts'
import { dataLayout } from '../../app/layout.ts'
import { openStores } from '../../app/stores.ts'
import { encodeSegmentHeader } from '../../journal/format.ts'
import { IsothermFolder } from '../support/isotherm.ts'

let folder: IsothermFolder
beforeEach(() => {
  folder = new IsothermFolder()
})
afterEach(() => folder.remove())

const at = (name: string) => join(folder.dataDir, name)
/** Everything in the folder, with its bytes. */
const contents = () =>
  readdirSync(folder.dataDir).map((name) => [name, readFileSync(at(name)).toString('hex')] as const)
const problemOf = (layout = dataLayout(folder.dataDir)) =>
  requireFormat(layout).catch((thrown: unknown) => thrown)

/** Versions of what each format consists of. A released line never changes; a change of any is a new line. */
const formats = {
  1: { readings: 9, facts: '0011-labels-called-for', journal: 1 },
} as const

describe('the format of a data directory', () => {
  test('is written down by whoever first opens the stores, and is the one of its parts', async () => {
    const stores = await openStores(dataLayout(folder.dataDir), systemClock)
    await stores.close()
    const written = JSON.parse(readFileSync(at('format.json'), 'utf8')) as unknown
    expect(written).toEqual({
      format: DATA_FORMAT,
      product: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    })
    const read = (name: string, sql: string) => {
      const database = new DatabaseSync(at(name), { readOnly: true })
      const [value] = Object.values(database.prepare(sql).get() ?? {})
      database.close()
      return value
    }
    const header = Buffer.from(encodeSegmentHeader(0, new Uint8Array(8)))
    expect({
      readings: read('readings.sqlite', 'pragma user_version'),
      facts: read('facts.sqlite', 'select max(name) from kysely_migration'),
      journal: header.readUInt16BE(8),
    }).toEqual(formats[DATA_FORMAT])
    expect(await problemOf()).toBeUndefined()
  })

  test.for([['start'], ['gateway'], ['organisation', 'list']])(
    'of a newer release is refused by `%s` with 2, and nothing is changed',
    async (words) => {
      writeFileSync(at('format.json'), '{"format":7,"product":"9.1.0"}\n')
      writeFileSync(at('facts.sqlite'), 'of another time')
      const before = contents()
      const { code, out } = await folder.run([...words, '--json'], {
        ISOTHERM_MQTT_PORT: '0',
        ISOTHERM_HTTP_PORT: '0',
      })
      expect([code, JSON.parse(out)]).toMatchObject([
        2,
        {
          code: 'data-directory-version',
          what: expect.stringContaining(
            `${folder.dataDir} is of format 7, written by Isotherm 9.1.0`,
          ) as string,
          remedy: expect.stringContaining('Start Isotherm 9.1.0 or a later one') as string,
        },
      ])
      expect(contents()).toEqual(before)
    },
  )

  test.for([
    '',
    '{}',
    '{"format":0,"product":"0.1.0"}',
    '{"format":1.5,"product":"x"}',
    '{"format":1}',
    '[1]',
  ])('that reads %j is damaged, not old', async (text) => {
    writeFileSync(at('format.json'), text)
    expect(await problemOf()).toMatchObject({ code: 'configuration-invalid' })
  })

  test('a restore that was interrupted is told as such', async () => {
    writeFileSync(at('restoring'), '')
    expect(await problemOf()).toMatchObject({
      code: 'configuration-invalid',
      remedy: expect.stringContaining('isotherm restore') as string,
    })
  })

  test('facts of an older format are kept once, also when an attempt was interrupted', async () => {
    const layout = dataLayout(folder.dataDir)
    await (await openStores(layout, systemClock)).close()
    rmSync(layout.format)
    mkdirSync(at(`before-format-${DATA_FORMAT}`))
    writeFileSync(join(at(`before-format-${DATA_FORMAT}`), 'facts.sqlite.unfinished'), 'half of it')
    await (await openStores(layout, systemClock)).close()
    expect(readdirSync(at(`before-format-${DATA_FORMAT}`))).toEqual(['facts.sqlite'])
    const kept = readFileSync(join(at(`before-format-${DATA_FORMAT}`), 'facts.sqlite'))
    rmSync(layout.format)
    await (await openStores(layout, systemClock)).close()
    expect(readFileSync(join(at(`before-format-${DATA_FORMAT}`), 'facts.sqlite')).equals(kept)).toBe(true)
  })
})

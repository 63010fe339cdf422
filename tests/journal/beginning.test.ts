import { beforeEach, describe, expect, test } from 'vitest'
import {
  beginRows,
  decideBeginning,
  matchesBeginning,
  noteStates,
  oldestOf,
  oldests,
} from '../../journal/beginning.ts'
import { Catalogue } from '../../journal/catalogue.ts'
import { trimLog } from '../../journal/index.ts'
import { decodeTrimNote, encodeTrimNote, TRIM_NOTE_NAME, type TrimNote } from '../../journal/trim-note.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { appendAll, DIRECTORY, numbered, open } from './stage.ts'

const note: TrimNote = {
  firstKept: 512,
  lastRemoved: { firstIndex: 256, bytes: 12_345, sha256: 'ab'.repeat(32) },
  receivedUntilMs: Date.UTC(2021, 4, 1),
  trimmedAtMs: Date.UTC(2026, 10, 28),
  act: 17,
}

describe('the table', () => {
  test('has exactly one row for each begin that can be', () => {
    const impossible = [
      ['none', 'all before'],
      ['none', 'before'],
    ].map(String)
    for (const state of noteStates) {
      for (const oldest of oldests) {
        const matching = beginRows.filter((row) => matchesBeginning(row, state, oldest))
        expect([state, oldest, matching.length]).toEqual([
          state,
          oldest,
          impossible.includes(String([state, oldest])) ? 0 : 1,
        ])
      }
    }
    expect(() => decideBeginning('none', 'before')).toThrow('no row')
  })

  test('missing first segments without a note are told as missing, and with one that covers them are not', () => {
    expect(decideBeginning('none', 'behind').decision).toBe('go on, missing')
    expect(decideBeginning('good', 'at').decision).toBe('go on, trimmed')
    expect(decideBeginning('good', 'behind').decision).toBe('go on, missing')
    expect(decideBeginning('good', 'before').decision).toBe('go on')
    expect(decideBeginning('good', 'nothing').decision).toBe('report damage')
  })

  test.each([
    [[], 512, 'nothing'],
    [[0, 256], 512, 'all before'],
    [[256, 512], 512, 'before'],
    [[512, 768], 512, 'at'],
    [[768], 512, 'behind'],
    [[0], 0, 'at'],
    [[256], 0, 'behind'],
  ] as const)('segments at %j and a first record of %i: %s', async (firsts, firstKept, oldest) => {
    const catalogue = new Catalogue(new SimulatedDisk({ seed: 1 }), DIRECTORY)
    for (const first of firsts) catalogue.add(first)
    expect(oldestOf(catalogue, firstKept)).toBe(oldest)
  })
})

describe('the note', () => {
  test('says what was written', () => {
    expect(decodeTrimNote(encodeTrimNote(note))).toEqual({ state: 'good', note })
  })

  test('with any byte changed is bad or of another version, and never good', () => {
    const bytes = encodeTrimNote(note)
    for (let at = 0; at < bytes.length - 1; at += 1) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x01
      expect([at, decodeTrimNote(changed).state]).not.toEqual([at, 'good'])
    }
    for (const text of ['', '{}', 'null', '7', '[]'])
      expect(decodeTrimNote(Buffer.from(text)).state).toBe('bad')
  })

  test('of a newer version is said to be so', () => {
    expect(decodeTrimNote(Buffer.from('{"trimmed":2,"kept":5}')).state).toBe('unknown version')
  })
})

describe('opening', () => {
  let disk: SimulatedDisk
  beforeEach(async () => {
    disk = new SimulatedDisk({ seed: 3 })
    const journal = await open(disk, { segmentBytesMax: 1 })
    for (const prefix of ['r', 's', 't']) await appendAll(journal, numbered(prefix, 256))
    await journal.close()
    await trimLog(disk, DIRECTORY, { ...note, firstKept: 512 })
  })

  async function putNote(bytes: Uint8Array): Promise<void> {
    await disk.remove(`${DIRECTORY}/${TRIM_NOTE_NAME}`)
    const file = await disk.open(`${DIRECTORY}/${TRIM_NOTE_NAME}`, 'create')
    await file.write(bytes, 0)
    await file.close()
  }

  test('is refused where the note is damaged, of a newer version, or without its segments', async () => {
    await putNote(Buffer.from('half'))
    await expect(open(disk)).rejects.toMatchObject({
      code: 'journal-damaged',
      message: expect.stringContaining(`${DIRECTORY}/${TRIM_NOTE_NAME}`) as string,
    })
    await putNote(Buffer.from('{"trimmed":9}'))
    await expect(open(disk)).rejects.toMatchObject({ code: 'data-directory-version' })
    await putNote(encodeTrimNote({ ...note, firstKept: 1_024 }))
    await expect(open(disk)).rejects.toMatchObject({
      code: 'journal-damaged',
      message: expect.stringContaining('the newest is never removed') as string,
    })
    await putNote(encodeTrimNote(note))
    expect((await open(disk)).durableEnd).toBe(768)
  })
})

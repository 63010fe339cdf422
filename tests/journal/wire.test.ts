import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  type AuditEntry,
  decodeAuditRecord,
  decodeReadmission,
  decodeRecord,
  encodeAuditEntry,
  encodeReadmission,
  encodeRecord,
  type MessageRecord,
} from '../../domain/index.ts'
import { encodeFrame, encodeSegmentHeader, SEGMENT_HEADER_BYTES, seedOf } from '../../journal/format.ts'
import { decodeTrimNote, encodeTrimNote } from '../../journal/trim-note.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { bytesOf, open, putSegment, segmentBytes, take, textOf } from './stage.ts'

const page = readFileSync(new URL('../../docs/wire.md', import.meta.url), 'utf8')

const record: MessageRecord = {
  receivedAtMs: 1795401600123,
  deviceId: 'fridge-7',
  channel: 'mqtt',
  topic: 'isotherm/v1/fridge-7/readings',
  qos: 1,
  payload: bytesOf('{"temperature":4.21}'),
}
const salt = Uint8Array.from([0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7])

test('a record is encoded as docs/wire.md shows, and decoded from it', () => {
  expect(hex(encodeRecord(record))).toBe(hex(golden('record')))
  const decoded = decodeRecord(golden('record'))
  expect({ ...decoded, payload: textOf(decoded.payload) }).toEqual({
    ...record,
    payload: '{"temperature":4.21}',
  })
})

test('what becomes of an older record is encoded as docs/wire.md shows, and decoded from it', () => {
  const again = { index: 263, record }
  const decided = { ...again, decision: { item: 2, stands: 'held' } } as const
  expect(hex(encodeReadmission(again))).toBe(hex(golden('readmission')))
  expect(hex(encodeReadmission(decided))).toBe(hex(golden('decision')))
  const decodedAgain = decodeReadmission(golden('readmission'))
  expect([decodedAgain.index, decodedAgain.decision]).toEqual([263, undefined])
  const { index, decision, record: about } = decodeReadmission(golden('decision'))
  expect([index, decision, hex(encodeRecord(about))]).toEqual([263, decided.decision, hex(golden('record'))])
})

test.each([
  [0, 2, 'a newer format'],
  [10, 3, 'neither of the two'],
])('byte %d of a decision set to %d (%s) is damage', (place, value) => {
  const bytes = Uint8Array.from(golden('decision'))
  bytes[place] = value
  expect(() => decodeReadmission(bytes)).toThrow(expect.objectContaining({ code: 'journal-damaged' }))
  expect(() => decodeReadmission(bytes.subarray(0, 9))).toThrow(
    expect.objectContaining({ code: 'journal-damaged' }),
  )
})

test('an act is encoded as docs/wire.md shows, and decoded from it', () => {
  const stated = {
    validFrom: 1795401600123,
    validTo: null,
    recordedAt: 1795401600123,
    recordedBy: 'user:u-li',
    reason: '新冰箱',
    supersedes: null,
  }
  const device = { id: 'fridge-7', site: 'clinic', kind: 'real' }
  const terms = { state: 'active', acceptFrom: 1790217600123, expectedInterval: 300_000, label: null }
  const entry: AuditEntry = {
    seq: 12,
    version: 12,
    at: 1795401600123,
    claimedAt: null,
    actor: 'user:u-li',
    kind: 'device.create',
    subject: 'device:fridge-7',
    reason: '新冰箱',
    old: null,
    new: device,
    rows: [
      { table: 'device', row: { fact: 3, ...stated, ...device, ...terms } },
      { table: 'device_secret', row: { fact: 3, ...stated, device: 'fridge-7' } },
    ],
  }
  const block = /^```text audit\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
  const text = block.replaceAll(/\n */g, '')
  expect(encodeAuditEntry(entry).map(textOf)).toEqual([text])
  expect(decodeAuditRecord(bytesOf(text))).toEqual({ ...entry, rowsFrom: 0, rowsTotal: 2 })
})

test('an act with a claimed time is encoded as docs/wire.md shows, and decoded from it', () => {
  const claimedAt = 1795392300000
  const stated = {
    validFrom: claimedAt,
    validTo: null,
    recordedAt: 1795401600123,
    recordedBy: 'system:demo-script',
    reason: '演示',
    supersedes: null,
  }
  const check = { id: 'c1f4e8a90b7d2c635', place: 'fridge-7' }
  const entry: AuditEntry = {
    seq: 13,
    version: 13,
    at: 1795401600123,
    claimedAt,
    actor: 'system:demo-script',
    kind: 'place.check',
    subject: 'place:fridge-7',
    reason: '演示',
    old: null,
    new: { id: check.id },
    rows: [{ table: 'place_check', row: { fact: 1, ...stated, ...check } }],
  }
  const block = /^```text claimed\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
  const text = block.replaceAll(/\n */g, '')
  expect(encodeAuditEntry(entry).map(textOf)).toEqual([text])
  expect(decodeAuditRecord(bytesOf(text))).toEqual({ ...entry, rowsFrom: 0, rowsTotal: 1 })
})

test('a segment is encoded as docs/wire.md shows', () => {
  const header = encodeSegmentHeader(256, salt)
  const target = new Uint8Array(1000)
  const parts = [header]
  let end = SEGMENT_HEADER_BYTES
  for (const [index, texts] of [
    [256, ['first', 'second']],
    [258, ['third']],
    [259, []],
  ] as const) {
    const length = encodeFrame(target, seedOf(header), index, end, texts.map(bytesOf))
    parts.push(target.slice(0, length))
    end += length
  }
  expect(hex(Buffer.concat(parts))).toBe(hex(golden('segment')))
})

test('the golden segment is read and gone on from', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  const first = await open(disk)
  await Promise.all(Array.from({ length: 256 }, (_, at) => first.append(bytesOf(`${at}`))))
  await first.close()
  await putSegment(disk, 256, golden('segment'))

  const journal = await open(disk)
  expect(journal.durableEnd).toBe(259)
  expect(await journal.append(bytesOf('fourth'))).toBe(259)
  const entries = await take(journal, 254, 6)
  expect(entries.map(({ index, bytes }) => `${index} ${textOf(bytes)}`)).toEqual([
    '254 254',
    '255 255',
    '256 first',
    '257 second',
    '258 third',
    '259 fourth',
  ])
  const bytes = await segmentBytes(disk, 256)
  expect(hex(bytes).startsWith(hex(golden('segment')))).toBe(true)
})

/** The bytes of the block ```hex NAME of the page, without comments and spaces. */
function golden(name: string): Uint8Array {
  const block = new RegExp(`^\`\`\`hex ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? ''
  return Buffer.from(block.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, ''), 'hex')
}

test('the note of what was removed is written as docs/wire.md shows, and read from it', () => {
  const [, line = ''] = /```json trimmed\n([^\n]+\n)```/.exec(page) ?? []
  const found = decodeTrimNote(bytesOf(line))
  if (found.state !== 'good') throw new Error(`the note of the page is ${found.state}`)
  expect(textOf(encodeTrimNote(found.note))).toBe(line)
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

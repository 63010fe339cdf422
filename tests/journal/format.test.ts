import { expect, test } from 'vitest'
import { crc32c } from '../../journal/index.ts'
import {
  decodeFrameHeader,
  decodePayload,
  encodeFrame,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_BYTES_MAX,
  parseSegmentName,
  segmentName,
} from '../../journal/format.ts'
import { bytesOf, textOf } from './stage.ts'

const SEED = 12_345

function frame(texts: readonly string[]): Uint8Array {
  const target = new Uint8Array(1000)
  return target.slice(0, encodeFrame(target, SEED, 7, 64, texts.map(bytesOf)))
}

/** Decodes a frame after its bytes were changed and its checksums made to fit. */
function decodedAfter(change: (view: DataView) => void): readonly string[] | undefined {
  const bytes = frame(['one', 'two'])
  const view = new DataView(bytes.buffer)
  change(view)
  view.setUint32(28, crc32c(bytes.subarray(FRAME_HEADER_BYTES), SEED))
  view.setUint32(32, crc32c(bytes.subarray(0, 32), SEED))
  const header = decodeFrameHeader(bytes, SEED)
  return header && decodePayload(bytes.subarray(FRAME_HEADER_BYTES), header, SEED)?.map(textOf)
}

test('a frame is decoded to what it was made of, with the seed it was made with only', () => {
  expect(decodedAfter(() => undefined)).toEqual(['one', 'two'])
  expect(decodeFrameHeader(frame(['one']), SEED)).toMatchObject({
    payloadBytes: 5,
    firstIndex: 7,
    confirmedEnd: 64,
    count: 1,
  })
  expect(decodeFrameHeader(frame(['one']), SEED + 1)).toBeUndefined()
})

test.each([
  ['more records than there are', (view: DataView) => view.setUint32(24, 3)],
  ['fewer records than there are', (view: DataView) => view.setUint32(24, 1)],
  ['a record that reaches beyond the payload', (view: DataView) => view.setUint16(FRAME_HEADER_BYTES + 5, 4)],
  [
    'a record that ends before the payload does',
    (view: DataView) => view.setUint16(FRAME_HEADER_BYTES + 5, 2),
  ],
  ['more payload than any frame has', (view: DataView) => view.setUint32(4, FRAME_PAYLOAD_BYTES_MAX + 1)],
])('%s is refused, though the checksums hold', (_, change) => {
  expect(decodedAfter(change)).toBeUndefined()
})

test('a segment is named after its first record', () => {
  expect(segmentName(0)).toBe('00000000000000000000.seg')
  expect(segmentName(Number.MAX_SAFE_INTEGER)).toBe('00009007199254740991.seg')
  expect(parseSegmentName('00000000000000000256.seg')).toBe(256)
  for (const name of ['256.seg', '00000000000000000256.seg~', '000000000000000000256.seg', 'x.seg']) {
    expect(parseSegmentName(name)).toBeUndefined()
  }
})

import assert from 'node:assert'

// ZIP, APPNOTE.TXT 4.3: all numbers little-endian.
const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const END_BYTES = 22
const ENTRY_BYTES = 46
/** 1980-01-01 00:00:00, where the time of ZIP begins: day 1 of month 1, and nothing else. */
const BEGINNING = (1 << 21) | (1 << 16)

/**
 * A ZIP archive with the times of its files set to the beginning of ZIP time, so that the same content is the same
 * bytes whenever it is packed. The archive has no comment and is not split; its bytes are changed in place.
 */
export function withoutTimes(archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  const end = archive.length - END_BYTES
  assert(end >= 0 && view.getUint32(end, true) === END_OF_DIRECTORY, 'no ZIP archive without a comment')
  let entry = view.getUint32(end + 16, true)
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    assert(view.getUint32(entry, true) === DIRECTORY_ENTRY, 'no entry of a ZIP directory')
    view.setUint32(entry + 12, BEGINNING, true)
    const header = view.getUint32(entry + 42, true)
    assert(view.getUint32(header, true) === LOCAL_HEADER, 'no file of a ZIP archive')
    view.setUint32(header + 10, BEGINNING, true)
    const lengths = [28, 30, 32].map((offset) => view.getUint16(entry + offset, true))
    entry += ENTRY_BYTES + lengths.reduce((sum, length) => sum + length, 0)
  }
  return archive
}

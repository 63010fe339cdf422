import { join } from 'node:path'
import { crc32c } from './crc32c.ts'
import { closeQuietly } from './close.ts'
import type { Disk } from './disk.ts'
import { SEGMENT_ALIGNMENT } from './format.ts'

/** The file beside the segments that says what was removed of a log; see docs/wire.md. */
export const TRIM_NOTE_NAME = 'trimmed.json'
const UNFINISHED_NAME = `${TRIM_NOTE_NAME}.unfinished`
const NOTE_VERSION = 1
/** A note has some hundred bytes; whatever is longer is none. */
const NOTE_BYTES_MAX = 4_096

/** What was removed of a log on purpose: everything before `firstKept`. Times are epoch ms. */
export interface TrimNote {
  /** Index of the first record that was kept; a segment begins with it. */
  readonly firstKept: number
  /** The last segment removed, as it was: who has a copy can tell that it is the one. SHA-256 in hexadecimal. */
  readonly lastRemoved: { readonly firstIndex: number; readonly bytes: number; readonly sha256: string }
  /** No record that was removed was received later. */
  readonly receivedUntilMs: number
  readonly trimmedAtMs: number
  /** Number of the act that answers for it. */
  readonly act: number
}

/** The note as it was found; `bad`: it does not say what a note says. */
export type FoundNote =
  | { readonly state: 'none' | 'bad' | 'unknown version' }
  | { readonly state: 'good'; readonly note: TrimNote }

/** The bytes of a note: JSON, with a checksum of the note's own JSON. */
export function encodeTrimNote(note: TrimNote): Uint8Array {
  const { firstKept, lastRemoved, receivedUntilMs, trimmedAtMs, act } = note
  const { firstIndex, bytes, sha256 } = lastRemoved
  const told = {
    firstKept,
    lastRemoved: { firstIndex, bytes, sha256 },
    receivedUntilMs,
    trimmedAtMs,
    act,
  }
  return Buffer.from(`${JSON.stringify({ trimmed: NOTE_VERSION, crc32c: checksumOf(told), note: told })}\n`)
}

/** Reads the bytes of a note. */
export function decodeTrimNote(bytes: Uint8Array): FoundNote {
  const { trimmed, crc32c: checksum, note } = parsed(bytes)
  if (typeof trimmed === 'number' && trimmed > NOTE_VERSION) return { state: 'unknown version' }
  if (trimmed !== NOTE_VERSION || checksum !== checksumOf(note)) return { state: 'bad' }
  const found = note as TrimNote
  const isBegin = found.firstKept > 0 && found.firstKept % SEGMENT_ALIGNMENT === 0
  return isBegin ? { state: 'good', note: found } : { state: 'bad' }
}

/** Reads the note of a log, which is there. Rejects with the disk's error. */
export async function readTrimNote(disk: Disk, directory: string): Promise<FoundNote> {
  const file = await disk.open(join(directory, TRIM_NOTE_NAME), 'read')
  try {
    const bytes = new Uint8Array(NOTE_BYTES_MAX + 1)
    return decodeTrimNote(bytes.subarray(0, await file.read(bytes, 0)))
  } finally {
    await closeQuietly(file)
  }
}

/**
 * Puts a note in the place of the one before, synced: at every instant one of them is there whole. Its name is durable
 * only with the next sync of the directory, which is the caller's. Rejects with the disk's error.
 */
export async function writeTrimNote(disk: Disk, directory: string, note: TrimNote): Promise<void> {
  const unfinished = join(directory, UNFINISHED_NAME)
  if ((await disk.list(directory)).includes(UNFINISHED_NAME)) await disk.remove(unfinished)
  const file = await disk.open(unfinished, 'create')
  try {
    await file.write(encodeTrimNote(note), 0)
    await file.sync()
  } finally {
    await closeQuietly(file)
  }
  await disk.rename(unfinished, join(directory, TRIM_NOTE_NAME))
}

function checksumOf(note: unknown): number {
  return crc32c(Buffer.from(JSON.stringify(note) ?? ''))
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof found === 'object' && found !== null ? { ...found } : {}
  } catch {
    // Nothing is lost: what is no JSON is a bad note, and that is told.
    return {}
  }
}

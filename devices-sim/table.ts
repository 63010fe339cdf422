import { gunzipSync } from 'node:zlib'
import type { Options } from 'csv-parse/sync'
import { parse } from 'csv-parse/sync'
import { Problem, reasonOf } from '../domain/index.ts'

/** The largest logger file, as it lies and unzipped: a reading each 30 s for two years; rows are kept in memory. */
export const LOGGER_FILE_BYTES_MAX = 64 * 1024 * 1024
/** A record longer than this is a quotation mark that was never closed, not a reading. */
const RECORD_CHARACTERS_MAX = 65_536
/** So many records decide which delimiter it is. */
const DELIMITER_SAMPLE_RECORDS = 100
/** In order of preference where two fit equally: a comma may be the decimal sign, a tab is nothing else. */
const delimiters = ['\t', ';', ','] as const

/** A file as rows of trimmed text under its header. */
export interface Table {
  readonly delimiter: string
  readonly header: readonly string[]
  readonly records: readonly TableRecord[]
}
/** One record with the line of the file it ends on (from 1). */
export interface TableRecord {
  readonly line: number
  readonly cells: readonly string[]
}

/** The bytes of a file, whole or as they come. */
export type FileBytes = Uint8Array | AsyncIterable<Uint8Array>

/**
 * Reads a delimited text file: gzip (by its magic bytes), UTF-8 or UTF-16 with a byte order mark, comma, semicolon
 * or tab. Empty lines do not count. Throws `Problem('file-unreadable')` for damaged gzip and files over
 * `LOGGER_FILE_BYTES_MAX`, `Problem('file-not-understood')` for what is not such a table.
 */
export async function readTable(bytes: FileBytes, fileName: string): Promise<Table> {
  const text = decode(unzip(await collect(bytes, fileName), fileName), fileName)
  const delimiter = guessDelimiter(text)
  if (delimiter === undefined) {
    throw new Problem('file-not-understood', {
      what: `${fileName} has no header line of two or more columns separated by comma, semicolon or tab.`,
      remedy: 'Give a CSV file whose first line names its columns.',
    })
  }
  const all = parseRecords(text, delimiter, fileName)
  const [first, ...records] = all
  return { delimiter, header: first?.cells ?? [], records }
}

async function collect(bytes: FileBytes, fileName: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
    size += chunk.length
    if (size > LOGGER_FILE_BYTES_MAX) throw tooLarge(fileName)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function unzip(bytes: Uint8Array, fileName: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: LOGGER_FILE_BYTES_MAX })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(fileName, cause)
    throw new Problem('file-unreadable', {
      what: `${fileName} starts like gzip but does not unzip (${reasonOf(cause)}).`,
      remedy: 'Copy the file again; it is cut or damaged.',
      cause,
    })
  }
}

function tooLarge(fileName: string, cause?: unknown): Problem {
  return new Problem('file-unreadable', {
    what: `${fileName} holds more than ${LOGGER_FILE_BYTES_MAX} bytes (unzipped).`,
    remedy: 'Split the file, keeping the header line in each part.',
    cause,
  })
}

function decode(bytes: Uint8Array, fileName: string): string {
  const mark = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  const encoding = bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : mark
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Problem('file-not-understood', {
      what: `${fileName} is not text in ${encoding.toUpperCase()}.`,
      remedy: 'Export the file as CSV in UTF-8.',
      cause,
    })
  }
}

const options = {
  relax_column_count: true,
  skip_empty_lines: true,
  trim: true,
  max_record_size: RECORD_CHARACTERS_MAX,
} as const satisfies Options

function guessDelimiter(text: string): string | undefined {
  let best: { delimiter: string; fit: number; columns: number } | undefined
  for (const delimiter of delimiters) {
    const records = sample(text, delimiter)
    const columns = records[0]?.length ?? 0
    if (columns < 2) continue
    const fit = records.filter((cells) => cells.length === columns).length / records.length
    const better = best === undefined || fit > best.fit || (fit === best.fit && columns > best.columns)
    if (better) best = { delimiter, fit, columns }
  }
  return best?.delimiter
}

function sample(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { ...options, delimiter, to: DELIMITER_SAMPLE_RECORDS })
  } catch {
    // broken quotation under this delimiter: if it is the right one after all, parseRecords says so with the line
    return parse(text, { ...options, delimiter, to: 1, quote: null })
  }
}

function parseRecords(text: string, delimiter: string, fileName: string): TableRecord[] {
  const records: TableRecord[] = []
  try {
    parse(text, {
      ...options,
      delimiter,
      on_record: (cells: string[], context) => {
        records.push({ line: context.lines, cells })
        return null
      },
    })
  } catch (cause) {
    throw new Problem('file-not-understood', {
      what: `${fileName} is not a well-formed CSV file: ${reasonOf(cause)}.`,
      remedy: 'Correct the quotation marks on that line, or export the file again.',
      cause,
    })
  }
  return records
}

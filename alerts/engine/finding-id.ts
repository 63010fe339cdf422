import { createHash } from 'node:crypto'

/** Enough that two of a billion findings share an id once in about forty installations. */
const ID_HEX_DIGITS = 16

/**
 * The id of a finding: the first 16 hex digits of the SHA-256 of five lines, each ended by a line feed:
 * `isotherm finding 1`, `point <id>`, `rule <id>`, `version <number>`, `start <epoch ms>`.
 */
export function findingId(point: string, rule: string, packVersion: number, startMs: number): string {
  const text = `isotherm finding 1\npoint ${point}\nrule ${rule}\nversion ${packVersion}\nstart ${startMs}\n`
  return createHash('sha256').update(text).digest('hex').slice(0, ID_HEX_DIGITS)
}

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Answer = Readonly<Record<string, unknown>>

/** What a release answered about the data directory it left, by question. */
export interface SeenBefore {
  readonly readings: Answer
  readonly readingsB: Answer
  readonly held: Answer
  readonly findings: Answer
  readonly incidents: Answer
  readonly acts: Answer
  readonly balance: Answer
  readonly stock: Answer
}

const archive = join(import.meta.dirname, 'directories', 'before-format-1.tar.gz')

/**
 * Lays a data directory that the release before formats left into an empty folder: one logger at two points, 46
 * records, an excursion that is over, one that is open and called for, one that was taken. Answers what that release
 * saw in it.
 */
export function layEarlierDirectory(dataDir: string): SeenBefore {
  const unpacked = mkdtempSync(join(tmpdir(), 'iso-earlier-'))
  try {
    execFileSync('tar', ['-xzf', archive, '-C', unpacked])
    cpSync(join(unpacked, 'data'), dataDir, { recursive: true })
    return JSON.parse(readFileSync(join(unpacked, 'seen.json'), 'utf8')) as SeenBefore
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
}

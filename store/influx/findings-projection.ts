import type { Finding, Log } from '../../domain/index.ts'
import type { FindingReads, RecordedFindingChange } from '../findings/port.ts'
import { type BesideProjection, takeAway, writePoints } from './beside.ts'
import { findingPoints, type FindingWords, pointKey, withdrawnPoints } from './finding-points.ts'
import type { InfluxPoint } from './point.ts'
import type { InfluxWriter, Stopped } from './writer.ts'

/** Changes of one write; each has two points, and some that take earlier ones back. */
const CHANGES_PER_STEP = 200
const measurements = ['excursion', 'condition'] as const

/** What the projection of findings works with. */
export interface FindingsProjection {
  readonly findings: Pick<FindingReads, 'changesAfter' | 'lastChange' | 'versionsBefore'>
  /** Cursor `influx-findings`: the number of the last change that is written. */
  readonly cursor: () => number
  /** Durably; with `was`, only while the cursor is still that. */
  readonly saveCursor: (no: number, was?: number) => Promise<void>
  readonly words: (finding: Finding) => FindingWords
  readonly writer: InfluxWriter
  readonly log: Log
}

/**
 * Follows the changes of findings. A point that a later version of a finding no longer has is overwritten with state
 * `withdrawn`, because not every InfluxDB can delete.
 */
export function projectFindings(parts: FindingsProjection): BesideProjection {
  const { findings, cursor, saveCursor } = parts
  return {
    step: async (signal) => {
      // of findings that were made anew from nothing the numbers begin anew
      if (cursor() > findings.lastChange()) await saveCursor(0)
      const from = cursor()
      const changes = findings.changesAfter(from, CHANGES_PER_STEP)
      const last = changes.at(-1)
      if (last === undefined) return 'done'
      const stopped = from === 0 ? await clear(parts, signal) : undefined
      if (stopped !== undefined) return stopped
      const unwritten = await writePoints(parts, pointsOfChanges(parts, changes), signal)
      if (unwritten !== undefined) return unwritten
      await saveCursor(last.no, from)
      return changes.length < CHANGES_PER_STEP ? 'done' : 'more'
    },
    rewind: () => saveCursor(0),
  }
}

/** Takes away what an earlier life of the findings left. */
async function clear(parts: FindingsProjection, signal: AbortSignal): Promise<Stopped | undefined> {
  for (const measurement of measurements) {
    const stopped = await takeAway(parts, { measurement }, signal)
    if (stopped !== undefined) return stopped
  }
  return undefined
}

/** The points of changes as they stand after all of them, each point once. */
function pointsOfChanges(
  parts: FindingsProjection,
  changes: readonly RecordedFindingChange[],
): readonly InfluxPoint[] {
  const points = new Map<string, InfluxPoint>()
  const put = (made: readonly InfluxPoint[]): void => {
    for (const point of made) points.set(pointKey(point), point)
  }
  for (const { no, kind, finding, replaces } of changes) {
    const before = parts.findings.versionsBefore(finding.id, no)
    const gone = [...before, ...replaces.flatMap((id) => parts.findings.versionsBefore(id, no))]
    for (const version of gone) put(withdrawnPoints(version, parts.words(version)))
    const words = parts.words(finding)
    if (kind === 'withdrawn') put(withdrawnPoints(finding, words))
    else {
      const wasOver = before.some(({ endMs }) => endMs !== null)
      put(findingPoints(finding, words, wasOver))
    }
  }
  return [...points.values()]
}

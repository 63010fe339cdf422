import { causeOf, type Finding } from '../../domain/index.ts'
import { differingFields, type FindingField, inCanonicalOrder } from './order.ts'

/**
 * What became of findings between two judgements. `replaces`: findings of the same rule at the same point that
 * covered the same time under another id (moved, split or merged); acts made on them are shown on `finding` too.
 */
export interface FindingChanges {
  readonly opened: readonly Finding[]
  readonly changed: readonly FindingChange[]
  /** Was open, is over. */
  readonly closed: readonly FindingChange[]
  readonly replaced: readonly FindingReplacement[]
  /** No longer found, and nothing stands in their place. */
  readonly withdrawn: readonly Finding[]
}

/** One finding before and after, and the fields that differ. */
export interface FindingChange {
  readonly before: Finding
  readonly finding: Finding
  readonly fields: readonly FindingField[]
}

/** A finding and the ids of those it stands for. */
export interface FindingReplacement {
  readonly finding: Finding
  readonly replaces: readonly string[]
}

/** Compares two judgements of the same points. Each finding of either side is in one list at most. */
export function changes(before: readonly Finding[], after: readonly Finding[]): FindingChanges {
  const was = new Map(before.map((finding) => [finding.id, finding]))
  const is = new Map(after.map((finding) => [finding.id, finding]))
  const earlier = inCanonicalOrder(before)
  const spans = new Spans(earlier)
  const moved = inCanonicalOrder(after).map((finding) => ({ finding, replaces: spans.replacedBy(finding) }))
  const replaced = moved.filter(({ replaces }) => replaces.length > 0)
  const gone = new Set(replaced.flatMap(({ replaces }) => replaces))
  const rest = moved.filter(({ replaces }) => replaces.length === 0).map(({ finding }) => finding)
  const kept = rest.flatMap((finding): FindingChange[] => {
    const standing = was.get(finding.id)
    const fields = standing === undefined ? [] : differingFields(standing, finding)
    return standing === undefined || fields.length === 0 ? [] : [{ before: standing, finding, fields }]
  })
  return {
    opened: rest.filter(({ id }) => !was.has(id)),
    changed: kept.filter((change) => !isClosing(change)),
    closed: kept.filter(isClosing),
    replaced,
    withdrawn: earlier.filter(({ id }) => !is.has(id) && !gone.has(id)),
  }
}

function isClosing({ before, finding }: FindingChange): boolean {
  return before.open && !finding.open
}

/** Findings of one rule at one point by their start, each with the latest end up to it. */
interface Line {
  readonly findings: Finding[]
  readonly latestEndMs: number[]
}

/** Earlier findings, so arranged that a year of them is searched and not walked through for each later one. */
class Spans {
  readonly #lines = new Map<string, Line>()

  constructor(earlier: readonly Finding[]) {
    for (const finding of earlier.toSorted((a, b) => a.startMs - b.startMs)) {
      const key = lineOf(finding)
      const line = this.#lines.get(key) ?? { findings: [], latestEndMs: [] }
      line.findings.push(finding)
      line.latestEndMs.push(Math.max(endOf(finding), line.latestEndMs.at(-1) ?? Number.NEGATIVE_INFINITY))
      this.#lines.set(key, line)
    }
  }

  /** Ids of those under another id that covered some of the same time for the same rule, earliest first. */
  replacedBy(finding: Finding): string[] {
    const { findings, latestEndMs } = this.#lines.get(lineOf(finding)) ?? { findings: [], latestEndMs: [] }
    const ids: string[] = []
    for (let at = countBefore(findings, endOf(finding)) - 1; at >= 0; at -= 1) {
      const other = findings[at]
      if (other === undefined || (latestEndMs[at] ?? 0) <= finding.startMs) break
      if (other.id !== finding.id && finding.startMs < endOf(other)) ids.push(other.id)
    }
    return ids.toReversed()
  }
}

function lineOf(finding: Finding): string {
  return `${finding.point}\n${finding.rule}\n${causeOf(finding)}`
}

/** How many of the findings, sorted by start, start before the instant. */
function countBefore(findings: readonly Finding[], instantMs: number): number {
  let low = 0
  let high = findings.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((findings[middle]?.startMs ?? Number.POSITIVE_INFINITY) < instantMs) low = middle + 1
    else high = middle
  }
  return low
}

function endOf(finding: Finding): number {
  return finding.endMs ?? Number.POSITIVE_INFINITY
}

import { causeOf, type Finding } from '../../domain/index.ts'
import { differingFields, type FindingField, inCanonicalOrder } from './order.ts'

/**
 * What became of findings between two judgements. `replaces`: findings of the same rule at the same point that
 * covered the same time under another id (moved, split or merged), and do so no more; acts made on them are shown on
 * `finding` too. Findings of sums over a rolling window may overlap: two that still do are not each other's.
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
  const spans = new Spans(earlier, is)
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

/**
 * Earlier findings that no longer cover all they did, so arranged that a year of them is searched and not walked
 * through for each later one. Nothing stands in the place of the others.
 */
class Spans {
  readonly #lines = new Map<string, Line>()
  readonly #after: ReadonlyMap<string, Finding>

  constructor(earlier: readonly Finding[], after: ReadonlyMap<string, Finding>) {
    this.#after = after
    const less = earlier.filter((finding) => !covers(after.get(finding.id), finding))
    for (const finding of less.toSorted((a, b) => a.startMs - b.startMs)) {
      const key = lineOf(finding)
      const line = this.#lines.get(key) ?? { findings: [], latestEndMs: [] }
      line.findings.push(finding)
      line.latestEndMs.push(Math.max(endOf(finding), line.latestEndMs.at(-1) ?? Number.NEGATIVE_INFINITY))
      this.#lines.set(key, line)
    }
  }

  /** Ids of those under another id that covered some of its time for the same rule and do not now, earliest first. */
  replacedBy(finding: Finding): string[] {
    const { findings, latestEndMs } = this.#lines.get(lineOf(finding)) ?? { findings: [], latestEndMs: [] }
    const ids: string[] = []
    for (let at = countBefore(findings, endOf(finding)) - 1; at >= 0; at -= 1) {
      const other = findings[at]
      if (other === undefined || (latestEndMs[at] ?? 0) <= finding.startMs) break
      const now = this.#after.get(other.id)
      const isAnother = other.id !== finding.id && finding.startMs < coveredToMs(other, now)
      if (isAnother && !overlaps(now, finding)) ids.push(other.id)
    }
    return ids.toReversed()
  }
}

function lineOf(finding: Finding): string {
  return `${finding.point}\n${finding.rule}\n${causeOf(finding)}`
}

/** Whether one covers all of the time of another. */
function covers(one: Finding | undefined, other: Finding): boolean {
  return one !== undefined && one.startMs <= other.startMs && endOf(other) <= endOf(one)
}

function overlaps(one: Finding | undefined, other: Finding): boolean {
  return one !== undefined && one.startMs < endOf(other) && other.startMs < endOf(one)
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

/** Up to when one covered time before. What was open and is over went on for as long as was known, and no further. */
function coveredToMs(before: Finding, now: Finding | undefined): number {
  const isOver = before.open && now?.open === false
  // the instant up to which it was judged belongs to it; of a sum it is only known that it went on for so long at least
  return isOver ? before.startMs + before.worstCaseMs + 1 : endOf(before)
}

function endOf(finding: Finding): number {
  return finding.endMs ?? Number.POSITIVE_INFINITY
}

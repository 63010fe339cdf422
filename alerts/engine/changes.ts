import type { Finding } from '../../domain/index.ts'
import { differingFields, inCanonicalOrder } from './order.ts'

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
  readonly fields: readonly (keyof Finding)[]
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
  const moved = inCanonicalOrder(after).map((finding) => ({
    finding,
    replaces: earlier.filter((other) => stoodFor(other, finding)).map(({ id }) => id),
  }))
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

/** True when an earlier finding under another id covered some of the same time for the same rule. */
function stoodFor(earlier: Finding, finding: Finding): boolean {
  return (
    earlier.id !== finding.id &&
    earlier.point === finding.point &&
    earlier.rule === finding.rule &&
    earlier.direction === finding.direction &&
    earlier.startMs < endOf(finding) &&
    finding.startMs < endOf(earlier)
  )
}

function endOf(finding: Finding): number {
  return finding.endMs ?? Number.POSITIVE_INFINITY
}

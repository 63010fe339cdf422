import { changes, type FindingField, findingsJson } from '../../../alerts/index.ts'
import type { Finding } from '../../../domain/index.ts'
import type { JudgedFinding, NewFindingChange, PointOutcome } from '../../../store/index.ts'

/** What grows while a finding is open; by itself it is nothing that anybody must be told. */
const growing: ReadonlySet<FindingField> = new Set([
  'observedMs',
  'worstCaseMs',
  'readings',
  'intervals',
  'longestMs',
])

/** What is to be written when the findings of a point become others. */
export interface Difference {
  readonly removed: readonly string[]
  readonly put: readonly JudgedFinding[]
  readonly changes: readonly NewFindingChange[]
}

/** Compares the findings of a point before and after. A finding that only grew is written, but is no change. */
export function differenceOf(
  before: readonly Finding[],
  after: readonly Finding[],
  asOfMs: (finding: Finding) => number,
): Difference {
  const what = changes(before, after)
  const kept = new Set(after.map(({ id }) => id))
  const standing = new Map(before.map((finding) => [finding.id, findingsJson([finding])]))
  const told = what.changed.filter(({ fields }) => fields.some((field) => !growing.has(field)))
  return {
    removed: before.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
    put: after
      .filter((finding) => standing.get(finding.id) !== findingsJson([finding]))
      .map((finding) => ({ finding, asOfMs: asOfMs(finding) })),
    changes: [
      ...what.withdrawn.map((finding) => changeOf('withdrawn', finding)),
      ...what.replaced.map(({ finding, replaces }) => changeOf('replaced', finding, replaces)),
      ...what.opened.map((finding) => changeOf('opened', finding)),
      ...told.map(({ finding }) => changeOf('changed', finding)),
      ...what.closed.map(({ finding }) => changeOf('closed', finding)),
    ],
  }
}

/** False when everything stands as it was kept. */
export function hasContent({ judged, removed, put, changes: told }: PointOutcome): boolean {
  return judged !== undefined || removed.length > 0 || put.length > 0 || told.length > 0
}

function changeOf(
  kind: NewFindingChange['kind'],
  finding: Finding,
  replaces: readonly string[] = [],
): NewFindingChange {
  return { kind, finding, replaces }
}

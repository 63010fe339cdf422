import type { Cadence, Condition, Excursion, Finding, Silence } from '../../domain/index.ts'

/** A field that findings of some kind have. */
export type FindingField = keyof Excursion | keyof Condition | keyof Silence | keyof Cadence

/** The fields of a finding in the order of the canonical JSON; one that its kind does not have is left out. */
const fields = [
  'id',
  'kind',
  'point',
  'place',
  'rule',
  'packVersion',
  'level',
  'direction',
  'state',
  'open',
  'startMs',
  'alarmMs',
  'endMs',
  'endReason',
  'peakMilliC',
  'peakMs',
  'labelProduct',
  'labelMilliC',
  'observedMs',
  'worstCaseMs',
  'bridged',
  'readings',
  'confirmedBySingleReading',
  'intervals',
  'longestMs',
] as const satisfies readonly FindingField[]

/** By start, then point, then rule, then version: no two findings share all four. Texts compare by code unit. */
export function inCanonicalOrder(found: readonly Finding[]): readonly Finding[] {
  return found.toSorted(
    (a, b) =>
      a.startMs - b.startMs ||
      compareText(a.point, b.point) ||
      compareText(a.rule, b.rule) ||
      a.packVersion - b.packVersion,
  )
}

/** One text per list of findings, whatever the order of the list and of the fields: for comparison and hashing. */
export function findingsJson(found: readonly Finding[]): string {
  return JSON.stringify(inCanonicalOrder(found), [...fields])
}

/** Names of the fields in which two findings differ. */
export function differingFields(a: Finding, b: Finding): readonly FindingField[] {
  return fields.filter((field) => Reflect.get(a, field) !== Reflect.get(b, field))
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

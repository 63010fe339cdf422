import type { Finding, FindingKind, MeasuredQuantity } from '../../domain/index.ts'
import type { PageInput } from '../contract.ts'
import type { SensorPeriod } from '../readings/port.ts'

/** A finding as it stands, and the instant its open end was judged at, epoch ms. */
export interface JudgedFinding {
  readonly finding: Finding
  readonly asOfMs: number
}

/** What became of a finding. `replaced`: it stands for others, which `replaces` names. */
export type FindingChangeKind = 'opened' | 'changed' | 'closed' | 'replaced' | 'withdrawn'

/** One step in the life of a finding, as consumers follow it. */
export interface NewFindingChange {
  readonly kind: FindingChangeKind
  /** As it is after the change; of a withdrawn one, as it was before. */
  readonly finding: Finding
  readonly replaces: readonly string[]
}

/** A recorded change. */
export interface RecordedFindingChange extends NewFindingChange {
  /** Ascending; what a consumer keeps as its cursor. */
  readonly no: number
  /** Version of the facts it was judged with. */
  readonly factVersion: number
  readonly recordedAtMs: number
}

/** What is kept of the judgement of a point, so that it can go on after a restart. */
export interface JudgedPoint {
  readonly point: string
  /** The facts it was judged with, as JSON; what differs from those of now is judged again. */
  readonly factsJson: string
  /** True while time alone may change its findings: a run is open. */
  readonly watched: boolean
  /** From here on (epoch ms) it is judged again until it is known what came; null: nowhere. */
  readonly earlyMs: number | null
}

/** The outcome of judging one point, written in one transaction. */
export interface PointOutcome {
  /** Left out when it stands as it was kept. */
  readonly judged?: JudgedPoint
  /** Ids of findings that are no more. */
  readonly removed: readonly string[]
  /** Findings that are new or differ. */
  readonly put: readonly JudgedFinding[]
  readonly changes: readonly NewFindingChange[]
  readonly factVersion: number
  readonly recordedAtMs: number
}

/** The part of a canonical transaction that writes findings. */
export interface FindingWrites {
  savePointOutcome(outcome: PointOutcome): void
  /** Keeps up to when silences were judged, epoch ms. */
  setHeardTo(heardToMs: number): void
}

/** Which findings are listed; the period is [fromMs, toMs), epoch ms. */
export interface FindingFilter extends Omit<PageInput, 'scopes'> {
  /** Undefined = of every place. */
  readonly places?: readonly string[]
  readonly kind?: FindingKind
  readonly point?: string
  readonly open?: boolean
  readonly fromMs?: number
  readonly toMs?: number
}

/** A page of findings by start, then id. */
export interface FindingPage {
  readonly items: readonly JudgedFinding[]
  readonly next: string | null
}

/** A value as judged: milli-degC, thousandths of a percent, or 1 and 0; null: the probe was at fault. */
export interface ValueRow {
  readonly tMs: number
  readonly value: number | null
}

/** When temperatures of a sensor came, epoch ms. */
export interface SensorContact {
  readonly silences: readonly { readonly fromMs: number; readonly toMs: number }[]
  /** The newest; `NEVER_HEARD_MS` before the first; null of a sensor that was heard by an earlier version only. */
  readonly lastMs: number | null
}

/** Findings and what judging needs, open for reading only. */
export interface FindingReads {
  page(filter: FindingFilter): FindingPage
  /** Findings of a point that start at or after an instant (epoch ms). */
  findingsFrom(point: string, fromMs: number): readonly Finding[]
  /** All findings, in no particular order: for comparing. */
  allFindings(): readonly Finding[]
  /** Changes after a number, ascending. */
  changesAfter(no: number, limit: number): readonly RecordedFindingChange[]
  /** What a finding was by changes before a number: one version of each place and end it had, in no order. */
  versionsBefore(id: string, no: number): readonly Finding[]
  /** Number of the last change; 0 before the first. */
  lastChange(): number
  /** How many stand and are open, by kind. */
  openByKind(): Readonly<Partial<Record<FindingKind, number>>>
  /** Those of a place that stand and are open, in no particular order. */
  openAt(place: string): readonly Finding[]
  /** Ids that changes after a number put in the place of any of these, directly or through others. */
  successors(ids: readonly string[], afterNo: number): readonly string[]
  /** Ids that a finding was put in the place of, directly or through others. */
  predecessors(id: string): readonly string[]
  /** Those of the findings that stand, in the order asked for. */
  standing(ids: readonly string[]): readonly JudgedFinding[]
  judgedPoint(point: string): JudgedPoint | undefined
  /** Points for which time alone may change something. */
  watchedPoints(): readonly string[]
  /**
   * The values of one quantity of a piece, of temperature with the faults, earliest first, about `limit`: those of one
   * instant are never split.
   */
  valuesFrom(quantity: MeasuredQuantity, piece: SensorPeriod, limit: number): readonly ValueRow[]
  /** The latest `limit` of them, or a few more, earliest first. */
  valuesBefore(quantity: MeasuredQuantity, piece: SensorPeriod, limit: number): readonly ValueRow[]
  /** The newest temperature of a piece, and whether it was handed in late; undefined when there is none. */
  newestTemperature(piece: SensorPeriod): { readonly tMs: number; readonly isLate: boolean } | undefined
  /** How a sensor was heard: the silence that lay at an instant or ended before it, and all later ones. */
  contactOf(device: string, sensor: string, sinceMs: number): SensorContact
  /** When a temperature of a sensor came last; as `SensorContact` says it. */
  lastContactMs(device: string, sensor: string): number | null
  /** When the newest temperature of any sensor came, epoch ms; null before the first. */
  newestContactMs(): number | null
  /** Up to when silences were judged, epoch ms; null: never. */
  heardToMs(): number | null
  close(): void
}

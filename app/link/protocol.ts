import type { Actor, FedRow } from '../../domain/index.ts'
import type { ClockSync } from '../doors/clock-sync.ts'
import type {
  CommandName,
  Commands,
  ConflictQuestion,
  FindingChangeKind,
  JudgedFinding,
  LatestRow,
  Miscount,
  ProjectionStatus,
  Queries,
  QueryName,
} from '../../store/index.ts'

/**
 * What travels between the core and the other parts. Calls to the core:
 * `command` (CommandCall), `query` (QueryCall, answered with UTF-8 JSON bytes), `status` (CoreStatus), `numbers` (its
 * metrics, as samples), `influx-again` (has InfluxDB written to from the first reading on),
 * `feed` (has the caller fed with the facts: first calls `facts-snapshot` (FactsPiece) to it, then notices
 * `facts-change` (FactChange); answered when all pieces were taken), `live` (LiveCall; has the caller told what is
 * newest, from then on by calls `live-piece` (LivePiece), each once the one before was answered), after it
 * `live-watched` (LiveCall) whenever that changes. From the part that writes the
 * journal: `journal` (JournalCall), answered once the core has found its cursors to belong to that journal, rejected
 * when they do not, and after it `durable` (JournalCall) whenever more is durable, one at a time; that part answers
 * `readmission` (ReadmissionCall) with the index of the record it made durable. `held-record` (HeldCall), `readmit`
 * (ReadmitCall) and `decide` (DecideCall) are what `HeldPort` has.
 * A query thread answers `query` and is fed in the same way by whoever started it.
 */
export interface CommandCall<N extends CommandName = CommandName> {
  readonly name: N
  readonly actor: Actor
  readonly input: Commands[N]['input']
}

/** A query as it travels; see `Queries`. */
export interface QueryCall<N extends QueryName = QueryName> {
  readonly name: N
  readonly input: Queries[N]
}

/** All live facts at a version, in pieces. */
export type FactsPiece =
  | { readonly part: 'begin'; readonly version: number }
  | { readonly part: 'rows'; readonly rows: readonly FedRow[] }
  | { readonly part: 'end' }

/**
 * What is newest: between `begin` and `end` all of it (of findings, the open ones), after `end` what has changed. A
 * `begin` may come again at any time and starts all over. A piece never takes anything back: the newest row of a
 * sensor stands for all told of it before.
 */
export type LivePiece =
  | { readonly part: 'begin' }
  | { readonly part: 'end' }
  | { readonly part: 'readings'; readonly rows: readonly LatestRow[] }
  | { readonly part: 'findings'; readonly open: readonly JudgedFinding[] }
  | { readonly part: 'changes'; readonly changes: readonly ToldFindingChange[] }

/** Whether anybody watches what is newest: if not, it is told seldom. */
export interface LiveCall {
  readonly isWatched: boolean
}

/** A change of a finding. */
export interface ToldFindingChange {
  readonly kind: FindingChangeKind
  /** As it stands by now, which may be later than the change; of one that is no more, as it was. */
  readonly judged: JudgedFinding
  /** False when there is no such finding any more. */
  readonly stands: boolean
  readonly replaces: readonly string[]
}

/** How many records of the `readings` log are durable. */
export interface JournalCall {
  readonly durableEnd: number
}

/** A record of which something is held, by its device and index. */
export interface HeldCall {
  readonly device: string
  readonly index: number
}

/** That it is judged again, and who wants it why. */
export interface ReadmitCall extends HeldCall {
  readonly reason: string
  readonly actor: Actor
}

/** Which of two readings is true, and who says so why. */
export interface DecideCall extends ConflictQuestion {
  readonly actor: Actor
}

/** A record to be made durable that has another one judged again; see `encodeReadmission`. */
export interface ReadmissionCall {
  readonly deviceId: string
  readonly topic: string
  readonly payload: Uint8Array
}

/** How far the core's consumers have come; positions are indexes in the `readings` log. */
export interface CoreStatus {
  /** Records known to be durable; null until the gateway said so. */
  readonly durableEnd: number | null
  readonly ingest: number
  readonly census: number
  /** Null when no InfluxDB is configured. */
  readonly influx: InfluxStatus | null
  readonly audit: AuditStatus
  readonly balance: BalanceStatus
  readonly clock: ClockStatus
}

/** What the watch of the clock of this machine has found since the core started. */
export interface ClockStatus extends ClockSync {
  readonly steps: number
  /** When the clock was last set, epoch ms, and by how much; positive: forward. */
  readonly lastStep: { readonly atMs: number; readonly stepMs: number } | null
}

/** What the recount of rows against counters has found. */
export interface BalanceStatus {
  /** When the last round over all devices ended, epoch ms; null before the first. */
  readonly comparedAtMs: number | null
  /** Sums that do not come out at present: `device:<id>`, or `log:readings` for all devices together. */
  readonly mismatches: readonly (Miscount & { readonly subject: string })[]
}

/** How far acts are copied into the `audit` log. */
export interface AuditStatus {
  /** Version of the facts up to which every act is there; null while the log could not be opened. */
  readonly copied: number | null
  /** Acts not copied yet; null when that is not known. */
  readonly waiting: number | null
  /** What keeps it from going on; null when it is going on. */
  readonly trouble: { readonly reason: string; readonly remedy: string } | null
}

/** State of the InfluxDB projection. */
export interface InfluxStatus {
  readonly cursor: number
  readonly heldPoints: number
  /** Rows since the start, and how often something was tried again. */
  readonly counts: Pick<ProjectionStatus, 'written' | 'refused' | 'expired' | 'retried' | 'throttled'>
  /** What keeps it from going on; null when it is going on. */
  readonly lastError: string | null
  /** How the last comparison of points with rows came out; null before the first. */
  readonly count: InfluxCountStatus | null
}

/** Points in InfluxDB beside canonical rows, at an instant (epoch ms). */
export type InfluxCountStatus =
  | { readonly state: 'equal'; readonly atMs: number; readonly points: number }
  | { readonly state: 'differs'; readonly atMs: number; readonly points: number; readonly rows: number }
  /** InfluxDB keeps points for this long only, so there is nothing to compare. */
  | { readonly state: 'limited'; readonly atMs: number; readonly keeps: string }

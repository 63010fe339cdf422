import type {
  ChannelName,
  IncidentResolution,
  IncidentState,
  MessageState,
  MessageTemplate,
  Severity,
} from '../domain/index.ts'

/** Somebody who was told of an incident, over one channel. Times are epoch ms, null = it did not happen (yet). */
export interface ReportMessage {
  readonly recipient: string
  readonly channel: ChannelName
  readonly kind: MessageTemplate
  readonly grade: Severity | null
  /** When the message was made. */
  readonly atMs: number
  readonly sentMs: number | null
  readonly deliveredMs: number | null
  readonly state: MessageState
}

/** What people did about a finding: the incident it belongs to. Times are epoch ms. */
export interface ReportIncident {
  readonly id: string
  readonly state: IncidentState
  readonly raisedMs: number
  /** Known only after it was over: listed, and nobody was called. */
  readonly seenLate: boolean
  readonly acknowledged: { readonly by: string; readonly atMs: number } | null
  readonly resolved: {
    readonly by: string
    readonly atMs: number
    readonly resolution: IncidentResolution
    /** In the words of whoever resolved it; empty when nobody said any. */
    readonly reason: string
  } | null
  readonly told: readonly ReportMessage[]
}

/** The incidents of findings, by finding id; a finding for which nobody was called is not in it. */
export type IncidentsOf = (findings: readonly string[]) => Promise<ReadonlyMap<string, ReportIncident>>

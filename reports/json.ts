import {
  boundOf,
  type Cadence,
  type Condition,
  durationOf,
  type Excursion,
  type Finding,
  instantText,
  instantTextOrNull,
  type Rule,
} from '../domain/index.ts'
import { type CompletenessPiece, completenessTotals } from './completeness.ts'
import type { ReportIncident, ReportMessage } from './incident.ts'
import type { AffectedLot, ConditionRow, ExcursionReport, ReportRow } from './report.ts'

/** The report as JSON for programs: times in RFC 3339 UTC beside the zone, degC, seconds. Same data, same bytes. */
export function reportJson(report: ExcursionReport): Uint8Array {
  const { fromMs, toMs, generatedMs, rows, conditions, completeness, ...same } = report
  const { subject, demo, zone, factVersion, by, softwareVersion, packs } = same
  const totals = completenessTotals(completeness)
  return new TextEncoder().encode(
    JSON.stringify({
      kind: 'excursion-report',
      subject,
      demo,
      from: instantText(fromMs),
      to: instantText(toMs),
      zone,
      generatedAt: instantText(generatedMs),
      factVersion,
      generatedBy: by,
      softwareVersion,
      rulePacks: packs,
      excursions: rows.map(rowJson),
      otherFindings: conditions.map(rowJson),
      completeness: {
        pieces: completeness.pieces.map(pieceJson),
        held: completeness.held,
        totals: inSeconds(totals),
      },
    }),
  )
}

function rowJson(row: ReportRow | ConditionRow): object {
  const { finding, site, place, point, rule, lots, incident } = row
  const label = 'label' in row ? row.label : undefined
  return {
    ...findingJson(finding),
    site,
    place,
    point,
    limit: rule === null ? null : limitJson(rule),
    ...(label === undefined ? {} : { label }),
    lots: lots.map(lotJson),
    incident: incident === null ? null : incidentJson(incident),
  }
}

function findingJson(finding: Finding): object {
  return {
    id: finding.id,
    kind: finding.kind,
    rule: finding.rule,
    packVersion: finding.packVersion,
    level: finding.level,
    state: finding.state,
    open: finding.open,
    start: instantText(finding.startMs),
    alarm: instantTextOrNull(finding.alarmMs),
    end: instantTextOrNull(finding.endMs),
    endReason: finding.endReason,
    observedSeconds: finding.observedMs / 1_000,
    worstCaseSeconds: finding.worstCaseMs / 1_000,
    ...(finding.kind === 'excursion' ? peakJson(finding) : {}),
    ...('readings' in finding ? runJson(finding) : {}),
    ...(finding.kind === 'cadence' ? cadenceJson(finding) : {}),
  }
}

function peakJson({ direction, peakMilliC, peakMs }: Excursion): object {
  return { direction, peak: peakMilliC / 1_000, peakAt: instantText(peakMs) }
}

function runJson({ bridged, readings, confirmedBySingleReading }: Excursion | Condition): object {
  return { bridged, readings, confirmedBySingleReading }
}

function cadenceJson({ intervals, longestMs }: Cadence): object {
  return { intervals, longestSeconds: longestMs / 1_000 }
}

function limitJson(rule: Rule): object {
  const { quantity, mode, severity, clause, source, confidence } = rule
  const seconds = durationOf(mode) / 1_000
  return { quantity, ...boundOf(rule), seconds, severity, clause, source, confidence }
}

function lotJson({ lot, place, quantity, fromMs, toMs }: AffectedLot): object {
  return { ...lot, place, quantity, from: instantText(fromMs), to: instantTextOrNull(toMs) }
}

function incidentJson({ id, state, raisedMs, seenLate, ...people }: ReportIncident): object {
  const { acknowledged, resolved, told } = people
  return {
    id,
    state,
    raised: instantText(raisedMs),
    seenLate,
    acknowledged: acknowledged === null ? null : { by: acknowledged.by, at: instantText(acknowledged.atMs) },
    resolved:
      resolved === null
        ? null
        : {
            by: resolved.by,
            at: instantText(resolved.atMs),
            resolution: resolved.resolution,
            reason: resolved.reason,
          },
    told: told.map(messageJson),
  }
}

function messageJson({ atMs, sentMs, deliveredMs, ...same }: ReportMessage): object {
  return {
    ...same,
    at: instantText(atMs),
    sent: instantTextOrNull(sentMs),
    delivered: instantTextOrNull(deliveredMs),
  }
}

function pieceJson({ fromMs, toMs, intervalMs, ...counts }: CompletenessPiece): object {
  const intervalSeconds = intervalMs === null ? null : intervalMs / 1_000
  return { ...inSeconds(counts), from: instantText(fromMs), to: instantText(toMs), intervalSeconds }
}

function inSeconds({ unknownMs, ...counts }: { readonly unknownMs: number }): object {
  return { ...counts, unknownSeconds: unknownMs / 1_000 }
}

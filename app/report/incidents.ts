import type { IncidentFact } from '../../domain/index.ts'
import type { IncidentsOf, ReportIncident } from '../../reports/index.ts'
import type { FactsReads, FactsView, IncidentStory } from '../../store/index.ts'

/** What people did about findings, from the facts; persons are named, because a report must say who it was. */
export function incidentsFor(
  facts: Pick<FactsReads, 'incidentsOf'>,
  view: Pick<FactsView, 'user' | 'key'>,
): IncidentsOf {
  return async (findings) => {
    const stories = await facts.incidentsOf(findings)
    return new Map([...stories].map(([finding, story]) => [finding, incidentOf(story, view)]))
  }
}

function incidentOf(
  { incident, messages }: IncidentStory,
  view: Pick<FactsView, 'user' | 'key'>,
): ReportIncident {
  return {
    id: incident.id,
    state: incident.state,
    raisedMs: incident.validFrom,
    seenLate: incident.seenLate === 1,
    acknowledged: by(incident.acknowledgedBy, incident.acknowledgedMs, view),
    resolved: resolvedOf(incident, view),
    told: messages.map((message) => ({
      recipient: message.recipientName,
      channel: message.channel,
      kind: message.template,
      grade: message.grade,
      atMs: message.validFrom,
      sentMs: message.sentMs,
      deliveredMs: message.state === 'delivered' ? message.receiptMs : null,
      state: message.state,
    })),
  }
}

function resolvedOf(
  incident: IncidentFact,
  view: Pick<FactsView, 'user' | 'key'>,
): ReportIncident['resolved'] {
  const resolved = by(incident.resolvedBy, incident.resolvedMs, view)
  if (resolved === null || incident.resolution === null) return null
  return { ...resolved, resolution: incident.resolution, reason: incident.reason }
}

function by(
  actor: string | null,
  atMs: number | null,
  view: Pick<FactsView, 'user' | 'key'>,
): { readonly by: string; readonly atMs: number } | null {
  return actor === null || atMs === null ? null : { by: named(actor, view), atMs }
}

/** `li (user:u12..)`: who it was, and the id that stands in the audit trail. */
function named(actor: string, view: Pick<FactsView, 'user' | 'key'>): string {
  const [kind, id = ''] = actor.split(':')
  const name = kind === 'user' ? view.user(id)?.name : kind === 'key' ? view.key(id)?.name : undefined
  return name === undefined ? actor : `${name} (${actor})`
}

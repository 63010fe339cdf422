import { sql } from 'kysely'
import type { IncidentFact, MessageFact } from '../../domain/index.ts'
import { directionOfCause, hoursOf, instantText, instantTextOrNull } from '../../domain/index.ts'
import type { IncidentQueries } from '../contract-incidents.ts'
import type { AuditRow } from '../facts/schema.ts'
import { badCursor, recordedColumns, recordedItem, rowsFor } from '../facts/page.ts'
import { pageOf } from '../page.ts'
import type { FactsReader } from '../facts/port.ts'
import { present } from '../facts/rows.ts'
import { withVisible } from '../facts/scopes.ts'
import { FINDINGS_MAX } from './desk.ts'
import { linksOf } from './incident-row.ts'

/** Everything that is known of one incident. */
export interface IncidentStory {
  readonly incident: IncidentFact
  readonly findings: readonly string[]
  /** The oldest first, with the name of who it went to. */
  readonly messages: readonly (MessageFact & { readonly recipientName: string })[]
  /** What was done about it and when, the oldest first. */
  readonly acts: readonly AuditRow[]
}

/** Incidents of places in the scopes, newest first. */
export async function listIncidents(reader: FactsReader, input: IncidentQueries['incidents']) {
  const { scopes, limit, place, state, open } = input
  const after = input.after === undefined ? undefined : cursorOf(input.after)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_incident as it')
      .innerJoin('live_place as around', 'around.id', 'it.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .selectAll('it')
      .select('around.site')
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(place !== undefined, (query) => query.where('it.place', '=', place ?? ''))
      .$if(state !== undefined, (query) => query.where('it.state', '=', state ?? 'raised'))
      .$if(open !== undefined, (query) => query.where('it.open', '=', open === true ? 1 : 0))
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb(eb.refTuple('it.validFrom', 'it.id'), '<', eb.tuple(after?.fromMs ?? 0, after?.id ?? '')),
        ),
      )
      .orderBy('it.validFrom', 'desc')
      .orderBy('it.id', 'desc')
      .limit(rowsFor(limit)),
  )
  const findings = await findingsOf(
    reader,
    rows.map(({ id }) => id),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    ...incidentItem(row),
    site: row.site,
    findings: findings.get(row.id) ?? [],
  })
  return pageOf(rows, limit, itemOf, (row) => `${row.validFrom}/${row.id}`)
}

/** The newest findings of each, at most `FINDINGS_MAX`, in the order in which they came to it. */
async function findingsOf(
  reader: FactsReader,
  incidents: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (incidents.length === 0) return new Map()
  const links = await reader.all(
    reader.db
      .selectFrom((db) =>
        db
          .selectFrom('live_incident_finding as it')
          .select(['it.incident', 'it.finding', 'it.fact'])
          .select(
            sql<number>`row_number() over (partition by ${sql.ref('it.incident')}
              order by ${sql.ref('it.fact')} desc)`.as('nth'),
          )
          .where('it.incident', 'in', incidents)
          .as('each'),
      )
      .select(['each.incident', 'each.finding'])
      .where('each.nth', '<=', FINDINGS_MAX)
      .orderBy('each.fact'),
  )
  const byIncident = Map.groupBy(links, ({ incident }) => incident)
  return new Map([...byIncident].map(([id, rows]) => [id, rows.map(({ finding }) => finding)]))
}

/** An incident as lists show it, without its findings. */
export function incidentItem(incident: IncidentFact) {
  const { id, place, cause, state, grade, open, seenLate } = incident
  return {
    id,
    place,
    cause,
    direction: directionOfCause(cause),
    state,
    grade,
    open: open === 1,
    seenLate: seenLate === 1,
    raisedAt: instantText(incident.validFrom),
    calledAt: instantTextOrNull(incident.calledMs),
    callDueAt: instantTextOrNull(incident.callDueMs),
    acknowledgedBy: incident.acknowledgedBy,
    acknowledgedAt: instantTextOrNull(incident.acknowledgedMs),
    resolvedBy: incident.resolvedBy,
    resolvedAt: instantTextOrNull(incident.resolvedMs),
    resolution: incident.resolution,
    mutedBy: incident.mutedBy,
    mutedUntil: instantTextOrNull(incident.mutedUntilMs),
  }
}

/** One incident with all that is known of it; undefined when there is none. */
export async function incidentStory(reader: FactsReader, id: string): Promise<IncidentStory | undefined> {
  const incident = await present(reader, 'incident', { id })
  if (incident === undefined) return undefined
  const findings = await findingsOf(reader, [id])
  const messages = await reader.all(
    reader.db
      .selectFrom('live_message as it')
      .innerJoin('recipient as whom', 'whom.fact', 'it.recipientFact')
      .selectAll('it')
      .select('whom.name as recipientName')
      .where('it.incident', '=', id)
      .orderBy('it.decidedBy')
      .orderBy('it.id'),
  )
  const acts = await reader.all(
    reader.db.selectFrom('audit').selectAll().where('subject', '=', `incident:${id}`).orderBy('seq'),
  )
  return { incident, findings: findings.get(id) ?? [], messages, acts }
}

/** The incident that each of the findings belongs to, of several the last; findings without one are left out. */
export async function incidentStories(
  reader: FactsReader,
  findings: readonly string[],
): Promise<ReadonlyMap<string, IncidentStory>> {
  const incidentOf = new Map((await linksOf(reader, findings)).map((link) => [link.finding, link.incident]))
  const stories = new Map<string, IncidentStory>()
  for (const incident of new Set(incidentOf.values())) {
    const story = await incidentStory(reader, incident)
    if (story !== undefined) stories.set(incident, story)
  }
  return new Map(
    [...incidentOf].flatMap(([finding, incident]) => {
      const story = stories.get(incident)
      return story === undefined ? [] : [[finding, story] as const]
    }),
  )
}

/** Recipients of places in the scopes, those of before too, by id. */
export async function listRecipients(reader: FactsReader, input: IncidentQueries['recipients']) {
  const { scopes, limit, after, place } = input
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_recipient as it')
      .innerJoin('live_place as around', 'around.id', 'it.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .select(['it.id', 'it.place', 'it.name', 'it.channel', 'it.address', 'it.language', 'it.hours'])
      .select(['it.state', 'around.site', ...recordedColumns])
      .where('it.validTo', 'is', null)
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(place !== undefined, (query) => query.where('it.place', '=', place ?? ''))
      .$if(after !== undefined, (query) => query.where('it.id', '>', after ?? ''))
      .orderBy('it.id')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => {
    const { id, place, site, name, channel, address, language, state } = row
    const hours = hoursOf(row.hours)
    return { id, place, site, name, channel, address, language, hours, state, ...recordedItem(row) }
  }
  return pageOf(rows, limit, itemOf, (row) => row.id)
}

function cursorOf(after: string): { readonly fromMs: number; readonly id: string } {
  const [, fromMs, id] = /^(\d{1,15})\/(i[0-9a-f]{16})$/.exec(after) ?? []
  if (fromMs === undefined || id === undefined) throw badCursor(after)
  return { fromMs: Number(fromMs), id }
}

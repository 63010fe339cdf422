import type { FactTables, IncidentFact, MessageFact, MessageTemplate } from '../../domain/index.ts'
import { type Act, appendFact } from '../facts/act.ts'
import { refusal } from '../facts/checks.ts'
import type { FactsReader } from '../facts/port.ts'
import { present } from '../facts/rows.ts'
import { ownColumns } from '../facts/schema.ts'

/** Ids one statement may bind on both databases, with room to spare. */
const IDS_PER_STATEMENT = 1_000

/** A finding and an incident it belongs to. */
export interface IncidentLink {
  readonly incident: string
  readonly finding: string
}

/** What an act makes of an incident. */
export type IncidentChange = Partial<Omit<IncidentFact, 'id' | 'place' | 'cause' | keyof FactColumnsOf>>
type FactColumnsOf = Pick<
  IncidentFact,
  'fact' | 'validFrom' | 'validTo' | 'recordedAt' | 'recordedBy' | 'reason' | 'supersedes'
>

/** What tells people that they need not do anything any more. */
export const endings: readonly MessageTemplate[] = ['incident-over', 'incident-withdrawn']

/** The incident as it stands. Throws `not-found`. */
export async function incidentOf(reader: FactsReader, id: string): Promise<IncidentFact> {
  const incident = await present(reader, 'incident', { id })
  if (incident !== undefined) return incident
  throw refusal('not-found', `There is no incident ${id}.`, 'Correct the id.')
}

/** Supersedes the row of an incident by one with the change; it keeps its period, so one live row stands for it. */
export function changeIncident(
  entry: Act,
  before: IncidentFact,
  change: IncidentChange,
): Promise<IncidentFact> {
  return replace(entry, 'incident', before, change)
}

/** The same for a message. */
export function changeMessage(
  entry: Act,
  before: MessageFact,
  change: Partial<Pick<MessageFact, 'state' | 'sentMs' | 'receiptMs' | 'reference' | 'detail'>>,
): Promise<MessageFact> {
  return replace(entry, 'message', before, change)
}

function replace<T extends 'incident' | 'message'>(
  entry: Act,
  table: T,
  before: FactTables[T],
  change: Partial<FactTables[T]>,
): Promise<FactTables[T]> {
  const { validFrom, validTo, fact } = before
  const values = { ...ownColumns(table, before), ...change }
  return appendFact(entry, table, values, { validFrom, validTo, supersedes: fact })
}

/** The messages of an incident as they stand, the oldest first. */
export async function messagesOf(reader: FactsReader, incident: string): Promise<readonly MessageFact[]> {
  const rows = await reader.all(
    reader.db
      .selectFrom('live_message')
      .selectAll()
      .where('incident', '=', incident)
      .orderBy('decidedBy')
      .orderBy('id'),
  )
  return rows
}

/** The incidents that findings belong to; of several of one finding the last comes last. */
export async function linksOf(
  reader: FactsReader,
  findings: readonly string[],
): Promise<readonly IncidentLink[]> {
  const links: IncidentLink[] = []
  for (let from = 0; from < findings.length; from += IDS_PER_STATEMENT) {
    const slice = findings.slice(from, from + IDS_PER_STATEMENT)
    links.push(
      ...(await reader.all(
        reader.db
          .selectFrom('live_incident_finding')
          .select(['incident', 'finding'])
          .where('finding', 'in', slice)
          .orderBy('fact'),
      )),
    )
  }
  return links
}

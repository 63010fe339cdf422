import { auditEntries } from './audit-entries.ts'
import { auditWindow, type AuditWindowInput } from './audit-window.ts'
import type { PageInput, Queries } from '../contract.ts'
import { incidentStories, incidentStory, listIncidents, listRecipients } from '../incidents/lists.ts'
import { listOrganisations, listDevices, listSensors, listSites } from './lists.ts'
import { deviceIdsIn, deviceInScope, listKeys, listRefusals, listUsers } from './lists-access.ts'
import { listDuties, listPlacements, listPlaces, listPoints, placeIdsIn } from './lists-places.ts'
import { listCustody, listLots, listProducts, listStock, lotArrivals } from './lists-stock.ts'
import { listSupervisions } from './lists-supervisions.ts'
import { listChecks } from './place-checks.ts'
import { deskChange, factNumbers, firstActAfter } from './numbers.ts'
import { listRuleProposals } from './rule-proposals.ts'
import { placementChanges } from './placement-changes.ts'
import type { FactsReader } from './port.ts'
import { openSqliteReader } from './sqlite.ts'

/** What can be read of the facts, wherever they are kept. */
export type FactsReads = ReturnType<typeof readsOn> & { close(): void }

/**
 * Opens the facts for the lists of the query worker, read-only. Items are plain objects in the form the API
 * answers: camelCase, RFC 3339 times with milliseconds, `demo` as a boolean, never a secret or a hash.
 * Throws `core-unavailable` when the core has not made the file yet; so may every read when it cannot be used.
 */
export function openFactsReads(options: { readonly path: string }): FactsReads {
  const reader = openSqliteReader(options.path)
  return {
    ...readsOn(reader),
    close: () => {
      if (reader.connection.isOpen) reader.connection.close()
    },
  }
}

/** The reads on an open database. */
export function readsOn(reader: FactsReader) {
  return {
    organisations: (input: PageInput) => listOrganisations(reader, input),
    sites: (input: Queries['sites']) => listSites(reader, input),
    devices: (input: Queries['devices']) => listDevices(reader, input),
    sensors: (input: Queries['sensors']) => listSensors(reader, input),
    users: (input: PageInput) => listUsers(reader, input),
    keys: (input: PageInput) => listKeys(reader, input),
    refusals: (input: Queries['refusals']) => listRefusals(reader, input),
    deviceIdsIn: (scopes: readonly string[]) => deviceIdsIn(reader, scopes),
    deviceInScope: (id: string, scopes: readonly string[]) => deviceInScope(reader, id, scopes),
    places: (input: Queries['places']) => listPlaces(reader, input),
    points: (input: Queries['points']) => listPoints(reader, input),
    placeIdsIn: (scopes: readonly string[]) => placeIdsIn(reader, scopes),
    placements: (input: Queries['placements']) => listPlacements(reader, input),
    checks: (input: Queries['checks']) => listChecks(reader, input),
    duties: (input: Queries['duties']) => listDuties(reader, input),
    products: (input: PageInput) => listProducts(reader, input),
    lots: (input: Queries['lots']) => listLots(reader, input),
    custody: (input: Queries['custody']) => listCustody(reader, input),
    stock: (input: Queries['stock']) => listStock(reader, input),
    ruleProposals: (input: Queries['rule-proposals']) => listRuleProposals(reader, input),
    incidents: (input: Queries['incidents']) => listIncidents(reader, input),
    /** One incident with its findings, messages and acts; undefined when there is none. */
    incident: (id: string) => incidentStory(reader, id),
    /** The incidents that findings belong to, by finding; of several the last. */
    incidentsOf: (findings: readonly string[]) => incidentStories(reader, findings),
    recipients: (input: Queries['recipients']) => listRecipients(reader, input),
    supervisions: (input: PageInput) => listSupervisions(reader, input),
    /** For the `audit` log: acts with a `seq` above `after` and the rows each appended, in order. */
    auditEntries: (after: number, limit: number) => auditEntries(reader, after, limit),
    auditWindow: (input: AuditWindowInput) => auditWindow(reader, input),
    /** For the metrics. */
    numbers: (sinceMs: number) => factNumbers(reader, sinceMs),
    deskChange: () => deskChange(reader),
    firstActAfter: (version: number) => firstActAfter(reader, version),
    /** For how long records are kept. */
    lotArrivals: () => lotArrivals(reader),
    /** For consumers that derive from placements: changes after this number, at most 1,000. */
    placementChanges: (after: number) => placementChanges(reader, after),
  }
}

import type { PageInput, Queries } from '../contract.ts'
import { listOrganisations, listDevices, listSensors, listSites } from './lists.ts'
import { deviceIdsIn, deviceInScope, listKeys, listRefusals, listUsers } from './lists-access.ts'
import { openSqliteReader } from './sqlite.ts'

/**
 * Opens the facts for the lists of the query worker, read-only. Items are plain objects in the form the API
 * answers: camelCase, RFC 3339 times with milliseconds, `demo` as a boolean, never a secret or a hash.
 * Throws `core-unavailable` when the core has not made the file yet; so may every read when it cannot be used.
 */
export function openFactsReads(options: { readonly path: string }) {
  const reader = openSqliteReader(options.path)
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
    close: (): void => {
      if (reader.connection.isOpen) reader.connection.close()
    },
  }
}

/** What `openFactsReads` opens. */
export type FactsReads = ReturnType<typeof openFactsReads>

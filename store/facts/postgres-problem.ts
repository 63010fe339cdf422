import { Problem, reasonOf } from '../../domain/index.ts'

/**
 * What PostgreSQL or the way to it threw, as a `Problem`, by its SQLSTATE (PostgreSQL documentation, appendix A):
 * `store-damaged` for corrupted data, `internal` for a statement that cannot be carried out, which is a fault of
 * ours, and `core-unavailable` for everything that passes or that the operator can end.
 */
export function postgresProblem(thrown: unknown): Problem {
  const state = sqlState(thrown)
  if (state === 'XX001' || state === 'XX002') {
    return new Problem('store-damaged', {
      what: `The facts in PostgreSQL cannot be read: ${reasonOf(thrown)}.`,
      remedy: 'Stop the service and restore the database from a backup; keep the damaged one.',
      cause: thrown,
    })
  }
  if (state !== undefined && !passing.some((begin) => state.startsWith(begin))) {
    return new Problem('internal', {
      what: `A statement on the facts in PostgreSQL failed: ${reasonOf(thrown)}.`,
      remedy: 'Report this with the log; nothing was written.',
      cause: thrown,
    })
  }
  return new Problem('core-unavailable', {
    what: `The facts in PostgreSQL cannot be used at the moment: ${reasonOf(thrown)}.`,
    remedy:
      'Check that the server runs, that it can be reached, and that user, password and database are right.',
    cause: thrown,
  })
}

/**
 * Connection, authorisation, database that is not there, serialisation, resources, operator (shutdown, cancelled),
 * system, configuration file.
 */
const passing = ['08', '28', '3D', '40', '53', '55', '57', '58', 'F0']

/** Five letters or digits; errors of the network have longer codes, or none. */
function sqlState(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(thrown.code) && thrown.code !== 'EPIPE' ? thrown.code : undefined
}

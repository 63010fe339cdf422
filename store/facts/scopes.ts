import { sql } from 'kysely'
import { Problem, ROOT_SCOPE } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'

/** Roles lie on a handful of organisations; more scopes than this are not those of a person or a key. */
const SCOPES_MAX = 200

/**
 * The query builder with a table `visible(id)`: the organisations that are one of the scopes or lie below one.
 * With `root` that is every organisation and `root` itself, where grants and keys may lie.
 * Throws `bad-request` above 200 scopes.
 */
export function withVisible(reader: FactsReader, scopes: readonly string[]) {
  if (scopes.length > SCOPES_MAX) {
    throw new Problem('bad-request', {
      what: `${scopes.length} scopes are too many for one query.`,
      remedy: 'Grant roles on organisations higher up the tree.',
    })
  }
  const everything = reachesAll(scopes)
  return reader.db.withRecursive('visible(id)', (db) => {
    const start = db
      .selectFrom('live_organisation as top')
      .select('top.id')
      .where('top.validTo', 'is', null)
      .$if(everything, (query) => query.where('top.parent', 'is', null))
      .$if(!everything, (query) => query.where('top.id', 'in', scopes.length === 0 ? [''] : scopes))
    return (everything ? start.unionAll(db.selectNoFrom(sql.lit(ROOT_SCOPE).as('id'))) : start).union(
      db
        .selectFrom('live_organisation as child')
        .innerJoin('visible', 'visible.id', 'child.parent')
        .select('child.id')
        .where('child.validTo', 'is', null),
    )
  })
}

/** True when the scopes reach everything there is. */
export function reachesAll(scopes: readonly string[]): boolean {
  return scopes.includes(ROOT_SCOPE)
}

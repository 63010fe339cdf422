import { ROOT_SCOPE, ruleProposalItem } from '../../domain/index.ts'
import type { Queries } from '../contract.ts'
import { pageOf } from '../page.ts'
import { badCursor, rowsFor } from './page.ts'
import type { FactsReader } from './port.ts'
import { withVisible } from './scopes.ts'

/** Proposals about rules of organisations in the scopes, the newest first; those of `root` for who sees everything. */
export async function listRuleProposals(reader: FactsReader, input: Queries['rule-proposals']) {
  const { scopes, limit, waiting } = input
  const after = input.after === undefined ? undefined : cursorOf(input.after)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_rule_proposal as it')
      .selectAll()
      .where('it.validTo', 'is', null)
      .where((eb) =>
        eb.or([
          eb('it.organisation', 'in', (of) => of.selectFrom('visible').select('visible.id')),
          ...(scopes.includes(ROOT_SCOPE) ? [eb('it.organisation', '=', ROOT_SCOPE)] : []),
        ]),
      )
      .$if(waiting === true, (query) => query.where('it.status', 'in', ['proposed', 'in-force']))
      .$if(after !== undefined, (query) => query.where('it.fact', '<', after ?? 0))
      .orderBy('it.fact', 'desc')
      .limit(rowsFor(limit)),
  )
  return pageOf(
    rows,
    limit,
    (row) => ruleProposalItem(row),
    ({ fact }) => String(fact),
  )
}

function cursorOf(after: string): number {
  if (/^\d{1,15}$/.test(after)) return Number(after)
  throw badCursor(after)
}

import type { PageInput } from '../contract.ts'
import { pageOf } from '../page.ts'
import { parsePeriodCursor, periodCursor, periodItem, recordedColumns, rowsFor } from './page.ts'
import type { FactsReader } from './port.ts'
import { withVisible } from './scopes.ts'

/** Who supervises whom, past ones too, by both and time, where one of the two lies in the scopes. */
export async function listSupervisions(reader: FactsReader, input: PageInput) {
  const { scopes, limit } = input
  const after = input.after === undefined ? undefined : parsePeriodCursor(input.after, 2)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_supervises as it')
      .select(['it.supervisor', 'it.supervised', 'it.state', 'it.validTo', ...recordedColumns])
      .where((eb) =>
        eb.or([
          eb('it.supervisor', 'in', eb.selectFrom('visible').select('visible.id')),
          eb('it.supervised', 'in', eb.selectFrom('visible').select('visible.id')),
        ]),
      )
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb(
            eb.refTuple('it.supervisor', 'it.supervised', 'it.validFrom'),
            '>',
            eb.tuple(after?.names[0] ?? '', after?.names[1] ?? '', after?.fromMs ?? 0),
          ),
        ),
      )
      .orderBy('it.supervisor')
      .orderBy('it.supervised')
      .orderBy('it.validFrom')
      .limit(rowsFor(limit)),
  )
  const itemOf = (row: (typeof rows)[number]) => ({
    supervisor: row.supervisor,
    supervised: row.supervised,
    state: row.state,
    ...periodItem(row),
  })
  return pageOf(rows, limit, itemOf, (row) => periodCursor([row.supervisor, row.supervised], row.validFrom))
}

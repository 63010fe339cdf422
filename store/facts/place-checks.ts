import type { PlaceCheckFact } from '../../domain/index.ts'
import { instantText } from '../../domain/index.ts'
import type { Queries } from '../contract.ts'
import { act, openFact } from './act.ts'
import { optionalReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { pageOf } from '../page.ts'
import { badCursor, rowsFor } from './page.ts'
import { checkStands } from './places.ts'
import type { FactsReader } from './port.ts'
import { withVisible } from './scopes.ts'
import { newId } from './secrets.ts'

/** The command by which somebody says that they have looked at a place. */
export const placeCheckCommands: CommandHandlers<'place.check'> = {
  'place.check': async ({ tx, actor, random }, { place, note, claimedAtMs }) => {
    const reason = optionalReason(note)
    const atMs = claimedAtMs ?? tx.atMs
    await checkStands(tx, place, atMs, null)
    const id = newId('c', random)
    const subject = `place:${place}`
    const told = { kind: 'place.check', subject, reason, old: null, new: { id } }
    const entry = await act(tx, { ...told, actor, claimedAtMs })
    return openFact(entry, 'place_check', { id, place }, atMs)
  },
}

/** Checks of places in the scopes, the newest first; of one place if asked. */
export async function listChecks(reader: FactsReader, input: Queries['checks']) {
  const { scopes, limit, place } = input
  const after = input.after === undefined ? undefined : cursorOf(input.after)
  const rows = await reader.all(
    withVisible(reader, scopes)
      .selectFrom('live_place_check as it')
      .innerJoin('live_place as around', 'around.id', 'it.place')
      .innerJoin('live_site as home', 'home.id', 'around.site')
      .select(['it.fact', 'it.id', 'it.place', 'it.validFrom', 'it.recordedAt', 'it.recordedBy', 'it.reason'])
      .select('around.site')
      .where('around.validTo', 'is', null)
      .where('home.validTo', 'is', null)
      .where('home.organisation', 'in', (eb) => eb.selectFrom('visible').select('visible.id'))
      .$if(place !== undefined, (query) => query.where('it.place', '=', place ?? ''))
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb(eb.refTuple('it.validFrom', 'it.fact'), '<', eb.tuple(after?.atMs ?? 0, after?.fact ?? 0)),
        ),
      )
      .orderBy('it.validFrom', 'desc')
      .orderBy('it.fact', 'desc')
      .limit(rowsFor(limit)),
  )
  return pageOf(
    rows,
    limit,
    ({ site, ...row }) => checkItem(row, site),
    (row) => `${row.validFrom}/${row.fact}`,
  )
}

/** A check as lists and the live stream show it. */
export function checkItem(
  check: Pick<PlaceCheckFact, 'id' | 'place' | 'validFrom' | 'recordedAt' | 'recordedBy' | 'reason'>,
  site: string | null,
) {
  const { id, place, validFrom, recordedAt, recordedBy, reason } = check
  const at = instantText(validFrom)
  // nothing else makes the two differ
  const claimedAt = validFrom === recordedAt ? null : at
  return { id, place, site, at, claimedAt, note: reason, recordedAt: instantText(recordedAt), recordedBy }
}

function cursorOf(after: string): { readonly atMs: number; readonly fact: number } {
  const [, atMs, fact] = /^(\d{1,15})\/(\d{1,15})$/.exec(after) ?? []
  if (atMs === undefined || fact === undefined) throw badCursor(after)
  return { atMs: Number(atMs), fact: Number(fact) }
}

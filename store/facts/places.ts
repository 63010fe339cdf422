import type { PlaceFact } from '../../domain/index.ts'
import { instantText, placeKinds, pointRoles } from '../../domain/index.ts'
import type { NewPlace } from '../contract-places.ts'
import { act, openFact } from './act.ts'
import {
  checkId,
  checkOneOf,
  checkText,
  checkWhole,
  effectiveFrom,
  optionalReason,
  refusal,
} from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { placeOf, siteOf } from './lookups.ts'
import type { FactsReader } from './port.ts'
import { history, present } from './rows.ts'

/** A cold room for a whole province holds a thousand times less. */
const CAPACITY_LITRES_MAX = 1_000_000_000

/** Commands that make places and points. */
export const placeCommands: CommandHandlers<'place.create' | 'point.create'> = {
  'place.create': async (context, input) => {
    const { tx, actor } = context
    const { id, site, parent, kind, name, nameEn = null, capacityLitres = null } = input
    checkId('place', id)
    checkOneOf('kind of place', kind, placeKinds)
    checkText('name', name)
    if (nameEn !== null) checkText('English name', nameEn)
    if (capacityLitres !== null) checkWhole('capacity in litres', capacityLitres, 1, CAPACITY_LITRES_MAX)
    const reason = optionalReason(input.reason)
    const fromMs = effectiveFrom(context, input.fromMs, reason)
    if ((await present(tx, 'place', { id })) !== undefined) {
      throw refusal(
        'already-exists',
        `There is or was a place ${id} already.`,
        'Choose another id; ids are never used again, not even after a place is retired.',
      )
    }
    await siteOf(tx, site)
    if (parent !== null) await checkParent(tx, input, parent, fromMs)
    const details = { id, site, parent, kind, capacityLitres, state: 'active' } as const
    const subject = `place:${id}`
    const told = { ...details, fromMs }
    const entry = await act(tx, { kind: 'place.create', actor, subject, reason, old: null, new: told })
    return openFact(entry, 'place', { ...details, name, nameEn }, fromMs)
  },

  'point.create': async (context, input) => {
    const { tx, actor } = context
    const { id, place, name, nameEn = null, role } = input
    checkId('point', id)
    checkText('name', name)
    if (nameEn !== null) checkText('English name', nameEn)
    checkOneOf('role of a point', role, pointRoles)
    const reason = optionalReason(input.reason)
    const { validFrom } = await firstOf(tx, place)
    const fromMs = input.fromMs === undefined ? validFrom : effectiveFrom(context, input.fromMs, reason)
    await checkStands(tx, place, fromMs, null)
    if ((await present(tx, 'point', { id })) !== undefined) {
      throw refusal('already-exists', `There is a point ${id} already.`, 'Choose another id.')
    }
    const details = { id, place, role } as const
    const subject = `point:${id}`
    const told = { ...details, fromMs }
    const entry = await act(tx, { kind: 'point.create', actor, subject, reason, old: null, new: told })
    return openFact(entry, 'point', { ...details, name, nameEn }, fromMs)
  },
}

/** The parent must be there before its child and never changes, which makes a circle impossible. */
async function checkParent(
  reader: FactsReader,
  { id, site }: NewPlace,
  parent: string,
  fromMs: number,
): Promise<void> {
  const around = await placeOf(reader, parent)
  if (around.site !== site) {
    throw refusal(
      'conflict',
      `Place ${parent} stands in ${around.site}, so ${id} in ${site} cannot lie in it.`,
      'Name a place of the same site, or none.',
    )
  }
  await checkStands(reader, parent, fromMs, null)
}

async function firstOf(reader: FactsReader, place: string): Promise<PlaceFact> {
  const [first] = await history(reader, 'place', { id: place })
  return first ?? placeOf(reader, place)
}

/**
 * Throws `conflict` unless the place is there and not retired during [fromMs, toMs) (epoch ms, null = for good), and
 * `not-found` when there is no such place.
 */
export async function checkStands(
  reader: FactsReader,
  id: string,
  fromMs: number,
  toMs: number | null,
): Promise<void> {
  const { validFrom } = await firstOf(reader, id)
  if (fromMs < validFrom) {
    throw refusal(
      'conflict',
      `Place ${id} is there since ${instantText(validFrom)}, not yet at ${instantText(fromMs)}.`,
      'Correct the time, or name another place.',
    )
  }
  const { state, validFrom: sinceMs } = await placeOf(reader, id)
  if (state === 'active' || (toMs !== null && toMs <= sinceMs)) return
  throw refusal(
    'conflict',
    `Place ${id} is retired since ${instantText(sinceMs)}.`,
    'Name a place that is in use, or a period that ends before.',
  )
}

import { defaultDuty, duties, instantText } from '../../domain/index.ts'
import type { PlaceFact, PlacementFact } from '../../domain/index.ts'
import { type Act, act } from './act.ts'
import { checkOneOf, effectiveFrom, optionalReason, refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { placeOf } from './lookups.ts'
import { checkStands } from './places.ts'
import type { FactsReader } from './port.ts'
import { history, liveBy } from './rows.ts'
import { changeFrom, changeUntilNext, rowAt, rowsDuring } from './timeline.ts'

/** Commands about what places do, and that they do no more. */
export const dutyCommands: CommandHandlers<'duty.set' | 'place.retire'> = {
  'duty.set': async (context, { place, duty, claimedAtMs, ...input }) => {
    const { tx, actor } = context
    checkOneOf('duty', duty, duties)
    if (duty === 'retired') {
      throw refusal('bad-request', 'A place is not retired by its duty.', 'Retire the place itself.')
    }
    const reason = optionalReason(input.reason)
    const fromMs = effectiveFrom(context, input.fromMs, reason)
    await checkStands(tx, place, fromMs, fromMs + 1)
    const held = await dutyAt(tx, await placeOf(tx, place), fromMs)
    if (held === duty) {
      throw refusal(
        'already-exists',
        `Place ${place} is ${duty} at ${instantText(fromMs)} already.`,
        'Nothing needs to be done.',
      )
    }
    const entry = await act(tx, {
      kind: 'duty.set',
      actor,
      subject: `place:${place}`,
      reason,
      old: { duty: held },
      new: { duty, fromMs },
      claimedAtMs,
    })
    return changeUntilNext(entry, 'duty', { place, duty }, fromMs)
  },

  'place.retire': async (context, { id, ...input }) => {
    const { tx, actor } = context
    const reason = requiredReason(input.reason)
    const atMs = effectiveFrom(context, input.atMs, reason)
    const { state, validFrom } = await placeOf(tx, id)
    if (state === 'retired') {
      throw refusal(
        'already-revoked',
        `Place ${id} is retired since ${instantText(validFrom)}.`,
        'Nothing needs to be done.',
      )
    }
    if (atMs <= validFrom) {
      throw refusal(
        'conflict',
        `Place ${id} is there since ${instantText(validFrom)} and cannot be retired before.`,
        'Correct the time.',
      )
    }
    await checkEmpty(tx, id, atMs)
    const entry = await act(tx, {
      kind: 'place.retire',
      actor,
      subject: `place:${id}`,
      reason,
      old: { state: 'active' },
      new: { state: 'retired', atMs },
    })
    await retireDuty(entry, id, atMs)
    return changeFrom(entry, 'place', { id }, atMs, { state: 'retired' })
  },
}

async function dutyAt(reader: FactsReader, { id, kind }: PlaceFact, atMs: number): Promise<string> {
  return rowAt(await history(reader, 'duty', { place: id }), atMs)?.duty ?? defaultDuty(kind)
}

/** From the instant on the duty is `retired`, whatever was entered for later. */
async function retireDuty(entry: Act, place: string, atMs: number): Promise<void> {
  const rows = await history(entry.tx, 'duty', { place })
  if (rows.length > 0) await changeFrom(entry, 'duty', { place }, atMs, { duty: 'retired' })
  if (rowAt(rows, atMs) === undefined) {
    await changeUntilNext(entry, 'duty', { place, duty: 'retired' }, atMs)
  }
}

/** Throws `conflict` naming what is in the place at the instant or later. */
async function checkEmpty(reader: FactsReader, place: string, atMs: number): Promise<void> {
  const stock = rowsDuring(await liveBy(reader, 'custody', 'place', place), atMs, null)
  const lots = stock.filter((row) => row.quantity > 0).map((row) => `${row.quantity} of lot ${row.lot}`)
  refuseWith(place, lots, 'Move or issue the stock first.')
  const placements: PlacementFact[] = []
  for (const { id } of await liveBy(reader, 'point', 'place', place)) {
    placements.push(...rowsDuring(await liveBy(reader, 'placement', 'point', id), atMs, null))
  }
  const sensors = placements
    .filter((row) => row.standing === 'judged')
    .map((row) => `sensor ${row.device}/${row.sensor} at point ${row.point}`)
  refuseWith(place, sensors, 'End the placements first.')
  const inside = rowsDuring(await liveBy(reader, 'place', 'parent', place), atMs, null)
  const places = inside.filter((row) => row.state === 'active').map((row) => `place ${row.id}`)
  refuseWith(place, places, 'Retire what lies in it first.')
}

/** Things a message names before it only counts them. */
const NAMED_MAX = 5

function refuseWith(place: string, things: readonly string[], remedy: string): void {
  const distinct = [...new Set(things)]
  if (distinct.length === 0) return
  const more = distinct.length > NAMED_MAX ? ` and ${distinct.length - NAMED_MAX} more` : ''
  const named = distinct.slice(0, NAMED_MAX).join(', ')
  throw refusal('conflict', `Place ${place} still has ${named}${more} then or later.`, remedy)
}

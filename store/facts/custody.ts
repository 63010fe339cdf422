import assert from 'node:assert/strict'
import { type CustodyFact, instantText } from '../../domain/index.ts'
import type { StockInPlace } from '../contract-places.ts'
import { type Act, act, appendFact } from './act.ts'
import { checkWhole, effectiveFrom, optionalReason, refusal } from './checks.ts'
import type { CommandContext, CommandHandlers } from './command.ts'
import { lotOf, organisationOfSite, placeOf } from './lookups.ts'
import { checkStands } from './places.ts'
import type { FactsReader } from './port.ts'
import { history } from './rows.ts'

/** More doses than there are people is a slip of the keyboard. */
const QUANTITY_MAX = 10_000_000_000

/** Commands about stock in place. What is in a place never falls below nothing, at no later instant either. */
export const custodyCommands: CommandHandlers<'custody.receive' | 'custody.move' | 'custody.issue'> = {
  'custody.receive': async (context, input) => {
    const { lot, place, quantity } = input
    const { atMs, reason } = await checked(context, input)
    await checkStands(context.tx, place, atMs, null)
    const entry = await enter(context, 'custody.receive', input, reason, { place, quantity, atMs })
    return [await adjust(entry, lot, place, quantity, atMs)]
  },

  'custody.issue': async (context, input) => {
    const { lot, place, quantity } = input
    const { atMs, reason } = await checked(context, input)
    await placeOf(context.tx, place)
    const entry = await enter(context, 'custody.issue', input, reason, { place, quantity, atMs })
    return [await adjust(entry, lot, place, -quantity, atMs)]
  },

  'custody.move': async (context, input) => {
    const { lot, from, to, quantity } = input
    const { atMs, reason } = await checked(context, input)
    if (from === to) {
      throw refusal('bad-request', `The stock would stay in ${from}.`, 'Name two places.')
    }
    await checkStands(context.tx, to, atMs, null)
    await checkBothReal(context.tx, from, to)
    const entry = await enter(context, 'custody.move', input, reason, { from, to, quantity, atMs })
    const left = await adjust(entry, lot, from, -quantity, atMs)
    return [left, await adjust(entry, lot, to, quantity, atMs)]
  },
}

/** What all three check alike. */
async function checked(
  context: CommandContext,
  input: Pick<StockInPlace, 'lot' | 'quantity' | 'atMs' | 'reason'>,
): Promise<{ readonly atMs: number; readonly reason: string }> {
  checkWhole('quantity', input.quantity, 1, QUANTITY_MAX)
  const reason = optionalReason(input.reason)
  const atMs = effectiveFrom(context, input.atMs, reason)
  await lotOf(context.tx, input.lot)
  return { atMs, reason }
}

function enter(
  { tx, actor }: CommandContext,
  kind: string,
  { lot, claimedAtMs }: Pick<StockInPlace, 'lot' | 'claimedAtMs'>,
  reason: string,
  details: Readonly<Record<string, string | number>>,
): Promise<Act> {
  return act(tx, { kind, actor, subject: `lot:${lot}`, reason, old: null, new: details, claimedAtMs })
}

async function checkBothReal(reader: FactsReader, from: string, to: string): Promise<void> {
  const left = await organisationOfSite(reader, (await placeOf(reader, from)).site)
  const entered = await organisationOfSite(reader, (await placeOf(reader, to)).site)
  if (left.demo === entered.demo) return
  throw refusal(
    'demo-only',
    `Places ${from} and ${to} are not both of a demonstration or both real.`,
    'What is in a demonstration stays there.',
  )
}

/**
 * Adds to (or takes from) what is in the place from the instant on: what holds then and every later row is
 * superseded by one with the other quantity. Answers the row that holds at the instant. Throws `conflict` where
 * less than nothing would be left.
 */
async function adjust(
  entry: Act,
  lot: string,
  place: string,
  change: number,
  atMs: number,
): Promise<CustodyFact> {
  const rows = await history(entry.tx, 'custody', { lot, place })
  const later = rows.filter((row) => row.validTo === null || row.validTo > atMs)
  const [first] = later
  // nothing was ever there before the first row
  if (first === undefined || first.validFrom > atMs) checkLeft({ lot, place, quantity: 0 }, change, atMs)
  for (const row of later) checkLeft(row, change, Math.max(row.validFrom, atMs))
  let held: CustodyFact | undefined
  if (first === undefined || first.validFrom > atMs) {
    const period = { validFrom: atMs, validTo: first?.validFrom ?? null, supersedes: null }
    held = await appendFact(entry, 'custody', { lot, place, quantity: change }, period)
  }
  for (const { validFrom, validTo, fact, quantity } of later) {
    const next = { lot, place, quantity: quantity + change }
    if (validFrom < atMs) {
      const before = { validFrom, validTo: atMs, supersedes: fact }
      await appendFact(entry, 'custody', { lot, place, quantity }, before)
      held = await appendFact(entry, 'custody', next, { validFrom: atMs, validTo, supersedes: null })
    } else {
      const row = await appendFact(entry, 'custody', next, { validFrom, validTo, supersedes: fact })
      held ??= row
    }
  }
  assert(held !== undefined, 'a row holds at the instant of the change')
  return held
}

function checkLeft(
  { lot, place, quantity }: Pick<CustodyFact, 'lot' | 'place' | 'quantity'>,
  change: number,
  atMs: number,
): void {
  if (quantity + change >= 0) return
  throw refusal(
    'conflict',
    `Place ${place} holds ${quantity} of lot ${lot} at ${instantText(atMs)}, fewer than ${-change}.`,
    'Correct the quantity, the place or the time; what was moved away later may have been the same stock.',
  )
}

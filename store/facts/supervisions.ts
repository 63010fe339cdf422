import type { OrganisationFact } from '../../domain/index.ts'
import { regulatorKinds } from '../../domain/index.ts'
import type { Supervision } from '../contract-places.ts'
import { act } from './act.ts'
import { effectiveFrom, optionalReason, refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { organisationOf } from './lookups.ts'
import type { FactsReader } from './port.ts'
import { history } from './rows.ts'
import { changeUntilNext, rowAt } from './timeline.ts'

/** Commands about who supervises whom, across the trees. */
export const supervisionCommands: CommandHandlers<'supervision.start' | 'supervision.end'> = {
  'supervision.start': async (context, { supervisor, supervised, ...input }) => {
    const { tx, actor } = context
    const reason = optionalReason(input.reason)
    const fromMs = effectiveFrom(context, input.fromMs, reason)
    const watching = await organisationOf(tx, supervisor)
    checkPair(watching, await organisationOf(tx, supervised))
    if ((await supervisionAt(tx, { supervisor, supervised }, fromMs))?.state === 'active') {
      throw refusal(
        'already-exists',
        `${supervisor} supervises ${supervised} already.`,
        'Nothing needs to be done.',
      )
    }
    const entry = await act(tx, {
      kind: 'supervision.start',
      actor,
      subject: `organisation:${supervised}`,
      reason,
      old: null,
      new: { supervisor, fromMs },
    })
    return changeUntilNext(entry, 'supervises', { supervisor, supervised, state: 'active' }, fromMs)
  },

  'supervision.end': async (context, { supervisor, supervised, ...input }) => {
    const { tx, actor } = context
    const reason = requiredReason(input.reason)
    const atMs = effectiveFrom(context, input.atMs, reason)
    const key = { supervisor, supervised }
    if ((await supervisionAt(tx, key, atMs))?.state !== 'active') {
      throw refusal(
        'not-found',
        `${supervisor} does not supervise ${supervised} at that time.`,
        'Correct the organisations or the time.',
      )
    }
    const entry = await act(tx, {
      kind: 'supervision.end',
      actor,
      subject: `organisation:${supervised}`,
      reason,
      old: { supervisor, state: 'active' },
      new: { supervisor, state: 'ended', atMs },
    })
    return changeUntilNext(entry, 'supervises', { ...key, state: 'ended' }, atMs)
  },
}

async function supervisionAt(reader: FactsReader, key: Supervision, atMs: number) {
  return rowAt(await history(reader, 'supervises', key), atMs)
}

function checkPair(supervisor: OrganisationFact, supervised: OrganisationFact): void {
  if (!regulatorKinds.some((kind) => kind === supervisor.kind)) {
    throw refusal(
      'conflict',
      `${supervisor.id} is no regulator but a ${supervisor.kind}.`,
      `Name an organisation of the kind ${regulatorKinds.join(' or ')} as supervisor.`,
    )
  }
  if (supervisor.id === supervised.id) {
    throw refusal('conflict', `${supervisor.id} cannot supervise itself.`, 'Name another organisation.')
  }
  if (supervisor.demo !== supervised.demo) {
    throw refusal(
      'demo-only',
      `${supervisor.id} and ${supervised.id} are not both demonstrations or both real.`,
      'Demonstrations supervise demonstrations and nothing else.',
    )
  }
}

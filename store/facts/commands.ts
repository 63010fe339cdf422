import type { Actor, Clock, Random } from '../../domain/index.ts'
import type { CommandName, CommandPort, Commands } from '../contract.ts'
import { incidentCommands } from '../incidents/commands.ts'
import { recipientCommands } from '../incidents/recipients.ts'
import { refusal } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { custodyCommands } from './custody.ts'
import { deviceCommands } from './devices.ts'
import { dutyCommands } from './duties.ts'
import { grantCommands } from './grants.ts'
import { heldCommands } from './held.ts'
import { keyCommands } from './keys.ts'
import { organisationCommands } from './organisations.ts'
import { placeCheckCommands } from './place-checks.ts'
import { placementCommands } from './placements.ts'
import { placeCommands } from './places.ts'
import type { Facts } from './port.ts'
import { productCommands } from './products.ts'
import { ruleCommands } from './rules.ts'
import { refusalCommands } from './refusals.ts'
import { sessionCommands } from './sessions.ts'
import { setupCommands } from './setup.ts'
import { siteCommands } from './sites.ts'
import { supervisionCommands } from './supervisions.ts'
import { userCommands } from './users.ts'
import { trimCommands } from './trims.ts'
import { watchCommands } from './watching.ts'

const handlers: CommandHandlers = {
  ...organisationCommands,
  ...siteCommands,
  ...deviceCommands,
  ...userCommands,
  ...grantCommands,
  ...keyCommands,
  ...sessionCommands,
  ...setupCommands,
  ...refusalCommands,
  ...heldCommands,
  ...trimCommands,
  ...watchCommands,
  ...supervisionCommands,
  ...placeCommands,
  ...dutyCommands,
  ...placeCheckCommands,
  ...placementCommands,
  ...productCommands,
  ...custodyCommands,
  ...ruleCommands,
  ...recipientCommands,
  ...incidentCommands,
}

/** Commands whose acts may belong to a demonstration's past: those with `Claimable` in the contract. */
const claimable: readonly CommandName[] = [
  'place.check',
  'duty.set',
  'custody.receive',
  'custody.move',
  'custody.issue',
  'incident.acknowledge',
]

/** Every command the facts carry out. */
export const commandNames = Object.keys(handlers) as readonly CommandName[]

/**
 * The commands of `store/contract.ts` on an open facts database: each one a transaction, with one act unless it
 * changes nothing. The caller has checked the right and the types of the input; the command checks the facts.
 */
export function createCommands(options: {
  readonly facts: Facts
  readonly clock: Clock
  readonly random: Random
}): CommandPort {
  const { facts, clock, random } = options
  return {
    async command<N extends CommandName>(
      name: N,
      actor: Actor,
      input: Commands[N]['input'],
    ): Promise<Commands[N]['output']> {
      // the name may have travelled over a socket
      if (!Object.hasOwn(handlers, name)) {
        throw refusal(
          'bad-request',
          'The core has no such command.',
          `Use one of ${commandNames.join(', ')}.`,
        )
      }
      if ('claimedAtMs' in input && !claimable.includes(name)) {
        throw refusal(
          'bad-request',
          `${name} takes no claimed time.`,
          `Leave it out; it is there for ${claimable.join(', ')}.`,
        )
      }
      return facts.transact((tx) => handlers[name]({ tx, actor, random, nowMs: clock.nowMs() }, input))
    },
  }
}

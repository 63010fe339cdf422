import { actorName } from '../../domain/index.ts'
import { act } from './act.ts'
import { refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'

/** Whoever has a held record judged again or decides a conflict answers for it; what came of it is in the readings. */
export const heldCommands: CommandHandlers<'held.readmit' | 'held.decide'> = {
  'held.readmit': async ({ tx, actor }, { device, index, held, reason }) => {
    if (!Number.isSafeInteger(index) || index < 0 || held < 1) {
      throw refusal('bad-request', `There is no record ${index} to judge again.`, 'Name one that is held.')
    }
    const subject = `device:${device}`
    const told = {
      kind: 'held.readmit',
      subject,
      reason: requiredReason(reason),
      old: null,
      new: { record: index, held },
    }
    const entry = await act(tx, { ...told, actor })
    return { act: entry.seq }
  },
  'held.decide': async ({ tx, actor }, { device, index, item, stands, reason }) => {
    if (!Number.isSafeInteger(index) || index < 0 || !Number.isInteger(item) || item < 0) {
      throw refusal(
        'bad-request',
        `There is no reading ${item} of record ${index}.`,
        'Name one that is held.',
      )
    }
    if (actor.kind === 'key') {
      throw refusal(
        'not-allowed',
        `${actorName(actor)} is nobody who could say which of two readings is true.`,
        'Let a person decide: by the API with a session, or at the command line.',
      )
    }
    const told = {
      kind: 'held.decide',
      subject: `device:${device}`,
      reason: requiredReason(reason),
      old: null,
      new: { record: index, item, stands },
    }
    const entry = await act(tx, { ...told, actor })
    return { act: entry.seq }
  },
}

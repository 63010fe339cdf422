import { act } from './act.ts'
import { refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'

/** Whoever has a held record judged again answers for it; what came of it is in the readings. */
export const heldCommands: CommandHandlers<'held.readmit'> = {
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
}

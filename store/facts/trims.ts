import { instantText, READINGS_LOG } from '../../domain/index.ts'
import { act } from './act.ts'
import { refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'

/** Whoever removes records answers for it: the act outlives them. */
export const trimCommands: CommandHandlers<'journal.trim'> = {
  'journal.trim': async ({ tx, actor }, { reason, receivedUntilMs, ...trim }) => {
    const counts = [trim.firstKept, trim.records, trim.segments, trim.bytes]
    if (!counts.every((count) => Number.isSafeInteger(count) && count > 0)) {
      throw refusal('bad-request', 'There is nothing to remove of the journal.', 'Name records that may go.')
    }
    const told = {
      kind: 'journal.trim',
      subject: `log:${READINGS_LOG}`,
      reason: requiredReason(reason),
      old: null,
      new: { ...trim, receivedUntil: instantText(receivedUntilMs) },
    }
    const entry = await act(tx, { ...told, actor })
    return { act: entry.seq }
  },
}

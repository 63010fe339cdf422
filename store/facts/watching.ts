import type { WatchKind } from '../contract.ts'
import { act } from './act.ts'
import { refusal } from './checks.ts'
import type { CommandHandlers } from './command.ts'

const kinds: Readonly<Record<WatchKind, true>> = {
  'balance.mismatch': true,
  'influx.mismatch': true,
  'clock.step': true,
  'clock.state': true,
}
/** `device:` and a device id. */
const SUBJECT_CHARACTERS_MAX = 80

/** What the system finds wrong with itself is an act of its own: it stands in the audit trail. */
export const watchCommands: CommandHandlers<'watch.report'> = {
  'watch.report': async ({ tx, actor }, { kind, subject, found }) => {
    if (!Object.hasOwn(kinds, kind) || subject === '' || subject.length > SUBJECT_CHARACTERS_MAX) {
      throw refusal(
        'bad-request',
        `${kind} on ${JSON.stringify(subject.slice(0, SUBJECT_CHARACTERS_MAX))} is nothing that is watched.`,
        `Report one of ${Object.keys(kinds).join(', ')}, of a thing named as <thing>:<id>.`,
      )
    }
    const told = { kind: 'watch.report', subject, reason: '', old: null, new: { watch: kind, ...found } }
    const entry = await act(tx, { ...told, actor })
    return { act: entry.seq }
  },
}

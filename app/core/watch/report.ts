import { type Log, reasonOf } from '../../../domain/index.ts'
import type { CommandPort, Commands } from '../../../store/index.ts'

/** Enters what was found in the audit trail. Never rejects: what cannot be entered is logged, and shown by `doctor`. */
export async function reportFound(
  { commands, log }: { readonly commands: CommandPort; readonly log: Log },
  found: Commands['watch.report']['input'],
): Promise<void> {
  try {
    await commands.command('watch.report', { kind: 'system', id: 'core' }, found)
  } catch (thrown) {
    const { kind, subject } = found
    log.error(
      { kind, subject, reason: reasonOf(thrown) },
      'what was found could not be entered in the audit trail',
    )
  }
}

import { organisationKinds } from '../../domain/index.ts'
import { act, openFact } from './act.ts'
import { checkId, checkOneOf, checkText, optionalReason, refusal } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { organisationOf } from './lookups.ts'
import { present } from './rows.ts'

/** Commands about organisations. */
export const organisationCommands: CommandHandlers<'organisation.create'> = {
  'organisation.create': async ({ tx, actor }, input) => {
    const { id, parent, kind, nameEn = null } = input
    checkId('organisation', id)
    checkOneOf('kind of organisation', kind, organisationKinds)
    checkText('name', input.name)
    if (nameEn !== null) checkText('English name', nameEn)
    const reason = optionalReason(input.reason)
    if ((await present(tx, 'organisation', { id })) !== undefined) {
      throw refusal('already-exists', `There is an organisation ${id} already.`, 'Choose another id.')
    }
    const demo = input.demo ? 1 : 0
    // the parent must be there before its child, which makes a circle impossible
    if (parent !== null && (await organisationOf(tx, parent)).demo !== demo) {
      throw refusal(
        'demo-only',
        `${id} and ${parent}, which it would lie below, are not both demonstrations or both real.`,
        'A tree is a demonstration as a whole or not at all: create a top-level organisation.',
      )
    }
    const subject = `organisation:${id}`
    const entry = await act(tx, {
      kind: 'organisation.create',
      actor,
      subject,
      reason,
      old: null,
      new: { id, parent, kind, demo },
    })
    return openFact(entry, 'organisation', { id, parent, kind, demo, name: input.name, nameEn })
  },
}

import { act, openFact } from './act.ts'
import { checkId, checkText, checkZone, optionalReason, refusal } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { organisationOf } from './lookups.ts'
import { present } from './rows.ts'

/** Commands about sites. */
export const siteCommands: CommandHandlers<'site.create'> = {
  'site.create': async ({ tx, actor }, input) => {
    const { id, zone, nameEn = null } = input
    checkId('site', id)
    checkText('name', input.name)
    if (nameEn !== null) checkText('English name', nameEn)
    checkZone(zone)
    const reason = optionalReason(input.reason)
    if ((await present(tx, 'site', { id })) !== undefined) {
      throw refusal('already-exists', `There is a site ${id} already.`, 'Choose another id.')
    }
    const organisation = (await organisationOf(tx, input.organisation)).id
    const subject = `site:${id}`
    const details = { id, organisation, zone }
    const entry = await act(tx, { kind: 'site.create', actor, subject, reason, old: null, new: details })
    return openFact(entry, 'site', { id, organisation, zone, name: input.name, nameEn })
  },
}

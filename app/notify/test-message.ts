import { messageFor } from '../../alerts/index.ts'
import type { RecipientFact } from '../../domain/index.ts'
import type { FactsView, WrittenText } from '../../store/index.ts'

/** Characters of a recipient's id that people can compare. */
const CODE_CHARACTERS = 7

/** The message that tests the road to a recipient, at an instant (epoch ms) in the zone of their site. */
export function testMessageFor(view: FactsView, recipient: RecipientFact, atMs: number): WrittenText {
  const site = view.site(view.place(recipient.place)?.site ?? '')
  const organisation = view.organisation(site?.organisation ?? '')
  const { language } = recipient
  const name = language === 'en' ? (site?.nameEn ?? site?.name) : site?.name
  const facts = {
    site: name ?? '-',
    atMs,
    zone: site?.zone ?? 'UTC',
    code: recipient.id.slice(0, CODE_CHARACTERS),
    demo: organisation?.demo === 1,
  }
  return messageFor({ template: 'test', language, facts })
}

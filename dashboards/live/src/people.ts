import type { Incident } from './answers.ts'
import { people } from './incidents.ts'
import { words } from './language.ts'
import { printedTime } from './print.ts'
import { me } from './session.ts'

/** How the actor of an act is called: `user:<id>` by name, parts of the system as such. */
export function personName(actor: string): string {
  const [kind = '', id = ''] = actor.split(':')
  if (kind === 'system') return words.value.bySystem
  const name = people.value.get(actor) ?? id
  return kind === 'user' && id === me.value?.id ? words.value.you(name) : name
}

/** Who took an incident, and when; undefined when nobody has. */
export function takenText({ acknowledgedBy, acknowledgedAt }: Incident, zone: string): string | undefined {
  if (acknowledgedBy === null || acknowledgedAt === null) return undefined
  return words.value.takenBy(personName(acknowledgedBy), printedTime(acknowledgedAt, zone))
}

/** Who resolved an incident, and when; undefined when nobody has. */
export function resolvedText({ resolvedBy, resolvedAt }: Incident, zone: string): string | undefined {
  if (resolvedBy === null || resolvedAt === null) return undefined
  return words.value.resolvedBy(personName(resolvedBy), printedTime(resolvedAt, zone))
}

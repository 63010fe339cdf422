import type { Incident } from './answers.ts'
import { people, stories } from './incidents.ts'
import { words } from './language.ts'
import { serverNowMs } from './live.ts'
import { printedRecently, printedTime } from './print.ts'
import { me } from './session.ts'

/** How the actor of an act is called: `user:<id>` by name, parts of the system as such. */
export function personName(actor: string): string {
  const [kind = '', id = ''] = actor.split(':')
  if (actor === 'system:demo-script') return words.value.byDemoScript
  if (kind === 'system') return words.value.bySystem
  const name = people.value.get(actor) ?? id
  return kind === 'user' && id === me.value?.id ? words.value.you(name) : name
}

/** Who took an incident, and when; undefined when nobody has. */
export function takenText(incident: Incident, zone: string): string | undefined {
  const { id, acknowledgedBy, acknowledgedAt } = incident
  if (acknowledgedBy === null || acknowledgedAt === null) return undefined
  const name = personName(acknowledgedBy)
  const acts = stories.value.get(id)?.acts ?? []
  const claimedAt = acts.find(({ kind }) => kind === 'incident.acknowledge')?.claimedAt ?? null
  if (claimedAt === null) return words.value.takenBy(name, printedTime(acknowledgedAt, zone))
  return `${name} ${claimText(claimedAt, acknowledgedAt, zone)}`
}

/** An act of a demonstration's past: when it is claimed to have been done, and when it was entered. */
export function claimText(claimedAt: string, recordedAt: string, zone: string): string {
  const printed = (at: string) => printedRecently(at, zone, serverNowMs.value)
  return words.value.claimed(printed(claimedAt), printed(recordedAt))
}

/** Who resolved an incident, and when; undefined when nobody has. */
export function resolvedText({ resolvedBy, resolvedAt }: Incident, zone: string): string | undefined {
  if (resolvedBy === null || resolvedAt === null) return undefined
  return words.value.resolvedBy(personName(resolvedBy), printedTime(resolvedAt, zone))
}

import { type MessageState, PUT_OFF_MS_MAX } from '../../domain/index.ts'
import type { Act } from '../facts/act.ts'
import { present } from '../facts/rows.ts'
import { changeIncident, endings, messagesOf } from './incident-row.ts'

const reaching: ReadonlySet<MessageState> = new Set(['waiting', 'sent', 'delivered'])

/**
 * To be called when a message of an incident (null: a test) reached nobody. When none of its calls did or may still do
 * so, and nobody has taken it, it counts as not called for, and a call is due.
 */
export async function callAgainIfUnheard(entry: Act, id: string | null): Promise<void> {
  const { tx } = entry
  const incident = id === null ? undefined : await present(tx, 'incident', { id })
  if (incident === undefined || incident.state !== 'raised' || incident.open === 0 || incident.told === 0)
    return
  const messages = await messagesOf(tx, incident.id)
  const since = messages.findLastIndex(
    ({ template, state }) => endings.includes(template) && state !== 'superseded',
  )
  if (messages.slice(since + 1).some(({ state }) => reaching.has(state))) return
  // what was in the way may be gone by then
  const callDueMs = entry.atMs + PUT_OFF_MS_MAX
  const nobody = { told: 0, calledGrade: null, calledLabelMilliC: null } as const
  await changeIncident(entry, incident, { ...nobody, callDueMs })
}

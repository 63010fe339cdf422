import { type Actor, actorName, type IncidentFact, instantText, louder } from '../../domain/index.ts'
import { type Act, act } from '../facts/act.ts'
import { CLOCK_TOLERANCE_MS, checkText, optionalReason, refusal, requiredReason } from '../facts/checks.ts'
import type { CommandHandlers } from '../facts/command.ts'
import type { FactsTransaction } from '../facts/port.ts'
import { present } from '../facts/rows.ts'
import { changeIncident, changeMessage, type IncidentChange, incidentOf } from './incident-row.ts'
import { forget, supersedeWaiting } from './outbox.ts'
import { callAgainIfUnheard } from './unheard.ts'

/** A muted screen sounds again after this: long enough to finish with a child, too short to forget. */
const MUTE_MS = 5 * 60_000

/** Commands of people about incidents, and of channels about messages. */
export const incidentCommands: CommandHandlers<
  'incident.acknowledge' | 'incident.resolve' | 'incident.mute' | 'message.receipt'
> = {
  'incident.acknowledge': async ({ tx, actor }, { id, claimedAtMs, ...input }) => {
    const reason = optionalReason(input.reason)
    const before = await incidentOf(tx, id)
    if (before.state !== 'raised') throw alreadyTaken(before)
    const acknowledged = {
      state: 'acknowledged',
      acknowledgedBy: actorName(actor),
      acknowledgedMs: tx.atMs,
    } as const
    const entry = await enter(tx, actor, 'incident.acknowledge', before, reason, acknowledged, claimedAtMs)
    await supersedeWaiting(entry, id, 'calls', `acknowledged by ${actorName(actor)}`)
    // whoever takes it answers for what it is now: only what is worse is called for again
    const calledGrade = louder(before.grade, before.calledGrade)
    const known = { told: before.open, calledGrade, calledLabelMilliC: before.labelMilliC }
    const taken = await changeIncident(entry, before, { ...acknowledged, ...known, callDueMs: null })
    return taken.open === 1 ? taken : resolve(tx, actor, taken, reason, 'recovered')
  },

  'incident.resolve': async ({ tx, actor }, { id, ...input }) => {
    const reason = requiredReason(input.reason)
    const before = await incidentOf(tx, id)
    if (before.state === 'resolved') throw alreadyTaken(before)
    if (before.open === 1) {
      throw refusal(
        'conflict',
        `Incident ${id} is not over: a value is still out of range or unknown after it was.`,
        'Acknowledge it, and resolve it when it is back in range; correct the placement if the sensor is elsewhere.',
      )
    }
    return resolve(tx, actor, before, reason, 'by-hand')
  },

  'incident.mute': async ({ tx, actor }, { id }) => {
    const before = await incidentOf(tx, id)
    if (before.state === 'resolved') throw alreadyTaken(before)
    const muted = { mutedBy: actorName(actor), mutedUntilMs: tx.atMs + MUTE_MS }
    const entry = await enter(tx, actor, 'incident.mute', before, '', muted)
    return changeIncident(entry, before, muted)
  },

  'message.receipt': async ({ tx, actor }, { message: id, state, atMs, detail = '' }) => {
    if (detail !== '') checkText('detail of the receipt', detail)
    const before = await present(tx, 'message', { id })
    if (before === undefined) {
      throw refusal('not-found', `There is no message ${id}.`, 'Send the id of the message as it was given.')
    }
    if (before.channel !== 'http') {
      throw refusal(
        'bad-request',
        `Message ${id} did not go through the HTTP channel.`,
        'Send receipts of messages that this gateway was given.',
      )
    }
    // a channel may say it twice, and a late "undelivered" does not undo what arrived
    if (before.state === state || before.state === 'delivered') return before
    // the gateway's clock may be wrong; when it cannot be true, arrival is what we know
    const isCredible = atMs >= before.validFrom - CLOCK_TOLERANCE_MS && atMs <= tx.atMs + CLOCK_TOLERANCE_MS
    const receiptMs = isCredible ? atMs : tx.atMs
    const told = { state, receiptMs, detail: detail === '' ? null : detail }
    const entry = await act(tx, {
      kind: 'message.receipt',
      actor,
      subject: `message:${id}`,
      reason: '',
      old: { state: before.state },
      new: { state, incident: before.incident, recipient: before.recipient },
    })
    // it need not be sent again, even if the attempt that brought it there is not settled or looked like a failure
    if (state === 'delivered') await forget(tx, id)
    const changed = await changeMessage(entry, before, told)
    if (state === 'undelivered') await callAgainIfUnheard(entry, before.incident)
    return changed
  },
}

async function resolve(
  tx: FactsTransaction,
  actor: Actor,
  before: IncidentFact,
  reason: string,
  resolution: 'recovered' | 'by-hand',
): Promise<IncidentFact> {
  const resolved = {
    state: 'resolved',
    resolvedBy: actorName(actor),
    resolvedMs: tx.atMs,
    resolution,
  } as const
  const entry = await enter(tx, actor, 'incident.resolve', before, reason, resolved)
  await supersedeWaiting(entry, before.id, 'calls', 'resolved')
  return changeIncident(entry, before, { ...resolved, callDueMs: null })
}

function enter(
  tx: FactsTransaction,
  actor: Actor,
  kind: string,
  before: IncidentFact,
  reason: string,
  change: IncidentChange,
  claimedAtMs?: number,
): Promise<Act> {
  const subject = `incident:${before.id}`
  const told = { kind, actor, subject, reason, old: { state: before.state }, new: { ...change } }
  return act(tx, { ...told, claimedAtMs })
}

/** One of two wins; the other learns who it was, so that they can talk to each other. */
function alreadyTaken({ id, state, acknowledgedBy, acknowledgedMs, resolvedBy, resolvedMs }: IncidentFact) {
  const [by, atMs] = state === 'resolved' ? [resolvedBy, resolvedMs] : [acknowledgedBy, acknowledgedMs]
  return refusal(
    'conflict',
    `Incident ${id} was ${state} by ${by ?? 'the system'} at ${instantText(atMs ?? 0)}.`,
    'Nothing needs to be done; talk to whoever took it before you go there.',
  )
}

import { sql } from 'kysely'
import {
  type Actor,
  type ChannelName,
  type DueMessage,
  type MessageFact,
  type MessageTemplate,
  type Outbox,
  PUT_OFF_MS_MAX,
  type Random,
  type RecipientFact,
  type Settlement,
  type Severity,
} from '../../domain/index.ts'
import type { WrittenText } from '../contract-incidents.ts'
import { type Act, act, openFact } from '../facts/act.ts'
import type { Facts, FactsTransaction } from '../facts/port.ts'
import { present } from '../facts/rows.ts'
import { newId } from '../facts/secrets.ts'
import { changeMessage, endings, messagesOf } from './incident-row.ts'
import { callAgainIfUnheard } from './unheard.ts'

/** A message to be sent, as it was decided. */
export interface NewMessage extends WrittenText {
  readonly recipient: RecipientFact
  readonly template: MessageTemplate
  readonly grade: Severity | null
  readonly outsideHours: boolean
}

const notifier: Actor = { kind: 'system', id: 'notifier' }
/** Nobody reads more of a reason. */
const DETAIL_CHARACTERS_MAX = 500
/** Due since ever: the clock may have been set back since the last act, and a call does not wait for it. */
const AT_ONCE_MS = 0

/** Opens the outbox of a facts database. */
export function openOutbox(facts: Facts): Outbox {
  return {
    due: (channel, nowMs, limit) => facts.transact((tx) => dueMessages(tx, channel, nowMs, limit)),
    nextDueMs: (channel, nowMs) => facts.transact((tx) => nextDueMs(tx, channel, nowMs)),
    settle: (id, result) => facts.transact((tx) => settle(tx, id, result)),
  }
}

/** Enters a message of an act (`incident` null: a test), and puts it into the outbox, due at once. */
export async function enterMessage(
  entry: Act,
  random: Random,
  incident: string | null,
  { recipient, outsideHours, variables, ...said }: NewMessage,
): Promise<MessageFact> {
  const { tx } = entry
  const id = newId('m', random)
  const { channel, language, fact } = recipient
  await tx.run(tx.db.insertInto('outbox').values({ message: id, dueMs: AT_ONCE_MS, attempts: 0, reason: '' }))
  return openFact(entry, 'message', {
    id,
    decidedBy: entry.seq,
    incident,
    recipient: recipient.id,
    recipientFact: fact,
    channel,
    language,
    ...said,
    variables: JSON.stringify(variables),
    outsideHours: outsideHours ? 1 : 0,
    state: 'waiting',
    sentMs: null,
    receiptMs: null,
    reference: null,
    detail: null,
  })
}

/**
 * Takes back the messages of an incident that still wait. `calls` would be for what is taken or over, `endings` would
 * say of what is called for again that it is over.
 */
export async function supersedeWaiting(
  entry: Act,
  incident: string,
  which: 'calls' | 'endings',
  detail: string,
): Promise<void> {
  const { tx } = entry
  for (const message of await messagesOf(tx, incident)) {
    const isEnding = endings.includes(message.template)
    if (message.state !== 'waiting' || isEnding !== (which === 'endings')) continue
    await changeMessage(entry, message, { state: 'superseded', detail })
    await forget(tx, message.id)
  }
}

/** Takes back what waits for a recipient; what they were to be called for is called for again if nobody else was. */
export async function supersedeOf(entry: Act, recipient: string, detail: string): Promise<void> {
  const { tx } = entry
  const waiting = await tx.all(
    tx.db
      .selectFrom('outbox as waiting')
      .innerJoin('live_message as it', 'it.id', 'waiting.message')
      .selectAll('it')
      .where('it.recipient', '=', recipient),
  )
  for (const message of waiting) {
    await changeMessage(entry, message, { state: 'superseded', detail })
    await forget(tx, message.id)
    await callAgainIfUnheard(entry, message.incident)
  }
}

async function dueMessages(
  tx: FactsTransaction,
  channel: ChannelName,
  nowMs: number,
  limit: number,
): Promise<readonly DueMessage[]> {
  const rows = await tx.all(
    tx.db
      .selectFrom((db) =>
        db
          .selectFrom('outbox as waiting')
          .innerJoin('live_message as it', 'it.id', 'waiting.message')
          .innerJoin('recipient as whom', 'whom.fact', 'it.recipientFact')
          .select(['it.id', 'it.channel', 'it.language', 'it.template', 'it.variables', 'it.subject'])
          .select(['it.text', 'it.validFrom', 'it.decidedBy', 'waiting.attempts', 'whom.address'])
          // one per person, however often they are entered, so that a flood to one hides nobody else's message
          .select(
            sql<number>`row_number() over (partition by ${sql.ref('whom.address')}
              order by ${sql.ref('it.decidedBy')}, ${sql.ref('it.id')})`.as('nth'),
          )
          .where('it.channel', '=', channel)
          .where((eb) =>
            eb.or([eb('waiting.dueMs', '<=', nowMs), eb('waiting.dueMs', '>', nowMs + PUT_OFF_MS_MAX)]),
          )
          .as('due'),
      )
      .selectAll()
      .where('due.nth', '=', 1)
      .orderBy('due.decidedBy')
      .orderBy('due.id')
      .limit(limit),
  )
  return rows.map((row) => ({
    message: {
      id: row.id,
      channel: row.channel,
      to: row.address,
      language: row.language,
      template: row.template,
      // only `enterMessage` writes the column
      variables: JSON.parse(row.variables) as Record<string, string>,
      subject: row.subject,
      text: row.text,
      createdMs: row.validFrom,
    },
    attempts: row.attempts,
  }))
}

async function nextDueMs(tx: FactsTransaction, channel: ChannelName, nowMs: number): Promise<number | null> {
  const [next] = await tx.all(
    tx.db
      .selectFrom('outbox as waiting')
      // in this order: the other way round SQLite looks at every message there ever was
      .crossJoin('live_message as it')
      .whereRef('it.id', '=', 'waiting.message')
      .select('waiting.dueMs')
      .where('it.channel', '=', channel)
      .where('waiting.dueMs', '>', nowMs)
      .orderBy('waiting.dueMs')
      .limit(1),
  )
  return next?.dueMs ?? null
}

async function settle(tx: FactsTransaction, id: string, result: Settlement): Promise<void> {
  const [waiting] = await tx.all(tx.db.selectFrom('outbox').select('attempts').where('message', '=', id))
  if (waiting === undefined) {
    await settleUnexpected(tx, id, result)
    return
  }
  if (result.kind === 'later') {
    const { dueMs, reason } = result
    const tried = { dueMs, reason: short(reason), attempts: waiting.attempts + 1 }
    await tx.keepBooks(tx.db.updateTable('outbox').set(tried).where('message', '=', id))
    return
  }
  const before = await present(tx, 'message', { id })
  if (before === undefined) return
  const entry = await enterResult(tx, before, result.kind, waiting.attempts + 1)
  await forget(tx, id)
  if (result.kind === 'failed') {
    await changeMessage(entry, before, { state: 'failed', detail: short(result.reason) })
    await callAgainIfUnheard(entry, before.incident)
    return
  }
  const { reference } = result
  // its receipt may have been faster
  const state = before.state === 'waiting' ? 'sent' : before.state
  await changeMessage(entry, before, { state, sentMs: tx.atMs, reference })
}

/**
 * A message that left the outbox while it was under way: taken back, or delivered before its sending was settled. When
 * it went out, who was told and when must be known.
 */
async function settleUnexpected(tx: FactsTransaction, id: string, result: Settlement): Promise<void> {
  if (result.kind !== 'sent') return
  const before = await present(tx, 'message', { id })
  if (before === undefined || before.sentMs !== null || before.state === 'failed') return
  const entry = await enterResult(tx, before, 'sent', null)
  const state = before.state === 'superseded' ? 'sent' : before.state
  await changeMessage(entry, before, { state, sentMs: tx.atMs, reference: result.reference })
}

/** `attempts`: null when nobody counts them any more. */
function enterResult(
  tx: FactsTransaction,
  before: MessageFact,
  kind: 'sent' | 'failed',
  attempts: number | null,
): Promise<Act> {
  const { id, incident, recipient, state } = before
  return act(tx, {
    kind: `message.${kind}`,
    actor: notifier,
    subject: `message:${id}`,
    reason: '',
    old: { state },
    new: { incident, recipient, attempts },
  })
}

/** Takes a message out of the outbox: it is not tried any more. */
export async function forget(tx: FactsTransaction, message: string): Promise<void> {
  await tx.run(tx.db.deleteFrom('outbox').where('message', '=', message))
}

function short(text: string): string {
  return text.slice(0, DETAIL_CHARACTERS_MAX)
}

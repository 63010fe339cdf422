import {
  type Clock,
  type DueMessage,
  type Log,
  type Outbox,
  PUT_OFF_MS_MAX,
  reasonOf,
  type Settlement,
} from '../../domain/index.ts'
import type { ChannelSender, SendOutcome } from './port.ts'

/** The first wait; each further one is twice as long, up to the longest. */
const BACK_OFF_MS = 5_000
const BACK_OFF_MS_MAX = 5 * 60_000
/** After a day a message about a fridge helps nobody; that it failed is on the incident. */
const GIVE_UP_MS = 24 * 3_600_000
/** A store that cannot be written to is asked again at these waits. */
const SETTLE_WAIT_MS = 1_000
const SETTLE_WAIT_MS_MAX = 30_000
/** What a sender may take to end after it was told to; it may still say that the message went out. */
const STOP_GRACE_MS = 2_000

/** What an attempt works with. */
export interface AttemptParts {
  readonly outbox: Outbox
  readonly sender: ChannelSender
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/**
 * Sends one message once and has kept what became of it when it resolves. Never rejects. When it is told to stop, an
 * attempt without a result leaves the message as it was, and a result is tried to be kept once.
 */
export async function attempt(due: DueMessage, parts: AttemptParts): Promise<void> {
  const { clock, signal } = parts
  const { createdMs } = due.message
  if (clock.nowMs() - createdMs >= GIVE_UP_MS) {
    const reason = 'it was not sent within 24 h of its creation, and is not sent any more'
    await keep(due, { kind: 'failed', reason }, parts)
    return
  }
  const outcome = await send(due, parts)
  if (outcome === undefined || (signal.aborted && outcome.kind === 'retry')) return
  await keep(due, settlementOf(outcome, due, clock.nowMs()), parts)
}

/** What is kept of an outcome. A retry that would come a day after creation is none. */
export function settlementOf(
  outcome: SendOutcome,
  { message, attempts }: DueMessage,
  nowMs: number,
): Settlement {
  if (outcome.kind === 'sent') return { kind: 'sent', reference: outcome.reference ?? null }
  const { reason } = outcome
  if (outcome.kind === 'refused') return { kind: 'failed', reason }
  const backOffMs = Math.min(BACK_OFF_MS * 2 ** Math.min(attempts, 30), BACK_OFF_MS_MAX)
  const dueMs = nowMs + Math.max(backOffMs, Math.min(outcome.afterMs ?? 0, PUT_OFF_MS_MAX))
  if (dueMs - message.createdMs < GIVE_UP_MS) return { kind: 'later', dueMs, reason }
  return { kind: 'failed', reason: `given up after ${attempts + 1} attempts within 24 h; at last ${reason}` }
}

/** Undefined when the sender did not end after it was told to: then nobody knows, and the message stays due. */
async function send(
  { message }: DueMessage,
  { sender, clock, signal }: AttemptParts,
): Promise<SendOutcome | undefined> {
  const ended = new AbortController()
  const stopped = async (): Promise<undefined> => {
    await untilAborted(AbortSignal.any([signal, ended.signal]))
    await clock.sleep(STOP_GRACE_MS, ended.signal)
    return undefined
  }
  try {
    return await Promise.race([sender.send(message, signal), stopped()])
  } catch (thrown) {
    // a mistake of the sender, which must not stop the others; the message is tried again
    return { kind: 'retry', reason: `the channel failed: ${reasonOf(thrown)}` }
  } finally {
    ended.abort()
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
}

/** Tries until the outbox has it: what became of a message is not forgotten while this process lives. */
async function keep({ message }: DueMessage, settlement: Settlement, parts: AttemptParts): Promise<void> {
  const { outbox, clock, log, signal } = parts
  const { id, channel } = message
  let waitMs = SETTLE_WAIT_MS
  for (;;) {
    try {
      await outbox.settle(id, settlement)
      const level = settlement.kind === 'failed' ? 'error' : settlement.kind === 'later' ? 'warn' : 'info'
      log[level]({ message: id, channel, outcome: settlement.kind }, 'notification settled')
      return
    } catch (thrown) {
      const fields = { message: id, channel, outcome: settlement.kind, reason: reasonOf(thrown) }
      log.warn(fields, 'the outbox does not take what became of a notification')
      if (signal.aborted) return
      await clock.sleep(waitMs, signal)
      waitMs = Math.min(waitMs * 2, SETTLE_WAIT_MS_MAX)
    }
  }
}

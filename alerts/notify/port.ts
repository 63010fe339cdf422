import type { ChannelName, Language, MessageTemplate } from '../../domain/index.ts'

/** One message to one person. It never changes once it is in the outbox. */
export interface OutgoingMessage {
  /** Stable: whoever gets the message again knows it by this. 1 to 200 printable ASCII characters without a dot. */
  readonly id: string
  readonly channel: ChannelName
  /** A phone number (http), a mail address (mail), empty (console). */
  readonly to: string
  readonly language: Language
  readonly template: MessageTemplate
  /** What the template's places are filled with; see `texts.ts`. */
  readonly variables: Readonly<Record<string, string>>
  readonly subject: string
  readonly text: string
  /** When it was put into the outbox, epoch ms. */
  readonly createdMs: number
}

/**
 * What became of one attempt. `sent`: whoever is next on the way has taken it; `reference` is their name for it.
 * `retry`: it may work later, not before `afterMs` where given. `refused`: trying the same again is useless.
 * Reasons are for the incident page: they may repeat a server's words, so they never go into a log.
 */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly reference?: string }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: 'refused'; readonly reason: string }

/** A channel that is configured. */
export interface ChannelSender {
  /** Makes one attempt, within a time of its own. Ends soon after `signal` aborts. Never rejects. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome>
}

/** The channels that are configured, by name. */
export type Channels = Readonly<Partial<Record<ChannelName, ChannelSender>>>

/** A message that is due, with the attempts made before: those that were settled as `later`. */
export interface DueMessage {
  readonly message: OutgoingMessage
  readonly attempts: number
}

/** What is kept of a message; see `Outbox.settle`. */
export type Settlement =
  | { readonly kind: 'sent'; readonly reference: string | null }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'later'; readonly dueMs: number; readonly reason: string }

/** Where messages wait. All three reject only while the store cannot be used. */
export interface Outbox {
  /**
   * The oldest waiting message of each recipient of the channel that is due at `nowMs`, oldest first, at most
   * `limit`. One per recipient, so that a flood to one person hides nobody else's message.
   */
  due(channel: ChannelName, nowMs: number, limit: number): Promise<readonly DueMessage[]>
  /** The earliest instant strictly after `nowMs` at which a waiting message of the channel becomes due. */
  nextDueMs(channel: ChannelName, nowMs: number): Promise<number | null>
  /** Durable when it resolves. `sent` and `failed` are final; `later` counts one more attempt. */
  settle(id: string, settlement: Settlement): Promise<void>
}

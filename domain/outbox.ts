import type { ChannelName, Language, MessageTemplate } from './incident.ts'

/**
 * Neither a call nor an attempt to send a message is put off for longer. What is due later than this was put off by a
 * clock that was set back since, and is looked at now.
 */
export const PUT_OFF_MS_MAX = 15 * 60_000

/** One message to one person. It never changes once it is in the outbox. */
export interface OutgoingMessage {
  /** Stable: whoever gets the message again knows it by this. 1 to 200 printable ASCII characters without a dot. */
  readonly id: string
  readonly channel: ChannelName
  /** A phone number (http), a mail address (mail), empty (console). */
  readonly to: string
  readonly language: Language
  readonly template: MessageTemplate
  /** What the template's places are filled with; see `alerts/notify/texts.ts`. */
  readonly variables: Readonly<Record<string, string>>
  readonly subject: string
  readonly text: string
  /** When it was put into the outbox, epoch ms. */
  readonly createdMs: number
}

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
   * The oldest waiting message of each address of the channel that is due at `nowMs`, oldest first, at most
   * `limit`. One per address, so that a flood to one person hides nobody else's message.
   */
  due(channel: ChannelName, nowMs: number, limit: number): Promise<readonly DueMessage[]>
  /** The earliest instant strictly after `nowMs` at which a waiting message of the channel becomes due. */
  nextDueMs(channel: ChannelName, nowMs: number): Promise<number | null>
  /**
   * Durable when it resolves. `sent` and `failed` are final; `later` counts one more attempt. A message that was taken
   * back meanwhile stays as it is, unless it was sent.
   */
  settle(id: string, settlement: Settlement): Promise<void>
}

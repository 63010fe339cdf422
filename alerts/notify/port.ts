import type { ChannelName, OutgoingMessage } from '../../domain/index.ts'

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

import type {
  ChannelName,
  Hours,
  IncidentFact,
  IncidentState,
  Language,
  MessageFact,
  RecipientFact,
} from '../domain/index.ts'
import type { Claimable } from './contract-places.ts'
import type { Command, PageInput } from './contract.ts'

/** Commands about who is called, and what people do about incidents. */
export interface IncidentCommands {
  /** Somebody is called for a place and those in it from now on. Refused: numbers and addresses that are none. */
  'recipient.create': Command<NewRecipient, RecipientFact>
  'recipient.end': Command<{ readonly id: string; readonly reason: string }, RecipientFact>
  /** Puts a test message into the outbox: whether the road to the person works. */
  'recipient.test': Command<{ readonly id: string } & WrittenText, MessageFact>
  /**
   * Takes the incident: calls that wait are not made any more, and one that is over is resolved. Of two at once one
   * wins; the other is refused (`conflict`) and told who it was.
   */
  'incident.acknowledge': Command<{ readonly id: string; readonly reason?: string } & Claimable, IncidentFact>
  /** Closes an incident that is over. Refused (`conflict`) while it is out of range, and when it is resolved. */
  'incident.resolve': Command<{ readonly id: string; readonly reason: string }, IncidentFact>
  /** One screen is silent for five minutes. Nothing else changes: calls go on. */
  'incident.mute': Command<{ readonly id: string }, IncidentFact>
  /** What a channel says became of a message. The same again changes nothing. */
  'message.receipt': Command<MessageReceipt, MessageFact>
}

/** Somebody to call. */
export interface NewRecipient {
  readonly place: string
  /** As people call them. */
  readonly name: string
  readonly channel: ChannelName
  /** A phone number for `http`, a mail address for `mail`, left out for `console`. */
  readonly address?: string
  /** Default `zh`. */
  readonly language?: Language
  /** In the zone of the place's site; left out: always. */
  readonly hours?: readonly Hours[]
  readonly reason?: string
}

/** What a message says, and the values in it. */
export interface WrittenText {
  readonly subject: string
  readonly text: string
  readonly variables: Readonly<Record<string, string>>
}

/** A receipt (短信回执) of one message. */
export interface MessageReceipt {
  readonly message: string
  readonly state: 'delivered' | 'undelivered'
  /** When the channel says it was, epoch ms. */
  readonly atMs: number
  readonly detail?: string
}

/** Questions about incidents and who is called. */
export interface IncidentQueries {
  /** Of places in the scopes, newest first. */
  readonly incidents: PageInput & {
    readonly place?: string
    readonly state?: IncidentState
    readonly open?: boolean
  }
  /** One, with its findings, messages and acts. Object, not a list; `not-found` when there is none. */
  readonly incident: { readonly id: string }
  /** Of places in the scopes, those of before too, by id. */
  readonly recipients: PageInput & { readonly place?: string }
}

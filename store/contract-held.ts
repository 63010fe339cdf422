import type { Actor, Channel, Stands } from '../domain/index.ts'

/** A journalled record, of which something is or was held. */
export interface HeldRecord {
  readonly device: string
  readonly index: number
  readonly receivedAt: string
  readonly channel: Channel
  readonly topic: string
  readonly qos: 0 | 1 | 2
  /** The payload as it came: as text where it is UTF-8, else as hex digits. */
  readonly payload: { readonly as: 'text' | 'hex'; readonly content: string; readonly bytes: number }
}

/** What came of judging a record again. */
export interface Readmitted {
  readonly act: number
  /** The record that has it judged again. */
  readonly index: number
  /** How much of the old one was held before: its readings, or 1 for the whole message. */
  readonly heldBefore: number
  /** How much is held now; null when ingest has not come to it yet. */
  readonly heldNow: number | null
}

/** What came of deciding a conflict. */
export interface ConflictDecided {
  readonly act: number
  /** The record that decides. */
  readonly index: number
  readonly stands: Stands
  /** False while ingest has not come to it yet. */
  readonly done: boolean
}

/** What the core tells of held records and does with them. Rejects with `Problem`s. */
export interface HeldPort {
  /** `not-found` when the journal holds no such record of the device. */
  heldRecord(asked: { readonly device: string; readonly index: number }): Promise<HeldRecord>
  /**
   * Has what is held of a record judged again, by the facts as they are now. `not-found` when nothing of it is held,
   * `conflict` when somebody else is at it, `journal-unavailable` when no gateway is there to make it durable. When
   * that fails nothing has changed but for an act, and it can be asked for again.
   */
  readmit(
    actor: Actor,
    asked: { readonly device: string; readonly index: number; readonly reason: string },
  ): Promise<Readmitted>
  /**
   * Decides whether a reading that is held as `conflict` stands from now on, or what it contradicts. `not-found` when
   * it is not held so; `conflict` when somebody else is at its record, or what is stored was decided for before;
   * else as `readmit`.
   */
  decide(actor: Actor, asked: ConflictQuestion): Promise<ConflictDecided>
}

/** A reading that is held, by device, record and place in it, and what is decided about it why. */
export interface ConflictQuestion {
  readonly device: string
  readonly index: number
  readonly item: number
  readonly stands: Stands
  readonly reason: string
}

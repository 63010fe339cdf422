import type { SendOutcome } from '../../../alerts/index.ts'
import type {
  ChannelName,
  Log,
  LogFields,
  Outbox,
  OutgoingMessage,
  Settlement,
} from '../../../domain/index.ts'
import type { SimulatedClock } from '../../support/simulated-clock.ts'
import { sample } from './gateway.ts'

/** A row of the outbox. */
export interface Row {
  readonly message: OutgoingMessage
  attempts: number
  dueMs: number
  /** What was kept, in order; final ones last. */
  readonly settlements: Settlement[]
}

/** What may go wrong; each is asked at every call. */
export interface Trouble {
  /** The answer of `due` is as old as this when it arrives. */
  readonly readMs?: () => number
  readonly readFails?: () => boolean
  /** `before`: nothing was kept. `after`: it was kept, and the answer got lost. */
  readonly settleFails?: () => 'before' | 'after' | undefined
}

const isFinal = (row: Row): boolean => row.settlements.some(({ kind }) => kind !== 'later')

/** An outbox in memory that keeps what the port promises, with trouble on demand. */
export class SimulatedOutbox implements Outbox {
  readonly rows = new Map<string, Row>()
  readonly #clock: SimulatedClock
  readonly #trouble: Trouble

  constructor(clock: SimulatedClock, trouble: Trouble = {}) {
    this.#clock = clock
    this.#trouble = trouble
  }

  add(message: Partial<OutgoingMessage> & { readonly id: string }): void {
    const whole = { ...sample, createdMs: this.#clock.nowMs(), ...message }
    this.rows.set(whole.id, { message: whole, attempts: 0, dueMs: whole.createdMs, settlements: [] })
  }

  row(id: string): Row {
    const row = this.rows.get(id)
    if (row === undefined) throw new Error(`no message ${id}`)
    return row
  }

  get allFinal(): boolean {
    return [...this.rows.values()].every(isFinal)
  }

  async due(channel: ChannelName, nowMs: number, limit: number) {
    if (this.#trouble.readFails?.() === true) throw new Error('the database is locked')
    const oldest = new Map<string, Row>()
    for (const row of this.#waiting(channel).filter(({ dueMs }) => dueMs <= nowMs)) {
      if (!oldest.has(row.message.to)) oldest.set(row.message.to, row)
    }
    const found = [...oldest.values()].slice(0, limit).map(({ message, attempts }) => ({ message, attempts }))
    const readMs = this.#trouble.readMs?.() ?? 0
    if (readMs > 0) await this.#clock.sleep(readMs)
    return found
  }

  async nextDueMs(channel: ChannelName, nowMs: number): Promise<number | null> {
    const later = this.#waiting(channel).filter(({ dueMs }) => dueMs > nowMs)
    return later.length === 0 ? null : Math.min(...later.map(({ dueMs }) => dueMs))
  }

  async settle(id: string, settlement: Settlement): Promise<void> {
    const failure = this.#trouble.settleFails?.()
    if (failure === 'before') throw new Error('the disk is full')
    const row = this.row(id)
    row.settlements.push(settlement)
    if (settlement.kind === 'later') {
      row.attempts += 1
      row.dueMs = settlement.dueMs
    }
    if (failure === 'after') throw new Error('the answer got lost')
  }

  /** Oldest first. */
  #waiting(channel: ChannelName): Row[] {
    return [...this.rows.values()]
      .filter((row) => row.message.channel === channel && !isFinal(row))
      .toSorted((one, other) => one.message.createdMs - other.message.createdMs)
  }
}

/** One attempt as a channel saw it. */
export interface Attempt {
  readonly id: string
  readonly startMs: number
  endMs?: number
}

/** A channel that takes `ms` for an answer and ends when it is told to. */
export function simulatedChannel(
  clock: SimulatedClock,
  answer: (
    message: OutgoingMessage,
    attempt: number,
  ) => { readonly ms: number; readonly outcome: SendOutcome },
) {
  const attempts: Attempt[] = []
  return {
    attempts,
    send: async (message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> => {
      const before = attempts.filter(({ id }) => id === message.id).length
      const attempt: Attempt = { id: message.id, startMs: clock.nowMs() }
      attempts.push(attempt)
      const { ms, outcome } = answer(message, before)
      await clock.sleep(ms, signal)
      attempt.endMs = clock.nowMs()
      return signal.aborted ? { kind: 'retry', reason: 'stopped' } : outcome
    },
  }
}

/** Keeps log lines as text. */
export function logInto(lines: string[]): Log {
  const at = (level: string) => (fields: LogFields, message: string) =>
    void lines.push(`${level} ${JSON.stringify(fields)} ${message}`)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

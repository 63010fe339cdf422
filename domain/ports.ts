/**
 * The doors to the world that a seeded simulation must own (design section 2). Implementations live in
 * `app/doors`; everything else receives them as arguments.
 */

/** Time. `nowMs` is the wall clock (epoch ms UTC), `monotonicMs` never steps and is for durations only. */
export interface Clock {
  nowMs(): number
  monotonicMs(): number
  /** Resolves after `ms`, or at once when `signal` aborts (it does not reject). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * Who waits for a record to be durable: exactly one of the two is called, once, never inside the call that hands the
 * record over. An object in place of a promise, of which a flood makes millions.
 */
export interface Waiter {
  /** The record is synced and has this index; calls come in the order of the records. */
  durable(index: number): void
  /** It may or may not be there after a restart: it must not be acknowledged. */
  failed(reason: unknown): void
}

/** Randomness, for secrets and ids. MUST be cryptographically strong outside simulations. */
export interface Random {
  bytes(count: number): Uint8Array
}

/** Where structured log lines go. Fields never hold secrets or payloads. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

/** Named values of one log line. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

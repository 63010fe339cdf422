import type { Credentials } from './device.ts'

/** How a connection goes on when acknowledgements come. */
export type Refill =
  /** One new message for each acknowledgement: `inFlight` are always under way. */
  | 'each'
  /** `inFlight` new ones once all of the last are acknowledged. */
  | 'window'
  /** By the clock: `ratePerSecond` of all connections together, while fewer than `inFlight` wait. */
  | 'rate'

/** What the load program is told, as JSON on its standard input. */
export interface LoadPlan {
  readonly host: string
  readonly port: number
  readonly devices: readonly Credentials[]
  readonly inFlight: number
  readonly refill: Refill
  readonly ratePerSecond: number
  /** Readings in each message; 1 when left out. */
  readonly readings?: number
  /** Sent and not counted, then counted. */
  readonly warmUpMs: number
  readonly measureMs: number
  /** Of the first message of each device; the others count up from there. */
  readonly firstSeq: number
  /** The server, whose processor time is read from /proc. */
  readonly serverPid: number
}

/** What it answers, as one JSON line on its standard output. */
export interface LoadResult {
  /** Acknowledged in the measured time, and how long that was. */
  readonly messages: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Processor seconds of the server, of its main thread alone, and of the load program in the measured time. */
  readonly serverCpuS: number
  readonly serverMainCpuS: number
  readonly clientCpuS: number
  /** Of the whole run, warm-up and end included. */
  readonly sent: number
  readonly acknowledged: number
  /** From the first connection to the last sign-in. */
  readonly signInS: number
}

/** What the process with the devices is told first. */
export interface LoadOrder {
  readonly port: number
  readonly devices: readonly { readonly id: string; readonly secret: string }[]
  /** Gets a line for each acknowledged reading, as soon as its acknowledgement came; made anew. */
  readonly ackLog: string
  /** Readings a second of all devices together; what a dead server kept back is caught up. */
  readonly ratePerSecond: number
  readonly seed: number
}

/** What it tells, often: sums since its start. */
export interface LoadCounts {
  readonly sent: number
  readonly acked: number
  /** Devices with a connection. */
  readonly connected: number
  /** Connections opened again. */
  readonly reconnects: number
  /** True when told to `drain`, and nothing waits for its acknowledgement: both logs are complete. */
  readonly drained: boolean
}

/** Told later: take no more readings, and wait for the acknowledgements that are missing. */
export const DRAIN = 'drain'

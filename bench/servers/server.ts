import type { Credentials } from '../load/device.ts'

/** A server under load, in a process of its own. */
export interface Server {
  readonly name: string
  readonly pid: number
  readonly port: number
  readonly devices: readonly Credentials[]
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

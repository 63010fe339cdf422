import type { RefusalReason } from '../domain/index.ts'

/** What the gateway knows of a device, from memory, fed by the facts' change feed. */
export interface DevicePolicy {
  readonly id: string
  readonly state: 'active' | 'revoked'
  /** SHA-256 (hex) of the device's present secret. */
  readonly secretSha256: string
}

/** Synchronous look-ups in memory: the gateway never waits for a database while a packet is pending. */
export interface DevicePolicies {
  /** False until the first snapshot arrived; then nobody is admitted. */
  readonly ready: boolean
  find(deviceId: string): DevicePolicy | undefined
  /** Calls back with the id of each device whose policy changed, so that live connections can be closed. */
  onChange(listener: (deviceId: string) => void): () => void
}

/** Counts a refusal; `deviceId` undefined when no registered device could be named. Never throws, never blocks. */
export type CountRefusal = (deviceId: string | undefined, reason: RefusalReason) => void

import { instantText } from '../domain/index.ts'
import type { CanonicalReads } from '../store/index.ts'

/** What a device last said of itself on its status topic, itself or by its last will; null where it did not say. */
export interface DeviceStatus {
  readonly receivedAt: string
  readonly state: 'online' | 'offline' | null
  readonly firmware: string | null
  /** Of its radio, dBm. */
  readonly signal: number | null
  /** Whether its clock is set. */
  readonly clock: boolean | null
}

const FIRMWARE_CHARACTERS_MAX = 64

/** The last status of a device; null when it sent none. What it says beyond the known members stays in the journal. */
export function lastStatusOf(
  reads: Pick<CanonicalReads, 'lastMessages'>,
  device: string,
): DeviceStatus | null {
  const last = reads.lastMessages(device).find(({ kind }) => kind === 'status')
  if (last === undefined) return null
  // ingest keeps objects only
  const said = JSON.parse(last.json) as Readonly<Record<string, unknown>>
  const { state, firmware, signal, clock } = said
  return {
    receivedAt: instantText(last.receivedAtMs),
    state: state === 'online' || state === 'offline' ? state : null,
    firmware: typeof firmware === 'string' ? firmware.slice(0, FIRMWARE_CHARACTERS_MAX) : null,
    signal: typeof signal === 'number' ? signal : null,
    clock: typeof clock === 'boolean' ? clock : null,
  }
}

import type { MessageRecord } from '../domain/index.ts'
import type { GatewayParts } from './parts.ts'
import { refusalProblem } from './refusals.ts'

/** A record on channel `readmission`: device and topic are those of the record it is about. */
export type ReadmissionRecord = Pick<MessageRecord, 'deviceId' | 'topic' | 'payload'>

/**
 * Takes such a record on the road of all others, so that it has its place among them; the device need not be active.
 * Rejects with `refusalProblem`s, and with what the journal says.
 */
export async function readmit(parts: GatewayParts, record: ReadmissionRecord): Promise<number> {
  if (parts.stopping()) throw refusalProblem('journal-unavailable', record.deviceId)
  const admitted = parts.admission.admit({ ...record, channel: 'readmission', qos: 1 })
  if ('refused' in admitted) throw refusalProblem(admitted.refused, record.deviceId)
  return admitted.index
}

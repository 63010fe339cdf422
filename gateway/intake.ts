import type { Problem, RefusalReason } from '../domain/index.ts'
import { PAYLOAD_BYTES_MAX, problemStatus, publishTopic } from '../domain/index.ts'
import type { ClientCertificate } from './arrival.ts'
import { certificateRefusal, checkShown, readBasic, type Shown } from './credentials.ts'
import type { GatewayParts } from './parts.ts'
import { refusalProblem } from './refusals.ts'

/** One POST of readings by a device. */
export interface ReadingsRequest {
  /** The `Authorization` header: HTTP Basic, device id and secret (RFC 7617). */
  readonly authorization: string | undefined
  /** The certificate its client showed, where one was asked for and shown; without the header it stands for it. */
  readonly certificate?: ClientCertificate
  /** What an MQTT `readings` message would carry as payload. */
  readonly body: Uint8Array
  /** The sender's address, for the log. */
  readonly receivedFrom?: string
  /** Id of the HTTP request, for the log. */
  readonly request?: string
}

/** 202 only once the record is durable; otherwise the device keeps its data, and the problem says what to do. */
export type ReadingsAnswer =
  | { readonly status: 202; readonly index: number }
  | { readonly status: number; readonly problem: Problem }

/** Takes one HTTP request with the meaning of an MQTT publish at QoS 1 to the device's `readings` topic. */
export async function takeReadings(parts: GatewayParts, request: ReadingsRequest): Promise<ReadingsAnswer> {
  const { policies, admission } = parts
  if (!policies.ready || parts.stopping()) return refuse(parts, request, undefined, 'journal-unavailable')
  const shown = shownBy(request)
  const { deviceId, certificate } = shown
  const mismatch = certificateRefusal(certificate, deviceId)
  if (mismatch !== undefined) return refuse(parts, request, policies.find(deviceId)?.id, mismatch)
  const check = checkShown(policies, shown)
  if (!check.ok) {
    if (check.reason !== 'device-revoked') await parts.entrance.failed(request.receivedFrom ?? '')
    return refuse(parts, request, policies.find(deviceId)?.id, check.reason)
  }
  const payload = request.body
  if (payload.length > PAYLOAD_BYTES_MAX) return refuse(parts, request, deviceId, 'packet-too-large')
  // 503, not 429: it is not this device that has too much under way.
  if (admission.full) return refuse(parts, request, deviceId, 'journal-unavailable')
  const topic = publishTopic(deviceId, 'readings')
  const admitted = admission.admit({ deviceId, channel: 'http', topic, qos: 1, payload })
  if ('refused' in admitted) return refuse(parts, request, deviceId, admitted.refused)
  try {
    return { status: 202, index: await admitted.index }
  } catch (thrown) {
    return refuse(parts, request, deviceId, 'journal-unavailable', thrown)
  }
}

/** Whom a request is from, by its header or by its certificate. */
function shownBy({ authorization, certificate }: ReadingsRequest): Shown {
  if (authorization === undefined && certificate?.trusted === true) {
    return { deviceId: certificate.name, secret: undefined, certificate }
  }
  // what cannot be read is nobody's secret, even beside a certificate
  const nobody = { deviceId: certificate?.trusted === true ? certificate.name : '', secret: new Uint8Array() }
  return { ...(readBasic(authorization) ?? nobody), certificate }
}

function refuse(
  { refusals, log }: GatewayParts,
  { receivedFrom, request }: ReadingsRequest,
  deviceId: string | undefined,
  reason: RefusalReason,
  cause?: unknown,
): ReadingsAnswer {
  refusals.count(deviceId, reason)
  log.debug({ request, device: deviceId, refusal: reason, from: receivedFrom }, 'readings refused')
  // An unknown device and a wrong secret are told apart for the operator, not for whoever tries.
  const isGuess = reason === 'unknown-device' || reason === 'wrong-secret'
  const problem = isGuess
    ? refusalProblem('wrong-secret', undefined)
    : refusalProblem(reason, deviceId, cause)
  return { status: problemStatus[problem.code], problem }
}

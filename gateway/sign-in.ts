import type { AuthenticateError, Client, ConnectPacket } from 'aedes'
import type { RefusalReason } from '../domain/index.ts'
import { connack, connackCode, connectRefusal, ownClientId } from './connect.ts'
import { certificateRefusal, checkShown } from './credentials.ts'
import type { GatewayParts } from './parts.ts'
import { refusalProblem } from './refusals.ts'

/** Aedes hook, first to see a CONNECT: refuses what needs no secret to refuse, and gives the connection its id. */
export function preConnect(
  parts: GatewayParts,
  client: Client,
  packet: ConnectPacket,
  done: (error: Error | null, success: boolean) => void,
): void {
  const { connections, policies } = parts
  const connection = connections.of(client)
  const { certificate } = connection.arrival
  // A certificate says who is there; then the user name may be left out.
  if (certificate?.trusted === true) packet.username ??= certificate.name
  if (packet.username !== undefined && policies.find(packet.username) !== undefined) {
    connection.deviceId = packet.username
  }
  const reason =
    loadRefusal(parts) ?? certificateRefusal(certificate, packet.username) ?? connectRefusal(packet)
  if (reason !== undefined) {
    connections.refuse(connection, reason)
    // Aedes would close without an answer; a CONNACK tells the device's log why.
    client.conn.write(connack(connackCode(reason)))
    return done(refusalProblem(reason, connection.deviceId), false)
  }
  packet.clientId = ownClientId(packet, connection.nth)
  connection.clientId = packet.clientId
  connection.keepaliveMs = (packet.keepalive ?? 0) * 1_000
  if (packet.will !== undefined) {
    packet.will.retain = false
    connection.will = packet.will
  }
  done(null, true)
}

/** Aedes hook: checks who is there; an unknown device and a wrong secret get the same answer. */
export function authenticate(
  { connections, policies, entrance }: GatewayParts,
  client: Client,
  username: string | undefined,
  password: Uint8Array | undefined,
  done: (error: AuthenticateError | null, success: boolean | null) => void,
): void {
  const connection = connections.of(client)
  const { certificate } = connection.arrival
  const check = checkShown(policies, { deviceId: username ?? '', secret: password, certificate })
  if (check.ok) {
    connection.policy = check.policy
    connections.proven(connection)
    return done(null, true)
  }
  connections.refuse(connection, check.reason)
  const problem = refusalProblem(check.reason, connection.deviceId)
  const answer = Object.assign(problem, { returnCode: connackCode(check.reason) })
  if (check.reason === 'device-revoked') return done(answer, false)
  void answerLater()

  async function answerLater(): Promise<void> {
    await entrance.failed(connection.arrival.address)
    done(answer, false)
  }
}

/** Why nobody is let in at the moment. */
function loadRefusal({ policies, admission, stopping }: GatewayParts): RefusalReason | undefined {
  if (!policies.ready || stopping()) return 'journal-unavailable'
  return admission.full ? 'too-many-in-flight' : undefined
}

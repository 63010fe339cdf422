import type { RefusalReason } from '../domain/index.ts'
import type { GatewayParts } from './parts.ts'

/** What is known of a connection before it has said anything. */
export interface Arrival {
  readonly channel: 'mqtt' | 'ws'
  /** The other end's IP address; empty when it is not known. */
  readonly address: string
  /** The certificate its client showed, where one was asked for and shown. */
  readonly certificate?: ClientCertificate
}

/** A client's certificate: made by an authority we were told to trust, for this common name; or not. */
export type ClientCertificate =
  | { readonly trusted: true; readonly name: string }
  | { readonly trusted: false; readonly why: string }

/** A connection over TCP of which nothing else is known. */
export const plainArrival: Arrival = { channel: 'mqtt', address: '' }

/** Why a connection is closed unheard; undefined when it may speak. */
export function arrivalRefusal(
  { connections, limits, log }: Pick<GatewayParts, 'connections' | 'limits' | 'log'>,
  { certificate }: Arrival,
): RefusalReason | undefined {
  if (connections.size >= limits.connections) return 'too-many-connections'
  if (certificate?.trusted !== false) return undefined
  log.debug({ reason: certificate.why }, 'a certificate is not trusted')
  return 'untrusted-certificate'
}

/** Whether a connection from an address may be taken; counts why not. */
export function mayCome({ connections, entrance, limits, refusals }: GatewayParts, address: string): boolean {
  const isFull = connections.size >= limits.connections
  if (!isFull && entrance.admits(address)) return true
  refusals.count(undefined, isFull ? 'too-many-connections' : 'connecting-too-fast')
  return false
}

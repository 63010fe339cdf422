import { createHash, timingSafeEqual } from 'node:crypto'
import type { RefusalReason } from '../domain/index.ts'
import type { ClientCertificate } from './arrival.ts'
import type { DevicePolicies, DevicePolicy } from './ports.ts'

/** Whom somebody says to be, and by what. */
export interface Shown {
  readonly deviceId: string
  /** Undefined when none was sent. */
  readonly secret: Uint8Array | undefined
  readonly certificate: ClientCertificate | undefined
}

/** Who is there: the device's policy, or why not. `deviceId` is set when a registered device was named. */
export type CredentialsCheck =
  | { readonly ok: true; readonly policy: DevicePolicy }
  | { readonly ok: false; readonly reason: 'unknown-device' | 'wrong-secret' | 'device-revoked' }

/** Stands in for the secret of a device that is not registered, so that both cases do the same work. */
const NOBODY = createHash('sha256').update('no device has this secret').digest()

/**
 * Checks a device id and secret against the policy. Secrets have 256 random bits, so a plain SHA-256 is enough
 * (design section 3) and 10,000 devices can sign in within seconds. Compared in constant time; an unknown
 * device costs the same work as a wrong secret, so that timing names nobody.
 */
export function checkCredentials(
  policies: DevicePolicies,
  deviceId: string,
  secret: Uint8Array,
): CredentialsCheck {
  const policy = policies.find(deviceId)
  const expected = policy === undefined ? NOBODY : Buffer.from(policy.secretSha256, 'hex')
  const given = createHash('sha256').update(secret).digest()
  const same = expected.length === given.length && timingSafeEqual(expected, given)
  if (policy === undefined) return { ok: false, reason: 'unknown-device' }
  return same ? checkState(policies, deviceId) : { ok: false, reason: 'wrong-secret' }
}

/**
 * Checks who is there, on every road: a trusted certificate stands for the secret of the device it names. A secret that
 * is sent as well has to be right all the same.
 */
export function checkShown(
  policies: DevicePolicies,
  { deviceId, secret, certificate }: Shown,
): CredentialsCheck {
  return certificate?.trusted === true && secret === undefined
    ? checkState(policies, deviceId)
    : checkCredentials(policies, deviceId, secret ?? new Uint8Array())
}

/** Why a certificate is not good for whoever sent this name (undefined: none): it is for the device it names alone. */
export function certificateRefusal(
  certificate: ClientCertificate | undefined,
  name: string | undefined,
): RefusalReason | undefined {
  if (certificate === undefined) return undefined
  if (!certificate.trusted) return 'untrusted-certificate'
  return name === undefined || name === certificate.name ? undefined : 'certificate-mismatch'
}

/** Checks whether a device that has proven who it is may come in. */
export function checkState(policies: DevicePolicies, deviceId: string): CredentialsCheck {
  const policy = policies.find(deviceId)
  if (policy === undefined) return { ok: false, reason: 'unknown-device' }
  return policy.state === 'active' ? { ok: true, policy } : { ok: false, reason: 'device-revoked' }
}

/** Longest `Authorization` header looked at: id and secret have 64 characters each, in base64. */
const AUTHORIZATION_CHARS_MAX = 512

/** Reads HTTP Basic credentials (RFC 7617); undefined when there are none or they cannot be read. */
export function readBasic(
  authorization: string | undefined,
): { readonly deviceId: string; readonly secret: Uint8Array } | undefined {
  if (authorization === undefined || authorization.length > AUTHORIZATION_CHARS_MAX) return undefined
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? []
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64')
  const colon = pair.indexOf(0x3a)
  if (colon === -1) return undefined
  return { deviceId: pair.toString('utf8', 0, colon), secret: pair.subarray(colon + 1) }
}

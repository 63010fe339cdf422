import type { X509Certificate } from 'node:crypto'
import { derTags, derTimeMs, signedFields } from './der.ts'

/** Lists of revoked certificates of devices. */
export interface RevocationLists {
  /** One PEM block each. */
  readonly lists: readonly string[]
  /** When the first of them is due to be replaced, epoch ms; from then on none of its authority is trusted. */
  readonly validToMs: number
}

const PEM_LIST = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g

/**
 * The lists of a PEM file, or what is wrong with it, in words. Each authority must have one, because the platform
 * trusts no certificate of an authority without.
 */
export function revocationListsIn(
  bytes: Uint8Array,
  authorities: readonly X509Certificate[],
): RevocationLists | string {
  const lists = Buffer.from(bytes).toString('latin1').match(PEM_LIST) ?? []
  if (lists.length === 0) return 'holds no list, "-----BEGIN X509 CRL-----"'
  const read = lists.map(listOf).filter((list) => list !== undefined)
  if (read.length < lists.length) return 'holds a broken list'
  const without = authorities.find((authority) => {
    const subject = subjectOf(authority)
    return !read.some(({ issuer }) => Buffer.compare(issuer, subject) === 0)
  })
  if (without !== undefined) return `holds no list of ${without.subject.replaceAll('\n', ', ')}`
  return { lists, validToMs: Math.min(...read.map(({ validToMs }) => validToMs)) }
}

/** Issuer and end of a list (RFC 5280, 5.1); one without an end is never due. Undefined when it is broken. */
function listOf(pem: string): { readonly issuer: Uint8Array; readonly validToMs: number } | undefined {
  const base64 = pem.replaceAll(/-----[^-]+-----|\s/g, '')
  const fields = signedFields(Buffer.from(base64, 'base64')) ?? []
  const from = fields[0]?.tag === derTags.integer ? 1 : 0
  const [, issuer, begin, end] = fields.slice(from)
  if (issuer === undefined || begin === undefined || derTimeMs(begin) === undefined) return undefined
  const endMs = end === undefined ? undefined : derTimeMs(end)
  return { issuer: issuer.body, validToMs: endMs ?? Number.POSITIVE_INFINITY }
}

/** The name of a certificate as it is encoded (RFC 5280, 4.1). */
function subjectOf({ raw }: X509Certificate): Uint8Array {
  const fields = signedFields(raw) ?? []
  const from = fields[0]?.tag === derTags.explicit0 ? 1 : 0
  return fields[from + 4]?.body ?? new Uint8Array()
}

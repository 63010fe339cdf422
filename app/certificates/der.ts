/** One element of DER (ITU-T X.690): its tag, and what is in it. */
export interface DerElement {
  readonly tag: number
  readonly body: Uint8Array
}

/** Tags of what is looked at in certificates and lists. */
export const derTags = { integer: 0x02, utcTime: 0x17, generalizedTime: 0x18, explicit0: 0xa0 } as const

/** A length of more digits than this is of nothing that fits into memory. */
const LENGTH_BYTES_MAX = 6

/** The elements that lie one behind the other in these bytes; undefined where they are none. */
export function derElements(bytes: Uint8Array): readonly DerElement[] | undefined {
  const found: DerElement[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag, short] = [bytes[at], bytes[at + 1]]
    if (tag === undefined || short === undefined) return undefined
    const digits = short < 0x80 ? 0 : short - 0x80
    if (digits > LENGTH_BYTES_MAX) return undefined
    const bodyAt = at + 2 + digits
    const length =
      digits === 0 ? short : bytes.subarray(at + 2, bodyAt).reduce((sum, byte) => sum * 256 + byte, 0)
    if (bodyAt + length > bytes.length) return undefined
    found.push({ tag, body: bytes.subarray(bodyAt, bodyAt + length) })
    at = bodyAt + length
  }
  return found
}

/**
 * The fields of what an authority signed: certificates and lists are both a sequence of three, of which the first is a
 * sequence of fields (RFC 5280, 4.1 and 5.1). Undefined where the bytes are neither.
 */
export function signedFields(bytes: Uint8Array): readonly DerElement[] | undefined {
  const [whole] = derElements(bytes) ?? []
  const [signed] = (whole && derElements(whole.body)) ?? []
  return signed && derElements(signed.body)
}

/** A time of a certificate or list, epoch ms (RFC 5280, 4.1.2.5); undefined when the element is none. */
export function derTimeMs({ tag, body }: DerElement): number | undefined {
  const isShort = tag === derTags.utcTime
  if (!isShort && tag !== derTags.generalizedTime) return undefined
  const text = Buffer.from(body).toString('latin1')
  const found = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (found === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number)
  // of two digits 50 to 99 are of the last century
  const century = isShort ? (year < 50 ? 2_000 : 1_900) : 0
  return Date.UTC(century + year, month - 1, day, hour, minute, second)
}

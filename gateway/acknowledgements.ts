const PUBACK = 0x40
const ACKNOWLEDGEMENT_BYTES = 4

/** The PUBACKs of packets with these ids, in their order (MQTT 3.1.1 section 3.4); mostly there is one. */
export function encodeAcknowledgements(first: number, more: readonly number[]): Uint8Array {
  const bytes = Buffer.allocUnsafe((1 + more.length) * ACKNOWLEDGEMENT_BYTES)
  put(bytes, 0, first)
  for (let nth = 0; nth < more.length; nth += 1) put(bytes, (nth + 1) * ACKNOWLEDGEMENT_BYTES, more[nth] ?? 0)
  return bytes
}

function put(bytes: Uint8Array, at: number, packetId: number): void {
  bytes[at] = PUBACK
  bytes[at + 1] = 2
  bytes[at + 2] = packetId >> 8
  bytes[at + 3] = packetId
}

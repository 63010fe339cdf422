import type { HeldReason, MessageRecord, PublishedKind } from '../domain/index.ts'
import { parsePublishTopic } from '../domain/index.ts'

/** A message ingest understands: the raw items of a `readings` message, or the JSON of another kind. */
export type DecodedMessage =
  | { readonly kind: 'readings'; readonly items: readonly unknown[] }
  | { readonly kind: Exclude<PublishedKind, 'readings'>; readonly json: string }

/** Why a whole message is held: the named reason and what exactly was wrong. */
export interface HeldMessage {
  readonly kind: 'held'
  readonly reason: HeldReason
  readonly detail: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads topic and payload of a record (design section 8). Pure; never throws on what a device sent. */
export function decodeMessage(record: MessageRecord): DecodedMessage | HeldMessage {
  const topic = parsePublishTopic(record.topic)
  if (topic === undefined) return held('unknown-topic', `topic ${record.topic.slice(0, 150)}`)
  const text = textOf(record.payload)
  if (text === undefined) return held('not-utf8', `${record.payload.length} bytes`)
  const parsed = parse(text)
  if (!parsed.ok) return held('malformed-json', parsed.detail)
  if (topic.kind !== 'readings') {
    return isObject(parsed.value)
      ? { kind: topic.kind, json: JSON.stringify(parsed.value) }
      : held('not-a-reading', `a ${topic.kind} message is one JSON object`)
  }
  if (Array.isArray(parsed.value)) {
    const items: readonly unknown[] = parsed.value
    return items.length === 0 ? held('empty-message', 'empty array') : { kind: 'readings', items }
  }
  return isObject(parsed.value)
    ? { kind: 'readings', items: [parsed.value] }
    : held('not-a-reading', `the payload is ${parsed.value === null ? 'null' : typeof parsed.value}`)
}

/** True for a JSON object (not null, not an array). */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(payload: Uint8Array): string | undefined {
  try {
    return utf8.decode(payload)
  } catch {
    // Nothing is lost: the caller holds the message and the journal keeps its bytes.
    return undefined
  }
}

function parse(text: string): { ok: true; value: unknown } | { ok: false; detail: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (thrown) {
    // Nothing is lost: the caller holds the message and the journal keeps its bytes.
    return { ok: false, detail: thrown instanceof Error ? thrown.message.slice(0, 150) : 'not JSON' }
  }
}

function held(reason: HeldReason, detail: string): HeldMessage {
  return { kind: 'held', reason, detail }
}

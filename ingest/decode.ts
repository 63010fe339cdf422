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

/** A reading is flat, a status report has a few levels. `JSON.stringify` gives up on what `JSON.parse` still reads. */
const NESTING_MAX = 16
/** The shortest reading, `{"battery":1}` and a comma, fits 4,388 times into a payload. */
const ITEMS_MAX = 4_400

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads topic and payload of a record (design section 8). Pure; never throws on what a device sent. */
export function decodeMessage(record: MessageRecord): DecodedMessage | HeldMessage {
  const topic = parsePublishTopic(record.topic)
  if (topic === undefined) return held('unknown-topic', `topic ${record.topic.slice(0, 150)}`)
  const text = textOf(record.payload)
  if (text === undefined) return held('not-utf8', `${record.payload.length} bytes`)
  if (nestsDeeper(text, NESTING_MAX)) return held('nested-too-deep', `more than ${NESTING_MAX} levels`)
  const parsed = parse(text)
  if (!parsed.ok) return held('malformed-json', parsed.detail)
  if (topic.kind !== 'readings') {
    return isObject(parsed.value)
      ? { kind: topic.kind, json: JSON.stringify(parsed.value) }
      : held('not-a-reading', `a ${topic.kind} message is one JSON object`)
  }
  if (Array.isArray(parsed.value)) {
    const items: readonly unknown[] = parsed.value
    if (items.length > ITEMS_MAX) return held('too-many-readings', `${items.length} items; ${ITEMS_MAX} fit`)
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

/** True when brackets outside of strings nest deeper than `most`; text that is not JSON may give either answer. */
function nestsDeeper(text: string, most: number): boolean {
  // one reading, the most usual message, has one bracket and no other behind it
  if (text.indexOf('{', 1) === -1 && !text.includes('[')) return false
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (isInString) {
      if (character === '\\') at += 1
      else if (character === '"') isInString = false
    } else if (character === '"') isInString = true
    else if (character === '[' || character === '{') {
      depth += 1
      if (depth > most) return true
    } else if (character === ']' || character === '}') depth -= 1
  }
  return false
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

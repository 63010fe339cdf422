import { escapedTag, NS_PER_MS, type Refused, TIME_NS_MAX } from './line.ts'

/** A field: a `number` is a float, a `bigint` an integer. The first write of a field decides its type for ever. */
export type FieldValue = number | bigint | boolean | string

/** A point of any measurement but `reading`, which has a line of its own because there are so many. */
export interface InfluxPoint {
  readonly measurement: string
  /** A tag without value is left out. */
  readonly tags: Readonly<Record<string, string | undefined>>
  /** Those that are undefined are left out; one must be there. */
  readonly fields: Readonly<Record<string, FieldValue | undefined>>
  /** Epoch ms. */
  readonly tMs: number
  /** Nanoseconds beyond it, for points of one series at one instant. */
  readonly sub?: number
}

/** A point in line protocol, or why it cannot be one. */
export type Line = { readonly line: string } | Refused

/** Tells a point in line protocol. */
export function pointLine({ measurement, tags, fields, tMs, sub = 0 }: InfluxPoint): Line {
  const timeNs = BigInt(tMs) * NS_PER_MS + BigInt(sub)
  if (timeNs > TIME_NS_MAX || timeNs < -TIME_NS_MAX) {
    return { refused: `t is ${tMs} ms, outside of what InfluxDB can store.` }
  }
  const key = [measurement]
  for (const [name, value] of Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined || value === '') continue
    const tag = escapedTag(value)
    if (tag === undefined) {
      return {
        refused: `${name} is ${JSON.stringify(value)}; a tag holds no control character or backslash.`,
      }
    }
    key.push(`${name}=${tag}`)
  }
  const written = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${fieldText(value)}`],
  )
  return { line: `${key.join(',')} ${written.join(',')} ${timeNs}` }
}

function fieldText(value: FieldValue): string {
  if (typeof value === 'bigint') return `${value}i`
  if (typeof value !== 'string') return String(value)
  // a line break inside of quotes is allowed, but no name or text needs one
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const plain = value.replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
  return `"${plain.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ContactInput, findingsJson, silencesOf } from '../../alerts/index.ts'
import { mayBeFound } from '../../app/core/judge/silences.ts'
import type { Silence } from '../../domain/index.ts'
import { contactOf, minute, MINUTE_MS } from './series.ts'

/** The definition, minute by minute: how long nothing was heard, while the rule held. */
function walked(
  rule: number,
  heard: readonly number[],
  off: readonly [number, number],
  asOf: number,
): string[] {
  const found: string[] = []
  let since: number | undefined
  let isFound = false
  const end = (at: number | string): void => {
    if (isFound) found.push(`${since}-${at}`)
    isFound = false
    since = undefined
  }
  for (let now = 0; now <= asOf; now += 1) {
    const holds = now < off[0] || now >= off[1]
    const isHeard = heard.includes(now)
    if (isHeard || !holds) end(now)
    if (holds) since ??= now
    isFound ||= since !== undefined && now - since >= rule
  }
  end('')
  return found
}

const spans = (found: readonly Silence[]): string[] =>
  found.map(({ startMs, endMs }) => {
    const at = (ms: number): number => (ms - minute(0)) / MINUTE_MS
    return `${at(startMs)}-${endMs === null ? '' : at(endMs)}`
  })

const anyHeard = fc
  .uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 12 })
  .map((heard) => heard.toSorted((a, b) => a - b))
const anyOff = fc
  .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 80 }))
  .map(([from, length]): [number, number] => [from, from + length])

test('finds what a walk from minute to minute finds', () => {
  let count = 0
  fc.assert(
    fc.property(
      fc.integer({ min: 15, max: 60 }),
      anyHeard,
      anyOff,
      fc.nat(400),
      (rule, heard, off, later) => {
        const asOf = Math.max(later, ...heard)
        const input = contactOf(`silent for ${rule}`, heard.join(', '), `maintenance ${off[0]}-${off[1]}`)
        const found = spans(silencesOf(input, minute(asOf)))
        count += found.length
        expect(found).toEqual(walked(rule, heard, off, asOf))
      },
    ),
    { numRuns: 2_000 },
  )
  expect(count).toBeGreaterThan(1_000)
})

test('short silences may be missing, and the order of the rest does not matter', () => {
  fc.assert(
    fc.property(anyHeard, fc.nat(400), fc.integer(), (heard, later, seed) => {
      const input = contactOf('silent for 30', heard.join(', '))
      const asOfMs = minute(Math.max(later, ...heard))
      const fewer = (contact: ContactInput['contacts'][number]) => ({
        ...contact,
        silences: contact.silences
          .filter(({ fromMs, toMs }) => toMs - fromMs > 29 * MINUTE_MS)
          .toSorted((a, b) => ((a.fromMs ^ seed) >>> 0) - ((b.fromMs ^ seed) >>> 0)),
      })
      const other = { ...input, contacts: input.contacts.map(fewer) }
      expect(findingsJson(silencesOf(other, asOfMs))).toBe(findingsJson(silencesOf(input, asOfMs)))
    }),
  )
})

test('a later as-of changes nothing but what goes on', () => {
  fc.assert(
    fc.property(anyHeard, fc.nat(400), fc.nat(200), (heard, later, more) => {
      const asOf = Math.max(later, ...heard)
      const input = contactOf('silent for 30', heard.join(', '))
      const after = new Map(silencesOf(input, minute(asOf + more)).map((each) => [each.id, each]))
      for (const found of silencesOf(input, minute(asOf))) {
        const { observedMs, worstCaseMs, ...same } = found
        expect(after.get(found.id)).toMatchObject(found.open ? same : found)
        expect(after.get(found.id)?.observedMs).toBeGreaterThanOrEqual(Math.max(observedMs, worstCaseMs))
      }
    }),
  )
})

test.each([5, 15, 20, 60])(
  'with a rule of %i minutes the judge looks at just those silences that it finds',
  (rule) => {
    const input = contactOf(`silent for ${rule}`, '0, 100')
    const [contact] = input.contacts
    const known = { facts: input } as unknown as Parameters<typeof mayBeFound>[0]
    const allowedMs = Math.max(rule, 15) * MINUTE_MS
    const looked = [-1, 0, 1].map((moreMs) => {
      const longestMs = allowedMs + moreMs
      const toMs = minute(10) + longestMs
      const contacts = [
        { ...contact, fromMs: minute(0), toMs: null, silences: [{ fromMs: minute(10), toMs }], lastMs: toMs },
      ]
      const isFound = silencesOf({ ...input, contacts }, toMs).length > 0
      expect(mayBeFound(known, { longestMs })).toBe(isFound)
      return isFound
    })
    expect(looked).toEqual([false, false, true])
  },
)

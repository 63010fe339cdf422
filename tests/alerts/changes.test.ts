import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changes, findings, findingsJson } from '../../alerts/index.ts'
import type { Finding } from '../../domain/index.ts'
import { anyAsOf, anyPoint, anyRolling, readingRows, runsOf } from './arbitrary.ts'
import { describeFinding, minute, pointOf, START_MS } from './series.ts'

/** Each change as one line, with findings named by the minute they start. */
function lines(before: readonly Finding[], after: readonly Finding[]): string[] {
  const starts = new Map(
    [...before, ...after].map((finding) => [finding.id, (finding.startMs - START_MS) / 60_000]),
  )
  const { opened, changed, closed, replaced, withdrawn } = changes(before, after)
  return [
    ...opened.map(({ id }) => `opened ${starts.get(id)}`),
    ...changed.map(({ finding, fields }) => `changed ${starts.get(finding.id)}: ${fields.join(' ')}`),
    ...closed.map(({ finding }) => `closed ${describeFinding(finding).split(',')[0]}`),
    ...replaced.map(
      ({ finding, replaces }) =>
        `${starts.get(finding.id)} replaces ${replaces.map((id) => starts.get(id)).join(' ')}`,
    ),
    ...withdrawn.map(({ id }) => `withdrawn ${starts.get(id)}`),
  ]
}
const judge = (readings: string, asOf: number, rule = '> 8') =>
  findings({ points: [pointOf(rule, readings)] }, minute(asOf))

describe('what became of findings', () => {
  test.each([
    ['nothing new', '0 5, 5 9', 5, '0 5, 5 9', 5, []],
    ['opened', '0 5', 5, '0 5, 5 9', 5, ['opened 5']],
    [
      'goes on',
      '5 9',
      5,
      '5 9, 10 9',
      10,
      ['changed 5: observedMs worstCaseMs readings confirmedBySingleReading'],
    ],
    ['closed', '5 9', 5, '5 9, 10 5', 10, ['closed 5-10 recovered']],
    ['opened and over', '0 5, 10 5', 10, '0 5, 5 9, 10 5', 10, ['opened 5']],
    ['an earlier reading is out: moved', '0 5, 10 9', 10, '0 5, 5 9, 10 9', 10, ['5 replaces 10']],
    [
      'a reading in range between: split',
      '0 9, 10 9',
      10,
      '0 9, 5 5, 10 9',
      10,
      ['closed 0-5 recovered', '10 replaces 0'],
    ],
    [
      'over, and another one begun since: nothing was moved',
      '0 9, 10 9',
      10,
      '0 9, 10 9, 15 5, 20 9',
      20,
      ['opened 20', 'closed 0-15 recovered'],
    ],
    ['nothing is left', '0 9', 0, '0 5', 0, ['withdrawn 0']],
  ])('%s', (_what, before, beforeAsOf, after, afterAsOf, expected) => {
    expect(lines(judge(before, beforeAsOf), judge(after, afterAsOf))).toEqual(expected)
  })

  test('the reading between two findings is withdrawn: merged', () => {
    const apart = judge('0 9, 5 5, 10 9', 10)
    const together = judge('0 9, 10 9', 10)
    expect(lines(apart, together)).toEqual(['0 replaces 10'])
  })

  test('two that overlap and stand are not replaced by each other, however many there are', () => {
    const rolling = '> 8 for 15 in 1 h'
    const first = '0 9, 10 5, 50 9, 60 5'
    const both = judge(`${first}, 80 9, 90 5`, 120, rolling)
    expect(lines(both, both)).toEqual([])
    // each as long as a day and begun a minute after the one before: comparing each with each takes minutes
    const [one] = both
    if (one === undefined) throw new Error('the series has a finding')
    const many = Array.from({ length: 100_000 }, (_, nth): Finding => {
      return { ...one, id: `f-${nth}`, startMs: minute(nth), endMs: minute(nth + 1_440) }
    })
    expect(lines(many, many)).toEqual([])
  })

  test('suspected becomes confirmed under the same id', () => {
    const before = judge('0 9, 40 9', 40, '> 8 for 30')
    const after = judge('0 9, 40 9', 55, '> 8 for 30')
    expect(before.map(({ state }) => state)).toEqual(['suspected'])
    expect(lines(before, after)).toEqual(['changed 0: state alarmMs observedMs worstCaseMs'])
  })
})

test('every finding of both sides is accounted for exactly once', () => {
  fc.assert(
    fc.property(fc.oneof(anyPoint, anyRolling), readingRows, anyAsOf, anyAsOf, (point, late, one, other) => {
      const before = findings({ points: [point] }, one)
      const after = findings({ points: [{ ...point, readings: [...point.readings, ...late] }] }, other)
      const { opened, changed, closed, replaced, withdrawn } = changes(before, after)
      const was = new Map(before.map((finding) => [finding.id, finding]))
      const same = after.filter((finding) => JSON.stringify(finding) === JSON.stringify(was.get(finding.id)))
      const kept = [...changed, ...closed].map(({ finding }) => finding.id)
      const moved = replaced.map(({ finding }) => finding.id)
      const named = [...opened.map(({ id }) => id), ...kept, ...moved]
      expect(new Set(named).size).toBe(named.length)
      expect(new Set([...named, ...same.map(({ id }) => id)])).toEqual(new Set(after.map(({ id }) => id)))
      expect([...opened, ...withdrawn].filter((finding) => was.has(finding.id))).toEqual(withdrawn)
      const gone = before.map(({ id }) => id).filter((id) => !after.some((finding) => finding.id === id))
      const told = [...withdrawn.map(({ id }) => id), ...replaced.flatMap(({ replaces }) => replaces)]
      expect(told).toEqual(expect.arrayContaining(gone))
      expect(changes(before, before)).toEqual({
        opened: [],
        changed: [],
        closed: [],
        replaced: [],
        withdrawn: [],
      })
    }),
    runsOf(400),
  )
})

test('in order, one by one or in batches: the same is told of in the end, and nothing is replaced or withdrawn', () => {
  const sizes = fc.integer({ min: 2, max: 9 })
  fc.assert(
    fc.property(fc.oneof(anyPoint, anyRolling), sizes, (point, size) => {
      const instants = [...new Set(point.readings.map(({ tMs }) => tMs))].toSorted((a, b) => a - b)
      const told = (each: number) => {
        const list = new Map<string, Finding>()
        const gone: Finding[] = []
        let before: readonly Finding[] = []
        for (let count = each; count < instants.length + each; count += each) {
          const asOfMs = instants.slice(0, count).at(-1) ?? 0
          const readings = point.readings.filter(({ tMs }) => tMs <= asOfMs)
          const after = findings({ points: [{ ...point, readings }] }, asOfMs)
          const { opened, changed, closed, replaced, withdrawn } = changes(before, after)
          gone.push(...replaced.map(({ finding }) => finding), ...withdrawn)
          for (const { finding } of [...changed, ...closed, ...replaced]) list.set(finding.id, finding)
          for (const finding of opened) list.set(finding.id, finding)
          before = after
        }
        return { standing: findingsJson([...list.values()]), gone }
      }
      const [one, many] = [told(1), told(size)]
      expect([...one.gone, ...many.gone]).toEqual([])
      expect(many.standing).toBe(one.standing)
    }),
    runsOf(300),
  )
})

test('what a finding replaces is what overlapped it on the same line and does not now', () => {
  const finding = (index: number, startMs: number, lengthMs: number, isOpen: boolean): Finding => ({
    id: `f-${index}`,
    point: `p-${index % 2}`,
    place: 'room',
    rule: `r-${index % 3}`,
    packVersion: 1,
    level: 'range',
    kind: 'excursion',
    direction: 'warm',
    state: 'confirmed',
    open: isOpen,
    startMs,
    alarmMs: startMs,
    endMs: isOpen ? null : startMs + lengthMs,
    endReason: isOpen ? null : 'recovered',
    peakMilliC: 9_000,
    peakMs: startMs,
    observedMs: lengthMs,
    worstCaseMs: lengthMs,
    bridged: false,
    readings: 1,
    confirmedBySingleReading: true,
  })
  const drawn = fc.array(fc.tuple(fc.nat(60), fc.nat(30), fc.boolean()), { maxLength: 30 })
  fc.assert(
    fc.property(drawn, drawn, (first, second) => {
      const before = first.map(([start, length, isOpen], index) => finding(index, start, length + 1, isOpen))
      const after = second.map(([start, length, stands], index) => {
        const standing = stands ? before[index] : undefined
        return finding(
          standing === undefined ? index + 100 : index,
          standing?.startMs ?? start,
          length + 1,
          false,
        )
      })
      const { replaced } = changes(before, after)
      const end = ({ endMs }: Finding): number => endMs ?? Number.POSITIVE_INFINITY
      const overlap = (one: Finding, other: Finding): boolean =>
        one.startMs < end(other) && other.startMs < end(one)
      const isBegunSince = (one: Finding, later: Finding): boolean =>
        one.open && after.some(({ id }) => id === one.id) && one.startMs + one.worstCaseMs < later.startMs
      const expected = after.flatMap((later) => {
        const ids = before
          .filter((each) => each.point === later.point && each.rule === later.rule && each.id !== later.id)
          .filter((each) => overlap(each, later) && !isBegunSince(each, later))
          .filter(({ id }) => !after.some((each) => each.id === id && overlap(each, later)))
        return ids.map(({ id }) => `${later.id} ${id}`)
      })
      const found = replaced.flatMap(({ finding: later, replaces }) =>
        replaces.map((id) => `${later.id} ${id}`),
      )
      expect(new Set(found)).toEqual(new Set(expected))
      expect(found).toHaveLength(expected.length)
    }),
  )
})

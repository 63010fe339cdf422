import { describe, expect, test } from 'vitest'
import {
  AGAIN_WAIT_MS,
  decide,
  LATE_WAIT_MS,
  type Member,
  type UnresolvedIncident,
} from '../../alerts/index.ts'
import type { Excursion, Finding } from '../../domain/index.ts'

const NOW_MS = Date.UTC(2026, 10, 25, 3)

function finding(id: string, more: Partial<Excursion> = {}): Finding {
  return {
    id,
    point: 'p',
    place: 'room',
    rule: 'pack/rule',
    packVersion: 1,
    level: 'range',
    kind: 'excursion',
    direction: 'warm',
    state: 'confirmed',
    open: true,
    startMs: NOW_MS - 60_000,
    alarmMs: NOW_MS - 60_000,
    endMs: null,
    endReason: null,
    peakMilliC: 9_000,
    peakMs: NOW_MS,
    observedMs: 60_000,
    worstCaseMs: 60_000,
    bridged: false,
    readings: 2,
    confirmedBySingleReading: false,
    ...more,
  }
}

function member(id: string, more: Partial<Excursion> = {}, how: Partial<Member> = {}): Member {
  return { id, finding: finding(id, more), joins: false, late: false, ...how }
}

const fresh = { joins: true }
const late = { joins: true, late: true }
const over = { open: false, endMs: NOW_MS } as const
const critical = { level: 'critical' } as const

/** An incident that was raised and called for as an alarm ten minutes ago. */
const called: UnresolvedIncident = {
  state: 'raised',
  grade: 'alarm',
  open: 1,
  told: 1,
  calledGrade: 'alarm',
  labelMilliC: null,
  calledLabelMilliC: null,
  calledMs: NOW_MS - 600_000,
  callDueMs: null,
}

function steps(incident: UnresolvedIncident | undefined, ...members: Member[]) {
  return decide({ place: 'room', cause: 'warm', incident, members, nowMs: NOW_MS })
}

const raised = { kind: 'raise', place: 'room', cause: 'warm', labelMilliC: null }

describe('a new excursion', () => {
  test('is called for at once', () => {
    expect(steps(undefined, member('f', {}, fresh))).toEqual([
      { ...raised, grade: 'alarm', open: true, findings: ['f'] },
      { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-raised' },
    ])
  })

  test('is a warning below the required range, and on suspicion', () => {
    const suspected = member('f', { state: 'suspected', alarmMs: null }, fresh)
    for (const each of [member('f', critical, fresh), suspected]) {
      expect(steps(undefined, each).map((step) => 'grade' in step && step.grade)).toEqual([
        'warning',
        'warning',
      ])
    }
  })

  test('of two levels is one incident and one call, of the higher', () => {
    expect(steps(undefined, member('f', critical, fresh), member('g', {}, fresh))).toEqual([
      { ...raised, grade: 'alarm', open: true, findings: ['f', 'g'] },
      { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-raised' },
    ])
  })

  test('seen late waits two minutes for a newer value', () => {
    expect(steps(undefined, member('f', {}, late))).toEqual([
      { ...raised, grade: 'alarm', open: true, findings: ['f'] },
      { kind: 'wait', callDueMs: NOW_MS + LATE_WAIT_MS },
    ])
  })

  test('that is over when it is seen is listed, and nobody is called', () => {
    expect(steps(undefined, member('f', over, fresh))).toEqual([
      { ...raised, grade: 'alarm', open: false, findings: ['f'] },
    ])
  })

  test('nothing comes of nothing', () => {
    expect(steps(undefined)).toEqual([])
  })
})

describe('an incident that waits for a newer value', () => {
  const nobodyYet = { told: 0, calledGrade: null, calledMs: null } as const
  const waiting = { ...called, ...nobodyYet, callDueMs: NOW_MS + 30_000 }

  test('is left alone until then', () => {
    expect(steps(waiting, member('f', {}, { late: true }))).toEqual([])
  })

  test('is called for when the time is up', () => {
    expect(steps({ ...waiting, callDueMs: NOW_MS }, member('f', {}, { late: true }))).toEqual([
      { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-raised' },
    ])
  })

  test('is called for at once when a newer value is out too', () => {
    expect(steps(waiting, member('f'))).toEqual([
      { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-raised' },
    ])
  })

  test('was seen late when a newer value is in range', () => {
    expect(steps(waiting, member('f', over))).toEqual([{ kind: 'over', tell: false, seenLate: true }])
  })
})

describe('an incident that was called for', () => {
  test('calls nobody again for more of the same', () => {
    expect(steps(called, member('f'), member('g', {}, fresh))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: null, findings: ['g'] },
    ])
  })

  test('calls again when a higher level joins, also when somebody has taken it', () => {
    const warned = { ...called, grade: 'warning', calledGrade: 'warning', calledMs: NOW_MS - 1 } as const
    for (const state of ['raised', 'acknowledged'] as const) {
      expect(steps({ ...warned, state }, member('f', critical), member('g', {}, fresh))).toEqual([
        { kind: 'join', grade: 'alarm', labelMilliC: null, findings: ['g'] },
        { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-worse' },
      ])
    }
  })

  test('tells those who were called that it is over', () => {
    expect(steps(called, member('f', over))).toEqual([{ kind: 'over', tell: true, seenLate: false }])
  })

  test('is resolved when it is over and somebody has taken it', () => {
    expect(steps({ ...called, state: 'acknowledged' }, member('f', over))).toEqual([
      { kind: 'over', tell: true, seenLate: false },
      { kind: 'resolve', resolution: 'recovered' },
    ])
  })

  test('is resolved as withdrawn when none of it stands, taken or not', () => {
    expect(steps(called, { ...member('f'), finding: undefined })).toEqual([
      { kind: 'over', tell: true, seenLate: false },
      { kind: 'resolve', resolution: 'withdrawn' },
    ])
  })

  test('goes on under a finding that took the place of another', () => {
    expect(steps(called, { ...member('f'), finding: undefined }, member('g', {}, fresh))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: null, findings: ['g'] },
    ])
  })

  test('forgets a call that is due when the higher level has gone', () => {
    const due = { ...called, grade: 'alarm', calledGrade: 'warning', callDueMs: NOW_MS } as const
    expect(steps(due, member('f', critical))).toEqual([{ kind: 'wait', callDueMs: null }])
  })
})

describe('the label of what is stored', () => {
  const labelled = (limitC: number) => ({ labelProduct: 'v', labelMilliC: limitC * 1_000 })
  const tighter = { kind: 'call', grade: 'alarm', template: 'incident-worse' }

  test('calls again when it begins to count after the plain limit was called for, taken or not', () => {
    for (const state of ['raised', 'acknowledged'] as const) {
      const incident = { ...called, state, calledMs: NOW_MS - 1 }
      expect(steps(incident, member('f', over), member('g', labelled(6), fresh))).toEqual([
        { kind: 'join', grade: 'alarm', labelMilliC: 6_000, findings: ['g'] },
        { ...tighter, labelMilliC: 6_000 },
      ])
    }
  })

  test('calls again when a correction gives it to a finding that was called for', () => {
    expect(steps(called, member('f', labelled(6)))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: 6_000, findings: [] },
      { ...tighter, labelMilliC: 6_000 },
    ])
  })

  test('calls again for a tighter one only, however stock comes and goes', () => {
    const known = { ...called, labelMilliC: 6_000, calledLabelMilliC: 6_000 }
    for (const limitC of [6, 7]) {
      expect(steps(known, member('f', over), member('g', labelled(limitC), fresh))).toEqual([
        { kind: 'join', grade: 'alarm', labelMilliC: 6_000, findings: ['g'] },
      ])
    }
    expect(steps(known, member('f', over), member('g', {}, fresh))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: 6_000, findings: ['g'] },
    ])
    expect(steps(known, member('f', labelled(6)), member('g', labelled(5), fresh))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: 5_000, findings: ['g'] },
      { ...tighter, labelMilliC: 5_000 },
    ])
  })

  test('is tighter on the cold side when it is higher', () => {
    const known = { ...called, labelMilliC: 3_000, calledLabelMilliC: 3_000 }
    const cold = (limitC: number) => {
      const joining = member('g', { direction: 'cold', ...labelled(limitC) }, fresh)
      return decide({ place: 'room', cause: 'cold', incident: known, members: [joining], nowMs: NOW_MS })
    }
    expect(cold(2).map(({ kind }) => kind)).toEqual(['join'])
    expect(cold(4).map(({ kind }) => kind)).toEqual(['join', 'call'])
  })

  test('of a value that came late waits as any', () => {
    expect(steps(called, member('f', labelled(6), late))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: 6_000, findings: ['f'] },
      { kind: 'wait', callDueMs: NOW_MS + LATE_WAIT_MS },
    ])
    const waiting = { ...called, labelMilliC: 6_000, callDueMs: NOW_MS }
    expect(steps(waiting, member('f', labelled(6), { late: true }))).toEqual([
      { ...tighter, labelMilliC: 6_000 },
    ])
  })

  test('that was there from the first is called for once', () => {
    expect(steps(undefined, member('f', labelled(6), fresh))).toEqual([
      { ...raised, grade: 'alarm', labelMilliC: 6_000, open: true, findings: ['f'] },
      { kind: 'call', grade: 'alarm', labelMilliC: 6_000, template: 'incident-raised' },
    ])
  })
})

describe('an incident that was over and is back', () => {
  const quiet = { ...called, open: 0, told: 0 } as const

  test('is called for again', () => {
    expect(steps(quiet, member('f', over), member('g', {}, fresh))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: null, findings: ['g'] },
      { kind: 'reopen' },
      { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-again' },
    ])
  })

  test('but not within five minutes of the last call: values flap', () => {
    const calledMs = NOW_MS - 60_000
    expect(steps({ ...quiet, calledMs }, member('g', {}, fresh))).toEqual([
      { kind: 'join', grade: 'alarm', labelMilliC: null, findings: ['g'] },
      { kind: 'reopen' },
      { kind: 'wait', callDueMs: calledMs + AGAIN_WAIT_MS },
    ])
  })
})

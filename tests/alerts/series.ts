import type { DutyPeriod, PointInput, PointReading, RuleInForce, Span } from '../../alerts/index.ts'
import {
  type Duty,
  duties,
  type Finding,
  milliFromDecimal,
  operators,
  type Rule,
} from '../../domain/index.ts'

/** A whole instant, so that times in tests are those of the table. */
export const START_MS = Date.UTC(2026, 10, 23)
export const MINUTE_MS = 60_000

/** Minute of the series as epoch ms. */
export function minute(minutes: number): number {
  return START_MS + minutes * MINUTE_MS
}

/** `> 8 for 10`: out above 8 degrees for 10 minutes; without `for` an instant rule. */
export function ruleOf(text: string): Rule {
  const [operatorText, limitText, , minutesText] = text.split(' ')
  const operator = operators.find((known) => known === operatorText)
  if (operator === undefined) throw new Error(`no operator in the rule "${text}"`)
  return {
    id: 'table/rule',
    quantity: 'temperature',
    operator,
    limitMilliC: milliFromDecimal(Number(limitText)),
    level: 'range',
    mode:
      minutesText === undefined
        ? { kind: 'instant' }
        : { kind: 'continuous', durationMs: Number(minutesText) * MINUTE_MS },
    gapPolicy: 'pause',
    roles: ['product', 'air'],
    duties: ['in-service', 'loading', 'defrost', 'on-trip'],
    severity: 'alarm',
    clause: 'none',
    source: 'docs/engine.md',
    confidence: 'seen',
  }
}

/** A point from the columns of the table; see docs/engine.md. */
export function pointOf(rule: string, readings: string, facts = ''): PointInput {
  const words = facts.split(';').map((fact) => fact.trim())
  const named = (name: string): string[] =>
    words.filter((fact) => fact.startsWith(`${name} `)).map((fact) => fact.slice(name.length + 1))
  const known = new Set([...duties, 'placed', 'every', 'in force', 'then', 'alive', 'vehicle', ''])
  for (const word of words) {
    if (![...known].some((name) => word === name || (name !== '' && word.startsWith(`${name} `)))) {
      throw new Error(`the table has the fact "${word}", which nobody understands`)
    }
  }
  const inForce = spansOf(named('in force'))[0] ?? { fromMs: minute(0), toMs: null }
  const placements = spansOf(named('placed'))
  return {
    point: 'point',
    place: 'place',
    placeKind: words.includes('vehicle') ? 'vehicle' : 'refrigerator',
    role: 'product',
    life: spansOf(named('alive'))[0] ?? { fromMs: minute(0), toMs: null },
    placements: placements.length > 0 ? placements : [{ fromMs: minute(0), toMs: null }],
    expectedIntervals: [
      {
        fromMs: minute(0),
        toMs: null,
        expectedIntervalMs: Number(named('every')[0] ?? (words.includes('vehicle') ? 1 : 5)) * MINUTE_MS,
      },
    ],
    duties: duties.flatMap((duty) => dutiesOf(duty, named(duty))),
    rules: [
      { ...inForce, packVersion: 1, rule: ruleOf(rule) },
      ...named('then').map((text): RuleInForce => {
        return { fromMs: inForce.toMs ?? 0, toMs: null, packVersion: 2, rule: ruleOf(text) }
      }),
    ],
    readings: readingsOf(readings),
  }
}

/** A finding in the words of the table, and whether every field agrees with the others. */
export function describeFinding(finding: Finding): string {
  const at = (ms: number | null): string => (ms === null ? '' : String((ms - START_MS) / MINUTE_MS))
  const minutes = (ms: number): number => ms / MINUTE_MS
  return [
    `${at(finding.startMs)}-${at(finding.endMs)} ${finding.open ? 'open' : finding.endReason}`,
    finding.state === 'confirmed' ? `confirmed at ${at(finding.alarmMs)}` : 'suspected',
    `peak ${finding.peakMilliC / 1000} at ${at(finding.peakMs)}`,
    `out ${minutes(finding.observedMs)} of ${minutes(finding.worstCaseMs)}`,
    `readings ${finding.readings}`,
    ...(finding.confirmedBySingleReading ? ['single'] : []),
    ...(finding.bridged ? ['bridged'] : []),
  ].join(', ')
}

/** `0 8.5, 5 fault` */
export function readingsOf(text: string): PointReading[] {
  return text.split(',').map((item) => {
    const [at, value] = item.trim().split(' ')
    const temperatureMilliC = value === 'fault' ? null : milliFromDecimal(Number(value))
    return { tMs: minute(Number(at)), temperatureMilliC }
  })
}

function spansOf(texts: readonly string[]): Span[] {
  return texts.map((text) => {
    const [from, to] = text.split('-')
    return { fromMs: minute(Number(from)), toMs: to === '' || to === undefined ? null : minute(Number(to)) }
  })
}

function dutiesOf(duty: Duty, texts: readonly string[]): DutyPeriod[] {
  return spansOf(texts).map((span) => ({ ...span, duty }))
}

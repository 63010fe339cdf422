import type {
  ContactInput,
  DutyPeriod,
  PointInput,
  PointReading,
  RuleInForce,
  Span,
} from '../../alerts/index.ts'
import {
  type Duty,
  duties,
  type Finding,
  gapPolicies,
  type MeasuredQuantity,
  milliFromDecimal,
  operators,
  type Rule,
  type RunMode,
} from '../../domain/index.ts'

/** A whole instant, so that times in tests are those of the table. */
export const START_MS = Date.UTC(2026, 10, 23)
export const MINUTE_MS = 60_000

/** Minute of the series as epoch ms. */
export function minute(minutes: number): number {
  return START_MS + minutes * MINUTE_MS
}

const common = {
  id: 'table/rule',
  level: 'range',
  roles: ['product', 'air'],
  duties: ['in-service', 'loading', 'defrost', 'on-trip'],
  severity: 'alarm',
  clause: 'none',
  source: 'docs/engine.md',
  confidence: 'seen',
} as const

/**
 * `> 8 for 10`: out above 8 degrees for 10 minutes; `for 10 a day`, `for 10 a trip`, `for 10 in 24 h`: in sum; without
 * `for` an instant rule. `count` or `reset` behind it is another gap policy than pause. `door open for 5`,
 * `power missing`, `battery < 20 for 60`: the same of other quantities. `silent for 30`.
 * `recorded every 30`, `recorded every 2 while > 8`.
 */
export function ruleOf(text: string): Rule {
  if (text.startsWith('recorded every ')) return cadenceOf(text)
  const policy = gapPolicies.find((known) => text.endsWith(` ${known}`)) ?? 'pause'
  const [what = '', minutesText] = text.replace(` ${policy}`, '').split(' for ')
  const durationMs = Number(minutesText) * MINUTE_MS
  if (what === 'silent') return { ...common, quantity: 'contact', mode: { kind: 'silence', durationMs } }
  const mode = modeOf(minutesText)
  const run = { ...common, mode, gapPolicy: policy } as const
  if (what === 'door open') return { ...run, quantity: 'door' }
  if (what === 'power missing') return { ...run, quantity: 'power' }
  const [operatorText, limitText] = what.replace('battery ', '').split(' ')
  const operator = operators.find((known) => known === operatorText)
  if (operator === undefined) throw new Error(`no operator in the rule "${text}"`)
  const limit = milliFromDecimal(Number(limitText))
  if (!what.startsWith('battery ')) return { ...run, quantity: 'temperature', operator, limitMilliC: limit }
  return { ...run, quantity: 'battery', operator: operator === '<=' ? '<=' : '<', limitMilliPct: limit }
}

function cadenceOf(text: string): Rule {
  const [, , minutes, , operatorText, limit] = text.split(' ')
  const operator = operators.find((known) => known === operatorText)
  const out = operator === undefined ? null : { operator, limitMilliC: milliFromDecimal(Number(limit)) }
  const mode = { kind: 'cadence', durationMs: Number(minutes) * MINUTE_MS } as const
  return { ...common, quantity: 'recording', mode, out }
}

function modeOf(text: string | undefined): RunMode {
  if (text === undefined) return { kind: 'instant' }
  const [minutes, , window, unit] = text.split(' ')
  const durationMs = Number(minutes) * MINUTE_MS
  if (window === undefined) return { kind: 'continuous', durationMs }
  if (unit === 'h') {
    return { kind: 'cumulative', durationMs, window: 'rolling', windowMs: Number(window) * 60 * MINUTE_MS }
  }
  return { kind: 'cumulative', durationMs, window: window === 'trip' ? 'trip' : 'day' }
}

/** A point from the columns of the table about silence. */
export function contactOf(rule: string, heard: string, facts = ''): ContactInput {
  const { placements, ...point } = pointOf(rule, '', facts)
  const heardMs = heard === '' ? [] : heard.split(',').map((each) => minute(Number(each)))
  // before the first it was silent since ever
  const silences = heardMs.map((toMs, nth) => ({ fromMs: heardMs[nth - 1] ?? 0, toMs }))
  const lastMs = heardMs.at(-1) ?? 0
  return { ...point, contacts: placements.map((placement) => ({ ...placement, silences, lastMs })) }
}

/** A point from the columns of the table; see docs/engine.md. */
export function pointOf(rule: string, readings: string, facts = ''): PointInput {
  const words = facts.split(';').map((fact) => fact.trim())
  const named = (name: string): string[] =>
    words.filter((fact) => fact.startsWith(`${name} `)).map((fact) => fact.slice(name.length + 1))
  const known = new Set([...duties, 'placed', 'every', 'in force', 'then', 'alive', 'vehicle', 'zone', ''])
  for (const word of words) {
    if (![...known].some((name) => word === name || (name !== '' && word.startsWith(`${name} `)))) {
      throw new Error(`the table has the fact "${word}", which nobody understands`)
    }
  }
  const inForce = spansOf(named('in force'))[0] ?? { fromMs: minute(0), toMs: null }
  const placements = spansOf(named('placed'))
  return {
    point: 'point',
    quantity: quantityOf(ruleOf(rule)),
    place: 'place',
    zone: named('zone')[0] ?? 'UTC',
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

function quantityOf({ quantity }: Rule): MeasuredQuantity {
  return quantity === 'contact' || quantity === 'recording' ? 'temperature' : quantity
}

/** A finding in the words of the table, and whether every field agrees with the others. */
export function describeFinding(finding: Finding): string {
  const at = (ms: number | null): string => (ms === null ? '' : String((ms - START_MS) / MINUTE_MS))
  const minutes = (ms: number): number => ms / MINUTE_MS
  const span = `${at(finding.startMs)}-${at(finding.endMs)} ${finding.open ? 'open' : finding.endReason}`
  const alarm = finding.state === 'confirmed' ? `confirmed at ${at(finding.alarmMs)}` : 'suspected'
  const out = `out ${minutes(finding.observedMs)} of ${minutes(finding.worstCaseMs)}`
  if (finding.kind === 'silence') return [span, alarm, out].join(', ')
  if (finding.kind === 'cadence') {
    const intervals = `intervals ${finding.intervals}, longest ${minutes(finding.longestMs)}`
    return [span, alarm, out, intervals].join(', ')
  }
  return [
    span,
    alarm,
    ...(finding.kind === 'excursion' ? [`peak ${finding.peakMilliC / 1000} at ${at(finding.peakMs)}`] : []),
    out,
    `readings ${finding.readings}`,
    ...(finding.confirmedBySingleReading ? ['single'] : []),
    ...(finding.bridged ? ['bridged'] : []),
  ].join(', ')
}

/** `0 8.5, 5 fault` */
export function readingsOf(text: string): PointReading[] {
  return text.split(',').map((item) => {
    const [at, value] = item.trim().split(' ')
    const read = value === 'fault' ? null : milliFromDecimal(Number(value))
    return { tMs: minute(Number(at)), value: read }
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

import type { RulePack, TemperatureRule } from '../../domain/index.ts'
import { colours, PLAIN } from './colours.ts'

/** One step of thresholds: from this value on it has this colour; the first has no value. */
export interface Step {
  readonly value: number | null
  readonly color: string
}

/** Vehicles and boxes are judged by the rules of this pack. */
const TRANSPORT_PACK = 'cn-2017-cdc-clinic-transport'
/** Readings are whole thousandths, so this is the next value there can be, degC or %. */
const NEXT = 0.001

/** Colours of temperatures in transport, by the range of the newest version of its pack. */
export function transportSteps(packs: readonly RulePack[]): readonly Step[] {
  const range = newest(packs, TRANSPORT_PACK)
    .flatMap((rule) => (rule.quantity === 'temperature' ? [rule] : []))
    .filter(({ level }) => level === 'range')
  const highs = range.flatMap((rule) =>
    rule.operator === '>' || rule.operator === '>=' ? [firstOut(rule)] : [],
  )
  const lows = range.flatMap((rule) =>
    rule.operator === '<' || rule.operator === '<=' ? [firstIn(rule)] : [],
  )
  return [
    { value: null, color: lows.length === 0 ? colours.inRange : colours.cold },
    ...(lows.length === 0 ? [] : [{ value: Math.max(...lows), color: colours.inRange }]),
    ...(highs.length === 0 ? [] : [{ value: Math.min(...highs), color: colours.warm }]),
  ]
}

/** A step colours its own value too, so where the limit itself is in range the step is the next value. */
function firstOut({ operator, limitMilliC }: TemperatureRule): number {
  return step(limitMilliC, operator === '>')
}

function firstIn({ operator, limitMilliC }: TemperatureRule): number {
  return step(limitMilliC, operator === '<=')
}

/** Colours of battery levels, by the strictest limit of any rule. */
export function batterySteps(packs: readonly RulePack[]): readonly Step[] {
  const limits = packs
    .flatMap(({ rules }) => rules)
    .flatMap((rule) =>
      rule.quantity === 'battery' ? [step(rule.limitMilliPct, rule.operator === '<=')] : [],
    )
  if (limits.length === 0) return [{ value: null, color: PLAIN }]
  return [
    { value: null, color: colours.warm },
    { value: Math.max(...limits), color: PLAIN },
  ]
}

function step(limitMilli: number, isNext: boolean): number {
  return limitMilli / 1_000 + (isNext ? NEXT : 0)
}

function newest(packs: readonly RulePack[], id: string): RulePack['rules'] {
  return packs.filter((pack) => pack.id === id).toSorted((a, b) => b.version - a.version)[0]?.rules ?? []
}

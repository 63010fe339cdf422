import type { Band, PointHistory, PointInput, RuleInForce, Span, TimeInBand } from '../../alerts/index.ts'
import {
  type Duty,
  type EndReason,
  type Excursion,
  maxGapFloorMs,
  type Rule,
  type TemperatureRule,
} from '../../domain/index.ts'
import { MINUTE_MS, START_MS } from './series.ts'

/**
 * The engine once more, as slow and as plain as its description: it walks minute by minute and asks everything
 * anew at each of them. Right for inputs whose times are whole minutes from START_MS on.
 */
export function tickFindings(point: PointInput, asOfMs: number): Omit<Excursion, 'id'>[] {
  return walkedRules(point).flatMap(({ id, under }) => runsOf(under, id, horizonOf(point, asOfMs)))
}

/** A point with the periods of one rule under one label only; `others`: those it has in all. */
export type WalkedPoint = PointInput & { readonly others?: readonly RuleInForce[] }

/** Each rule of a point, and each label it is under, by itself: each finding is about one limit. */
export function walkedRules(
  point: PointInput,
): readonly { readonly id: string; readonly under: WalkedPoint }[] {
  const keyOf = ({ rule, label }: RuleInForce): string => `${rule.id} ${JSON.stringify(label ?? null)}`
  return [...Map.groupBy(point.rules, keyOf).values()].map((rules) => {
    return { id: rules[0]?.rule.id ?? '', under: { ...point, rules, others: point.rules } }
  })
}

type Draft = { -readonly [Field in keyof Omit<Excursion, 'id'>]: Excursion[Field] }
interface TickRun extends Draft {
  isSuspected: boolean
  isInGap: boolean
  /** In range for now, where time out is added up. */
  isPaused: boolean
}

function runsOf(point: PointInput, id: string, horizonMs: number): Omit<Excursion, 'id'>[] {
  const found: Omit<Excursion, 'id'>[] = []
  let run: TickRun | undefined
  let durationMs = 0
  let isCounted = false
  for (let tMs = START_MS; tMs <= horizonMs; tMs += MINUTE_MS) {
    if (run !== undefined) check(run, tMs, durationMs, isCounted)
    const { rule, packVersion, reason } = ruleAt(point, id, tMs)
    const mode = rule?.mode
    const isSum = mode?.kind === 'cumulative'
    if (run !== undefined && isSum && mode.window === 'day' && dayOf(tMs) > dayOf(run.startMs)) {
      found.push(...finished(run, dayOf(tMs), 'window-ended'))
      run = undefined
    }
    const value = valueAt(point, tMs)
    const side = rule?.operator.startsWith('>') === true ? value?.high : value?.low
    const isReading = point.readings.some((reading) => reading.tMs === tMs)
    const isOut = rule !== undefined && side !== undefined && violates(rule, side)
    if (run !== undefined && isSum && side !== undefined && !isOut) {
      run.isPaused = true
    } else if (run !== undefined && (rule === undefined || (side !== undefined && !isOut))) {
      found.push(
        ...finished(run, tMs, rule === undefined ? reason : isReading ? 'recovered' : 'rule-changed'),
      )
      run = undefined
    } else if (run !== undefined && isOut && (isReading || run.isPaused)) {
      run.readings += 1
      run.isPaused = false
      run.bridged ||= run.isInGap
      run.isInGap = false
      const isMore = run.direction === 'warm' ? side > run.peakMilliC : side < run.peakMilliC
      if (isMore) Object.assign(run, { peakMilliC: side, peakMs: tMs })
    } else if (run !== undefined && side === undefined && rule?.gapPolicy === 'reset') {
      found.push(...finished(run, tMs, 'gap'))
      run = undefined
    } else if (run === undefined && isOut) run = started(point, rule, packVersion, tMs, side)
    if (run === undefined) continue
    durationMs = mode === undefined || mode.kind === 'instant' ? 0 : mode.durationMs
    isCounted = rule?.gapPolicy === 'count'
    check(run, tMs, durationMs, isCounted)
    if (tMs === horizonMs || run.isPaused) continue
    run.worstCaseMs += MINUTE_MS
    if (isOut) run.observedMs += MINUTE_MS
    else run.isInGap = true
  }
  return run === undefined ? found : [...found, ...finished(run, null, null)]
}

function started(
  point: PointInput,
  rule: TemperatureRule,
  packVersion: number,
  startMs: number,
  milliC: number,
): TickRun {
  return {
    point: point.point,
    place: point.place,
    rule: rule.id,
    packVersion,
    level: rule.level,
    kind: 'excursion',
    direction: rule.operator.startsWith('>') ? 'warm' : 'cold',
    state: 'suspected',
    open: true,
    startMs,
    alarmMs: null,
    endMs: null,
    endReason: null,
    peakMilliC: milliC,
    peakMs: startMs,
    ...labelledAt(point, rule.id, startMs),
    observedMs: 0,
    worstCaseMs: 0,
    bridged: false,
    readings: 1,
    confirmedBySingleReading: false,
    isSuspected: false,
    isInGap: false,
    isPaused: false,
  }
}

/** Local midnight before an instant, three hours behind UTC all year. */
function dayOf(tMs: number): number {
  return tMs - ((tMs - 3 * 60 * MINUTE_MS) % (24 * 60 * MINUTE_MS))
}

function check(run: TickRun, tMs: number, durationMs: number, isCounted: boolean): void {
  if ((isCounted ? run.worstCaseMs : run.observedMs) >= durationMs) run.alarmMs ??= tMs
  if (run.worstCaseMs >= durationMs) run.isSuspected = true
}

function finished(run: TickRun, endMs: number | null, endReason: EndReason | null): Omit<Excursion, 'id'>[] {
  const { isSuspected, isInGap: _isInGap, isPaused: _isPaused, ...fields } = run
  if (run.alarmMs === null && !isSuspected) return []
  return [
    {
      ...fields,
      state: run.alarmMs === null ? 'suspected' : 'confirmed',
      open: endMs === null,
      endMs,
      endReason,
      confirmedBySingleReading: run.alarmMs !== null && run.readings === 1,
    },
  ]
}

/** The version of a rule of temperature in force at an instant, or why there is none. */
export function ruleAt(point: WalkedPoint, id: string, tMs: number) {
  const { rule, ...version } = versionAt(point, id, tMs)
  if (rule !== undefined && rule.quantity !== 'temperature') throw new Error('only temperatures are walked')
  return { rule, ...version }
}

/** The version of a rule that applies at an instant, or why none does. */
export function versionAt(
  point: WalkedPoint,
  id: string,
  tMs: number,
): { rule: Rule | undefined; packVersion: number; reason: EndReason } {
  const duty = heldAt(point.duties, tMs)?.duty ?? (point.placeKind === 'vehicle' ? 'empty' : 'in-service')
  const version = point.rules.find((inForce) => inForce.rule.id === id && holds(inForce, tMs))
  const packVersion = version?.packVersion ?? 0
  const none = (reason: EndReason) => ({ rule: undefined, packVersion, reason })
  if (!holds(point.life, tMs) || duty === ('retired' satisfies Duty)) return none('retired')
  if (version === undefined || !version.rule.roles.includes(point.role)) {
    const other = point.others?.find((inForce) => inForce.rule.id === id && holds(inForce, tMs))
    return none(other?.rule.roles.includes(point.role) === true ? 'label-changed' : 'rule-ended')
  }
  if (!version.rule.duties.includes(duty)) return none('duty')
  return { rule: version.rule, packVersion, reason: 'rule-ended' }
}

/** The label whose limit a rule had at an instant, as a finding tells it. */
export function labelledAt(
  point: PointInput,
  id: string,
  tMs: number,
): Pick<Excursion, 'labelProduct' | 'labelMilliC'> {
  const label = point.rules.find((inForce) => inForce.rule.id === id && holds(inForce, tMs))?.label
  return label === undefined ? {} : { labelProduct: label.product, labelMilliC: label.limitMilliC }
}

/** What holds at an instant: the readings of the newest instant, unless they are too old, at fault or moved away. */
export function valueAt(point: PointHistory, tMs: number): { low: number; high: number } | undefined {
  const newestMs = Math.max(...placedUpTo(point, tMs).map((reading) => reading.tMs))
  const values = temperaturesAt(point, newestMs)
  if (values.length === 0) return undefined
  return speaks(point, newestMs, tMs) ? { low: Math.min(...values), high: Math.max(...values) } : undefined
}

/** The temperatures read at an instant; none where the probe was at fault, or nothing was read. */
export function temperaturesAt(point: PointHistory, instantMs: number): readonly number[] {
  const placed = placedUpTo(point, instantMs)
  const at = (tMs: number): number[] =>
    placed.filter((reading) => reading.tMs === tMs).flatMap(({ value }) => value ?? [])
  const earlierMs = Math.max(...placed.map((reading) => reading.tMs).filter((each) => each < instantMs))
  const isHeat = speaks(point, earlierMs, instantMs) && at(earlierMs).some((milliC) => milliC >= 60_000)
  return at(instantMs).filter((milliC) => isHeat || milliC !== 85_000)
}

function placedUpTo({ readings, placements }: PointHistory, tMs: number) {
  return readings.filter((reading) => reading.tMs <= tMs && heldAt(placements, reading.tMs) !== undefined)
}

/** Whether a reading of an instant would still speak at another. */
function speaks(point: PointHistory, readMs: number, tMs: number): boolean {
  const intervalMs = heldAt(point.expectedIntervals, readMs)?.expectedIntervalMs ?? 0
  const isFresh = tMs < readMs + Math.max(3 * intervalMs, maxGapFloorMs(point.placeKind))
  return isFresh && heldAt(point.placements, readMs) === heldAt(point.placements, tMs)
}

/** Totals of a place, minute by minute. */
export function tickTotals(
  points: readonly PointHistory[],
  query: { band: Band; fromMs: number; toMs: number; asOfMs: number },
): Omit<TimeInBand, 'minMilliC' | 'maxMilliC'> {
  const total = { inMs: 0, warmMs: 0, coldMs: 0, unknownMs: 0 }
  const { minMilliC, maxMilliC } = query.band
  for (let tMs = query.fromMs; tMs < query.toMs; tMs += MINUTE_MS) {
    const values = points
      .filter(({ life }) => holds(life, tMs))
      .map((point) => (tMs < horizonOf(point, query.asOfMs) ? valueAt(point, tMs) : undefined))
    const isCold = values.some((value) => value !== undefined && minMilliC !== null && value.low < minMilliC)
    const isWarm = values.some((value) => value !== undefined && maxMilliC !== null && value.high > maxMilliC)
    const isUnknown = values.length === 0 || values.includes(undefined)
    if (isCold) total.coldMs += MINUTE_MS
    else if (isWarm) total.warmMs += MINUTE_MS
    else if (isUnknown) total.unknownMs += MINUTE_MS
    else total.inMs += MINUTE_MS
  }
  return total
}

/** How far time goes: to as-of, or to the newest reading of the point. */
export function horizonOf(point: PointHistory, asOfMs: number): number {
  const placed = point.readings.filter(({ tMs }) => heldAt(point.placements, tMs) !== undefined)
  return Math.max(asOfMs, ...placed.map(({ tMs }) => tMs))
}

/** Whether a value is out. */
export function violates(rule: TemperatureRule, milliC: number): boolean {
  const { operator, limitMilliC } = rule
  if (milliC === limitMilliC) return operator.endsWith('=')
  return milliC > limitMilliC === operator.startsWith('>')
}

function holds(span: Span, tMs: number): boolean {
  return span.fromMs <= tMs && (span.toMs === null || tMs < span.toMs)
}

function heldAt<S extends Span>(spans: readonly S[], tMs: number): S | undefined {
  return spans.find((span) => holds(span, tMs))
}

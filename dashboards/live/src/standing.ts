import type { Direction, Finding, LivePoint, Place, Point, Product, RulePack } from './answers.ts'
import { sorted } from './sorted.ts'

/**
 * What a place or point is, the worst first. `near`: a pre-warning value, only suspected, or beyond a limit for less
 * time than its rule allows. `cooling`: that, while it is pre-cooled. `unjudged`: no rule holds for it. `idle`: rules
 * hold, and none applies to what the place does now: it is not in use.
 */
export const stateOrder = [
  'freeze',
  'warm',
  'cold',
  'unknown',
  'near',
  'cooling',
  'unjudged',
  'idle',
  'in',
] as const
/** One state. */
export type State = (typeof stateOrder)[number]

/** A point as it stands at an instant. */
export interface PointStanding {
  readonly point: Point
  readonly state: State
  /** Which way it leaves, with `near`. */
  readonly direction: Direction | undefined
  /** Unknown because the probe is at fault. */
  readonly isFaulty: boolean
  /** degC; undefined when there is none, however old. */
  readonly temperature: number | undefined
  readonly t: string | undefined
  readonly ageMs: number | undefined
  readonly intervalMs: number
  readonly isOverdue: boolean
}

/** A place as it stands: its worst point speaks for it. */
export interface PlaceStanding {
  readonly place: Place
  readonly state: State
  /** Undefined when it has no judged point. */
  readonly worst: PointStanding | undefined
  readonly points: readonly PointStanding[]
}

/** A limit of a rule in force. */
export interface Limit {
  /** degC */
  readonly limit: number
  readonly direction: Direction
  readonly level: 'critical' | 'range'
  /** While the place is on one of these duties. */
  readonly duties: readonly string[]
}

/** The interval of a device that is not known: what most of them use. */
const INTERVAL_DEFAULT_MS = 300_000
/** Half an interval late is no chance any more. */
const OVERDUE_INTERVALS = 1.5
/** At this temperature, degC, vaccine that must not freeze may freeze. */
const FREEZE_RISK_C = 0
const MAX_GAP_FLOOR_MS = 15 * 60_000
const TRANSPORT_MAX_GAP_FLOOR_MS = 5 * 60_000

/** How long a reading speaks for a point; a test holds this together with the engine's. */
export function maxGapMs(intervalMs: number, kind: string): number {
  const travels = kind === 'vehicle' || kind === 'box'
  return Math.max(3 * intervalMs, travels ? TRANSPORT_MAX_GAP_FLOOR_MS : MAX_GAP_FLOOR_MS)
}

/**
 * The limits that hold in a place: those of packs for its kind and its organisation's, or those of the labels of what
 * lies where its points speak for it, where they are tighter.
 */
export function limitsFor(
  place: Place,
  organisationKind: string,
  packs: readonly RulePack[],
  labels: readonly Label[],
): readonly Limit[] {
  const highest = labels.map(({ rangeMax }) => rangeMax)
  const lowest = labels.map(({ rangeMin }) => rangeMin)
  return packs
    .filter((pack) => pack.places.includes(place.kind) && pack.organisations.includes(organisationKind))
    .flatMap((pack) => pack.rules)
    .filter((rule) => rule.activeFor.includes(place.organisation))
    .flatMap(({ quantity, operator, limit: own, takesLabel, level, duties }): Limit[] => {
      if (quantity !== 'temperature' || operator === null || own === null) return []
      const direction = operator.startsWith('>') ? 'warm' : 'cold'
      const tightest = direction === 'warm' ? Math.min(own, ...highest) : Math.max(own, ...lowest)
      return [{ limit: takesLabel ? tightest : own, level, duties, direction }]
    })
}

/** What a label allows, degC, both included. */
export type Label = Pick<Product, 'rangeMin' | 'rangeMax'>

/** What is known of a place besides its readings. */
export interface PlaceFacts {
  readonly place: Place
  /** Only those that are judged count: roles product and air. */
  readonly points: readonly Point[]
  readonly limits: readonly Limit[]
  /** What the place does now. */
  readonly duty: string
  readonly hasFreezeSensitive: boolean
}

/** What a place does while nobody has said otherwise; a test holds this together with the engine's. */
export function defaultDuty(kind: string): string {
  return kind === 'vehicle' || kind === 'box' ? 'empty' : 'in-service'
}

/** True for points that speak for their place. */
export function isJudged({ role }: Point): boolean {
  return role === 'product' || role === 'air'
}

/** How a place stands at `nowMs`, by the newest readings of its points and the findings that are open. */
export function placeStanding(
  facts: PlaceFacts,
  newest: (point: string) => LivePoint | undefined,
  findings: readonly Finding[],
  nowMs: number,
): PlaceStanding {
  const points = sorted(
    facts.points.map((point) => pointStanding(facts, point, newest(point.id), findings, nowMs)),
    (a, b) => byWorst(a, b, facts.limits),
  )
  const worst = points.find(({ point }) => isJudged(point))
  return { place: facts.place, state: worst?.state ?? 'unjudged', worst, points }
}

function pointStanding(
  facts: PlaceFacts,
  point: Point,
  reading: LivePoint | undefined,
  findings: readonly Finding[],
  nowMs: number,
): PointStanding {
  const seconds = reading?.expectedIntervalSeconds ?? null
  const intervalMs = seconds === null ? INTERVAL_DEFAULT_MS : seconds * 1_000
  const ageMs = reading === undefined ? undefined : Math.max(0, nowMs - Date.parse(reading.t))
  const temperature = reading?.temperature
  const isFaulty = reading !== undefined && reading.fault !== null
  const isKnown =
    !isFaulty &&
    temperature !== undefined &&
    ageMs !== undefined &&
    ageMs <= maxGapMs(intervalMs, facts.place.kind)
  const open = findings.flatMap((each) => {
    const { direction } = each
    return each.open && each.point === point.id && direction !== null ? [{ ...each, direction }] : []
  })
  const out = open.find(({ level, state }) => level === 'range' && state === 'confirmed')
  const near = open[0]
  const freezes = temperature !== undefined && temperature <= FREEZE_RISK_C && facts.hasFreezeSensitive
  const judged = isJudged(point)
  const applying = facts.limits.filter(({ duties }) => duties.includes(facts.duty))
  const beyond = applying.find((limit) => isBeyond(limit, temperature))
  const state = ((): State => {
    if (judged && freezes && (isKnown || out !== undefined)) return 'freeze'
    if (out !== undefined) return out.direction
    if (!isKnown) return 'unknown'
    if (near !== undefined) return 'near'
    if (!judged || facts.limits.length === 0) return 'unjudged'
    if (applying.length === 0) return 'idle'
    if (beyond === undefined) return 'in'
    return facts.duty === 'pre-cooling' ? 'cooling' : 'near'
  })()
  return {
    point,
    state,
    direction: (out ?? near ?? beyond)?.direction,
    isFaulty,
    temperature,
    t: reading?.t,
    ageMs,
    intervalMs,
    isOverdue: ageMs !== undefined && ageMs > OVERDUE_INTERVALS * intervalMs,
  }
}

function isBeyond({ limit, direction }: Limit, temperature: number | undefined): boolean {
  if (temperature === undefined) return false
  return direction === 'warm' ? temperature > limit : temperature < limit
}

/** The worse state first; of the same, judged points first, then the one nearest to, or furthest beyond, a limit. */
function byWorst(a: PointStanding, b: PointStanding, limits: readonly Limit[]): number {
  const judged = Number(isJudged(b.point)) - Number(isJudged(a.point))
  if (judged !== 0) return judged
  const order = stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state)
  if (order !== 0) return order
  return margin(a, limits) - margin(b, limits) || (a.point.id < b.point.id ? -1 : 1)
}

/** How far the value is from leaving, K; negative beyond a limit. Without limits the warmest comes first. */
function margin({ temperature, state }: PointStanding, limits: readonly Limit[]): number {
  if (temperature === undefined) return Number.MAX_VALUE
  if (limits.length === 0) return state === 'freeze' || state === 'cold' ? temperature : -temperature
  return Math.min(
    ...limits.map(({ limit, direction }) =>
      direction === 'warm' ? limit - temperature : temperature - limit,
    ),
  )
}

/** The worse of two states. */
export function worseState(a: State, b: State): State {
  return stateOrder.indexOf(a) <= stateOrder.indexOf(b) ? a : b
}

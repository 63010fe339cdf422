import {
  type ExplainedReading,
  explainFinding,
  type Explanation,
  type PointInput,
  type PointReading,
} from '../alerts/index.ts'
import {
  boundOf,
  durationOf,
  type Finding,
  instantText,
  instantTextOrNull,
  type MeasuredQuantity,
  Problem,
  type Rule,
  ruleOfFinding,
  sensorPath,
} from '../domain/index.ts'
import type { FactsView, FindingReads, JudgedFinding, Queries } from '../store/index.ts'
import { chunksBefore, chunksFrom } from './core/judge/chunks.ts'
import { type PointFacts, pointFactsOf } from './core/judge/point-facts.ts'
import { readRulePacks } from './doors/rule-packs.ts'
import { findingAnswer } from './finding-answers.ts'
import { mktAnswer } from './mkt-answers.ts'

/** Readings of one answer: a week at five minutes. A longer finding is told from its beginning, and says so. */
const READINGS_MAX = 2_016

/** What findings are explained from. */
export interface ExplainStores {
  readonly findings: FindingReads
  readonly view: FactsView
  readonly viewReady: () => Promise<void>
}

/** Answers why a finding is what it is. */
export function explainAnswers({ findings, view, viewReady }: ExplainStores) {
  return {
    'finding.explain': async ({ place: at, id }: Queries['finding.explain']) => {
      await viewReady()
      const [judged] = findings.standing([id])
      const place = view.place(at)
      if (judged?.finding.place !== at || place === undefined) throw noSuchFinding(id, at)
      const packs = await readRulePacks()
      const facts = pointFactsOf(view, packs, judged.finding.point)
      if (facts === undefined) throw noSuchFinding(id, at)
      const quantity = quantityOf(judged.finding)
      const { rows, complete } = readingsOf(findings, facts, quantity, judged.finding)
      const explained = explainedOf({ ...facts, quantity, readings: rows }, judged, complete)
      const answerOf = (reading: ExplainedReading): object => readingAnswer(facts, quantity, reading)
      const rule = ruleOfFinding(packs, judged.finding)
      return {
        finding: findingAnswer(judged),
        site: place.site,
        placeKind: facts.placeKind,
        role: facts.role,
        ...whatHeld(facts, judged),
        rule: rule === undefined ? null : ruleAnswer(rule),
        begunBy: explained.begunBy,
        before: explained.before === null ? null : answerOf(explained.before),
        readings: explained.readings.map(answerOf),
        endedBy: explained.endedBy === null ? null : answerOf(explained.endedBy),
        unknown: explained.unknown.map(({ fromMs, toMs, cause }) => {
          return { from: instantText(fromMs), to: instantText(toMs), cause }
        }),
        complete,
        mkt: mktAnswer(findings, view, facts, judged, rule),
      }
    },
  }
}

/** The readings from the last one before the finding up to the one that ended it. */
function readingsOf(
  findings: FindingReads,
  facts: PointFacts,
  quantity: MeasuredQuantity,
  { startMs, endMs }: Finding,
): { readonly rows: readonly PointReading[]; readonly complete: boolean } {
  const [back] = chunksBefore(findings, facts, quantity, startMs)
  const rows: PointReading[] = [...(back ?? [])]
  const lastMs = endMs ?? Number.POSITIVE_INFINITY
  for (const chunk of chunksFrom(findings, facts, quantity, startMs)) {
    for (const row of chunk) {
      if (row.tMs > lastMs) return { rows, complete: true }
      if (rows.length >= READINGS_MAX + (back?.length ?? 0)) return { rows, complete: false }
      rows.push(row)
    }
  }
  return { rows, complete: true }
}

/** What the readings of a finding are of; of a silence, what was delivered later for its time. */
function quantityOf({ kind }: Finding): MeasuredQuantity {
  return kind === 'excursion' || kind === 'silence' || kind === 'cadence' ? 'temperature' : kind
}

function explainedOf(point: PointInput, judged: JudgedFinding, complete: boolean): Explanation {
  const { finding } = judged
  if (finding.kind !== 'silence') {
    return explainFinding(point, finding, asOfOf(judged, point.readings, complete))
  }
  const read = point.readings.toSorted((a, b) => a.tMs - b.tMs)
  const untilMs = finding.endMs ?? judged.asOfMs
  return {
    begunBy: 'reading',
    before: read.findLast(({ tMs }) => tMs <= finding.startMs) ?? null,
    readings: read.filter(({ tMs }) => finding.startMs < tMs && tMs < untilMs),
    endedBy: null,
    unknown: [],
  }
}

/** Where not all readings are told, unknown time is told as far as they go. */
function asOfOf({ asOfMs }: JudgedFinding, rows: readonly PointReading[], complete: boolean): number {
  return complete ? asOfMs : (rows.at(-1)?.tMs ?? asOfMs)
}

/** The facts that held while it lasted. */
function whatHeld(facts: PointFacts, { finding, asOfMs }: JudgedFinding): object {
  const untilMs = finding.endMs ?? asOfMs
  const touching = <S extends { readonly fromMs: number; readonly toMs: number | null }>(
    spans: readonly S[],
  ): S[] => spans.filter(({ fromMs, toMs }) => fromMs <= untilMs && (toMs === null || toMs > finding.startMs))
  const period = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number | null }) => ({
    from: instantText(fromMs),
    to: instantTextOrNull(toMs),
  })
  return {
    placements: touching(facts.placements).map((each) => {
      return { sensor: sensorPath(each.device, each.sensor), ...period(each) }
    }),
    duties: touching(facts.duties).map((each) => ({ duty: each.duty, ...period(each) })),
    expectedIntervals: touching(facts.expectedIntervals).map((each) => {
      return { seconds: each.expectedIntervalMs / 1_000, ...period(each) }
    }),
    inForce: touching(facts.rules.filter(({ rule }) => rule.id === finding.rule)).map((each) => {
      const product = each.label?.product ?? null
      return { packVersion: each.packVersion, ...boundOf(each.rule), labelOf: product, ...period(each) }
    }),
  }
}

function ruleAnswer(rule: Rule): object {
  const { id, quantity, level, mode, severity, clause, source, confidence } = rule
  const durationSeconds = durationOf(mode) / 1_000
  const gapPolicy = 'gapPolicy' in rule ? rule.gapPolicy : null
  const same = { id, quantity, durationSeconds, level, gapPolicy, severity, clause, source, confidence }
  return { ...same, ...boundOf(rule) }
}

function readingAnswer(
  { placements }: PointFacts,
  quantity: MeasuredQuantity,
  { tMs, value }: ExplainedReading,
): object {
  const placed = placements.find(({ fromMs, toMs }) => fromMs <= tMs && (toMs === null || tMs < toMs))
  return {
    t: instantText(tMs),
    ...valueAnswer(quantity, value),
    sensor: placed === undefined ? null : sensorPath(placed.device, placed.sensor),
  }
}

/** degC or percent, or whether the door was open and power there; null where the probe was at fault. */
function valueAnswer(quantity: MeasuredQuantity, value: number | null): object {
  if (quantity === 'temperature') return { temperature: value === null ? null : value / 1_000 }
  if (quantity === 'battery') return { battery: value === null ? null : value / 1_000 }
  return { [quantity === 'door' ? 'doorOpen' : 'mainsPower']: value === 1 }
}

function noSuchFinding(id: string, place: string): Problem {
  return new Problem('not-found', {
    what: `No finding ${id} stands at place ${place}.`,
    remedy: 'List the findings: judging again may have moved it, and then it has another id.',
  })
}

import { type IncidentFacts, messageFor } from '../../../alerts/index.ts'
import { placesConcerned } from '../../../batches/index.ts'
import type {
  EndReason,
  Finding,
  IncidentFact,
  IncidentStep,
  Language,
  Log,
  RecipientFact,
  Rule,
  RulePack,
} from '../../../domain/index.ts'
import { gradeOf, hoursOf, isWithinHours, labelOfFinding, ruleOfFinding } from '../../../domain/index.ts'
import type { FactsView, NewMessage } from '../../../store/index.ts'

/** What messages are made from. */
export interface MessageParts {
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly log: Log
}

/** What ends a finding because it is well again, by what was read; everything else is a fact that ends it. */
const returned: readonly EndReason[] = ['recovered', 'rule-changed', 'window-ended']
/** Characters of an incident's id that people say and type: its letter, and fewer digits than a phone number. */
const CODE_CHARACTERS = 7

/** The messages of one step: a call to whom it concerns now, or the end to those (`told`) who believe it goes on. */
export function messagesFor(
  parts: MessageParts,
  incident: IncidentFact,
  step: IncidentStep,
  standing: readonly Finding[],
  told: readonly string[],
  nowMs: number,
): readonly NewMessage[] {
  if (step.kind === 'call') {
    const open = standing.filter((finding) => finding.open)
    const called = whoIsCalled(parts, incident.place, nowMs)
    if (called.length === 0) {
      parts.log.error(
        { incident: incident.id, place: incident.place },
        'nobody is called: the place has no recipients',
      )
    }
    return called.map(({ recipient, outsideHours }) => ({
      recipient,
      outsideHours,
      template: step.template,
      grade: step.grade,
      ...written(parts, incident, step, open, recipient.language, nowMs),
    }))
  }
  if (step.kind !== 'over' || !step.tell) return []
  const recipients = eachOnce(told.flatMap((id) => parts.view.recipient(id) ?? []))
  const template = standing.length === 0 ? 'incident-withdrawn' : 'incident-over'
  return recipients.map((recipient) => ({
    recipient,
    outsideHours: false,
    template,
    grade: incident.grade,
    ...written(parts, incident, step, standing, recipient.language, nowMs),
  }))
}

interface Called {
  readonly recipient: RecipientFact
  readonly outsideHours: boolean
}

/**
 * The recipients of a place and of those around it who are called now. When it is nobody's hour all of them are: an
 * alarm that waits for the morning is none.
 */
function whoIsCalled({ view }: MessageParts, id: string, nowMs: number): readonly Called[] {
  const recipients: RecipientFact[] = []
  let place = view.place(id)
  const zone = view.site(place?.site ?? '')?.zone ?? 'UTC'
  while (place !== undefined) {
    recipients.push(...view.recipientsOf(place.id))
    place = place.parent === null ? undefined : view.place(place.parent)
  }
  const onHours = recipients.filter(({ hours }) => isWithinHours(hoursOf(hours), zone, nowMs))
  const outsideHours = onHours.length === 0
  return eachOnce(outsideHours ? recipients : onHours).map((recipient) => ({ recipient, outsideHours }))
}

/** One of each address: people are entered for several places, and for several hours. */
function eachOnce(recipients: readonly RecipientFact[]): readonly RecipientFact[] {
  return [...new Map(recipients.map((each) => [roadTo(each), each])).values()]
}

/** The same for whoever is entered twice. The console has no addresses: people there differ by their names. */
function roadTo({ name, channel, address }: RecipientFact): string {
  return `${channel} ${address === '' ? name : address}`
}

function written(
  parts: MessageParts,
  incident: IncidentFact,
  step: Extract<IncidentStep, { kind: 'call' | 'over' }>,
  findings: readonly Finding[],
  language: Language,
  nowMs: number,
): Pick<NewMessage, 'subject' | 'text' | 'variables'> {
  const told = worstOf(findings, step.kind === 'call' ? newEnd(incident, step.labelMilliC) : null)
  const facts = factsFor(parts, incident, findings, told, language, nowMs)
  if (step.kind === 'call') return messageFor({ template: step.template, language, facts })
  if (findings.length === 0) return messageFor({ template: 'incident-withdrawn', language, facts })
  const ends = findings.flatMap(({ endMs }) => (endMs === null ? [] : [endMs]))
  const backSinceMs = ends.length === 0 ? nowMs : Math.max(...ends)
  const last = findings.filter(({ endMs }) => endMs === backSinceMs)
  const isBack = last.some(({ endReason }) => endReason !== null && returned.includes(endReason))
  return messageFor({ template: 'incident-over', language, facts: { ...facts, backSinceMs, isBack } })
}

function factsFor(
  { view, packs }: MessageParts,
  incident: IncidentFact,
  findings: readonly Finding[],
  told: Finding | undefined,
  language: Language,
  nowMs: number,
): IncidentFacts {
  const place = view.place(incident.place)
  const site = view.site(place?.site ?? '')
  const organisation = view.organisation(site?.organisation ?? '')
  const rule = told === undefined ? undefined : ruleOfFinding(packs, told)
  const points = new Set(findings.map(({ point }) => point))
  const instant = { fromMs: nowMs, toMs: nowMs + 1 }
  const places = new Set([...points].flatMap((point) => placesConcerned(view, point)))
  const lots = new Set([...places].flatMap((id) => view.stockOf(id, instant).map(({ lot }) => lot)))
  const products = [...lots].map((lot) => view.product(view.lot(lot)?.product ?? ''))
  return {
    site: named(site, language),
    place: named(place, language),
    severity: told === undefined ? incident.grade : gradeOf(told),
    suspected: told?.state === 'suspected',
    what: whatIs(incident, told, rule),
    sinceMs: Math.min(nowMs, ...findings.map(({ startMs }) => startMs)),
    zone: site?.zone ?? 'UTC',
    lots: {
      count: lots.size,
      anyFreezeSensitive: products.some((product) => product?.freezeSensitive === 1),
    },
    code: incident.id.slice(0, CODE_CHARACTERS),
    demo: organisation?.demo === 1,
  }
}

/** What is wrong, by the finding it is told of and its rule: how far out the temperature is, or the cause alone. */
export function whatIs(
  { cause }: Pick<IncidentFact, 'cause'>,
  told: Finding | undefined,
  rule: Rule | undefined,
): IncidentFacts['what'] {
  if (cause !== 'warm' && cause !== 'cold') return { cause }
  const peakMilliC = told?.kind === 'excursion' ? told.peakMilliC : 0
  const byLabel = told !== undefined && labelOfFinding(told) !== null
  const limit =
    rule?.quantity === 'temperature'
      ? { operator: rule.operator, milliC: rule.limitMilliC, byLabel }
      : ({ operator: cause === 'warm' ? '>' : '<', milliC: peakMilliC } as const)
  return { peakMilliC, limit }
}

/** The end of a label that people are called for and did not know of; null: there is none. */
function newEnd({ calledLabelMilliC }: IncidentFact, labelMilliC: number | null): number | null {
  return labelMilliC === calledLabelMilliC ? null : labelMilliC
}

/**
 * The finding a message tells of: of the loudest, one about the end of a label that is news, then the one with the most
 * extreme value, or that began first.
 */
function worstOf(findings: readonly Finding[], newEndMilliC: number | null): Finding | undefined {
  const isNews = (finding: Finding): number =>
    newEndMilliC !== null && labelOfFinding(finding)?.limitMilliC === newEndMilliC ? 1 : 0
  const loud = (finding: Finding): number => (gradeOf(finding) === 'alarm' ? 1 : 0)
  const far = (finding: Finding): number => {
    if (finding.kind !== 'excursion') return 0
    return finding.direction === 'warm' ? finding.peakMilliC : -finding.peakMilliC
  }
  return findings.toSorted(
    (a, b) => loud(b) - loud(a) || isNews(b) - isNews(a) || far(b) - far(a) || a.startMs - b.startMs,
  )[0]
}

function named(
  thing: { readonly id: string; readonly name: string; readonly nameEn: string | null } | undefined,
  language: Language,
): string {
  if (thing === undefined) return '-'
  return language === 'en' ? (thing.nameEn ?? thing.name) : thing.name
}

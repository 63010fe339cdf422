import { decide, isCallDue, type Member } from '../../../alerts/index.ts'
import { type Cause, causeOf, type Finding, type IncidentFact } from '../../../domain/index.ts'
import type { DeskTransaction, FactsView, FindingReads } from '../../../store/index.ts'
import { messagesFor, type MessageParts } from './messages.ts'

const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

/** One place and cause, and what has become of its findings. */
export interface Line {
  readonly place: string
  readonly cause: Cause
  /** Ids of the findings some change was about. */
  readonly touched: ReadonlySet<string>
}

/** What a step works with besides its transaction. */
export interface LineParts extends MessageParts {
  readonly findings: FindingReads
  readonly view: FactsView
}

/**
 * Brings the incident of a line in line with how its findings stand now. `position`: the last change that was taken;
 * `nowMs`: what the clock shows. False when nothing was done.
 */
export async function stepLine(
  parts: LineParts,
  tx: DeskTransaction,
  line: Line,
  position: number,
  nowMs: number,
): Promise<boolean> {
  const { place, cause } = line
  const incident = parts.view.unresolvedIncident(place, cause)
  const { members, ofPast } = await membersOf(parts, tx, incident, line, position)
  for (const { id, incident: past } of ofPast) await tx.attach(past, [id])
  const steps = decide({ place, cause, incident, members, nowMs })
  const standing = members.flatMap(({ finding }) => (finding === undefined ? [] : [finding]))
  let current = incident
  let isDone = ofPast.length > 0
  for (const each of steps) {
    const told = each.kind === 'over' && current !== undefined ? await tx.toldFor(current.id) : []
    const messages = current === undefined ? [] : messagesFor(parts, current, each, standing, told, nowMs)
    const isUnheard = each.kind === 'call' && messages.length === 0
    // nobody was called, so it stays due until somebody can be
    if (isUnheard && isCallDue(current?.callDueMs ?? null, nowMs)) continue
    const step = isUnheard ? ({ kind: 'wait', callDueMs: nowMs } as const) : each
    current = await tx.apply(current, step, messages)
    isDone = true
  }
  return isDone
}

interface Members {
  readonly members: readonly Member[]
  /** Findings that come after what was done about others, and the incident that was done in. */
  readonly ofPast: readonly { readonly id: string; readonly incident: string }[]
}

/** The findings of the incident, and those of the touched ones that come to it. */
async function membersOf(
  parts: LineParts,
  tx: DeskTransaction,
  incident: IncidentFact | undefined,
  { place, cause, touched }: Line,
  position: number,
): Promise<Members> {
  const { findings } = parts
  const own = incident === undefined ? [] : await tx.findingsOf(incident.id)
  const standing = new Map(
    findings.standing([...own, ...touched]).map(({ finding }) => [finding.id, finding]),
  )
  // how findings stand may be ahead of the changes taken: what is open here, and what stands in the place of a missing
  // one, belongs here already; else it would be over, and called for again a step later
  for (const finding of findings.openAt(place)) {
    if (causeOf(finding) === cause) standing.set(finding.id, finding)
  }
  const missing = own.filter((id) => !standing.has(id))
  const coming = findings.standing(findings.successors(missing, position))
  for (const { finding } of coming) standing.set(finding.id, finding)
  const members = own.map((id) => memberOf(parts, id, standing.get(id), false))
  // of the touched, those that do not stand were changed again since, or withdrawn before anybody heard of them
  for (const id of own) standing.delete(id)
  const before = new Map([...standing.keys()].map((id) => [id, findings.predecessors(id)]))
  const links = await tx.linksOf([...new Set([...before].flatMap(([id, ids]) => [id, ...ids]))])
  const known = new Set(links.map((link) => link.finding))
  const ofPast: { readonly id: string; readonly incident: string }[] = []
  for (const [id, finding] of standing) {
    const isKnown = known.has(id)
    // one of its own that is older than the newest
    const isOwn = links.some((each) => each.finding === id && each.incident === incident?.id)
    const earlier = new Set(before.get(id))
    const past = links.filter((link) => earlier.has(link.finding))
    const last = past.every((each) => each.incident !== incident?.id) ? past.at(-1)?.incident : undefined
    if (isOwn) members.push(memberOf(parts, id, finding, false))
    else if (finding.open || (!isKnown && last === undefined))
      members.push(memberOf(parts, id, finding, true))
    else if (!isKnown && last !== undefined) ofPast.push({ id, incident: last })
  }
  return { members, ofPast }
}

function memberOf(parts: LineParts, id: string, finding: Finding | undefined, joins: boolean): Member {
  return {
    id,
    finding,
    joins,
    late: finding?.kind === 'excursion' && finding.open && isLate(parts, finding.point),
  }
}

/** Whether the newest value of a point was handed in late. */
function isLate({ view, findings }: LineParts, point: string): boolean {
  const placements = view.placementsAt(point, always).filter(({ standing }) => standing === 'judged')
  for (const { device, sensor, validFrom, validTo } of placements.toReversed()) {
    const piece = { device, sensor, fromMs: validFrom, toMs: validTo ?? Number.MAX_SAFE_INTEGER }
    const newest = findings.newestTemperature(piece)
    if (newest !== undefined) return newest.isLate
  }
  return false
}

import { decide, type Member } from '../../../alerts/index.ts'
import type { Finding, IncidentFact } from '../../../domain/index.ts'
import type { DeskTransaction, FactsView, FindingReads } from '../../../store/index.ts'
import { messagesFor, type MessageParts } from './messages.ts'

const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

/** A finding some change was about, and the ids it stands for. */
export interface TouchedFinding {
  readonly finding: Finding
  readonly replaces: readonly string[]
}

/** What a step works with besides its transaction. */
export interface LineParts extends MessageParts {
  readonly findings: FindingReads
  readonly view: FactsView
}

/** Brings the incident of one place and direction in line with how its findings stand now. */
export async function stepLine(
  parts: LineParts,
  tx: DeskTransaction,
  key: string,
  touched: readonly TouchedFinding[],
): Promise<void> {
  const [place = '', word] = key.split('\n')
  const direction = word === 'cold' ? 'cold' : 'warm'
  const incident = parts.view.unresolvedIncident(place, direction)
  const members = await membersOf(parts, tx, incident, touched)
  const steps = decide({ place, direction, incident, members, nowMs: tx.atMs })
  const standing = members.flatMap(({ finding }) => (finding === undefined ? [] : [finding]))
  let current = incident
  for (const each of steps) {
    const told = each.kind === 'over' && current !== undefined ? await tx.toldFor(current.id) : []
    const messages = current === undefined ? [] : messagesFor(parts, current, each, standing, told, tx.atMs)
    current = await tx.apply(current, each, messages)
  }
}

/** The findings of the incident, and those of the touched ones that come to it. */
async function membersOf(
  parts: LineParts,
  tx: DeskTransaction,
  incident: IncidentFact | undefined,
  touched: readonly TouchedFinding[],
): Promise<readonly Member[]> {
  const { findings } = parts
  const own = incident === undefined ? [] : await tx.findingsOf(incident.id)
  const others = new Map(touched.map((each) => [each.finding.id, each.replaces]))
  for (const id of own) others.delete(id)
  const standing = new Map(
    findings.standing([...own, ...others.keys()]).map(({ finding }) => [finding.id, finding]),
  )
  const members = own.map((id) => memberOf(parts, id, standing.get(id), false))
  const links = await tx.linksOf([...others].flatMap(([id, replaces]) => [id, ...replaces]))
  for (const [id, replaces] of others) {
    const finding = standing.get(id)
    // changed again since, or withdrawn before anybody heard of it
    if (finding === undefined) continue
    const incidentsOf = (ids: readonly string[]): readonly string[] =>
      links.filter((link) => ids.includes(link.finding)).map((link) => link.incident)
    const isKnown = incidentsOf([id]).length > 0
    const before = incidentsOf(replaces)
    const isOfPast = before.length > 0 && before.every((each) => each !== incident?.id)
    if (finding.open || (!isKnown && !isOfPast)) members.push(memberOf(parts, id, finding, true))
    else if (!isKnown) await tx.attach(before.at(-1) ?? '', [id])
  }
  return members
}

function memberOf(parts: LineParts, id: string, finding: Finding | undefined, joins: boolean): Member {
  return { id, finding, joins, late: finding?.open === true && isLate(parts, finding.point) }
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

import type { RuleInForce } from '../../../alerts/index.ts'
import type {
  OrganisationKind,
  PlaceKind,
  PointRole,
  RuleActivationFact,
  RulePack,
} from '../../../domain/index.ts'
import { isFor, ROOT_SCOPE, rulesThatHold } from '../../../domain/index.ts'
import type { FactsView } from '../../../store/index.ts'

/** What decides which rules hold at a point. */
export interface RuleSubject {
  readonly organisation: string
  readonly organisationKind: OrganisationKind
  readonly placeKind: PlaceKind
  readonly role: PointRole
  /** From when the point is there, epoch ms. */
  readonly fromMs: number
}

/** What somebody said of rules, by organisation, and which organisation is above which. */
export interface SaidOfRules extends Pick<FactsView, 'organisation'> {
  ruleActivationsOf(organisation: string): readonly SaidRow[]
}

type SaidRow = Pick<RuleActivationFact, 'pack' | 'version' | 'state' | 'validFrom' | 'validTo'>

/**
 * The versions of rules with the periods in which they hold. What was said for the nearest organisation decides; of
 * several active versions the highest holds. Where nothing was said, the lowest version of a pack there is holds,
 * but only its rules that were seen in the text.
 */
export function rulesInForce(
  view: SaidOfRules,
  packs: readonly RulePack[],
  subject: RuleSubject,
): readonly RuleInForce[] {
  const fitting = packs.filter((pack) => isFor(pack, subject.organisationKind, subject.placeKind))
  const said = reachOf(view, subject.organisation).map((organisation) => view.ruleActivationsOf(organisation))
  return [...Map.groupBy(fitting, ({ id }) => id)].flatMap(([id, versions]) =>
    periodsOf(
      versions.toSorted((a, b) => a.version - b.version),
      said.map((rows) => rows.filter(({ pack }) => pack === id)),
      subject,
    ),
  )
}

/** The organisation, those above it, and the root: nearest first. */
function reachOf(view: Pick<FactsView, 'organisation'>, organisation: string): readonly string[] {
  const reach: string[] = []
  let id: string | null = organisation
  while (id !== null) {
    reach.push(id)
    id = view.organisation(id)?.parent ?? null
  }
  return [...reach, ROOT_SCOPE]
}

/** What was said of one pack: per organisation, nearest first. */
type Said = readonly (readonly SaidRow[])[]

function periodsOf(versions: readonly RulePack[], said: Said, subject: RuleSubject): RuleInForce[] {
  const edges = said
    .flat()
    .flatMap(({ validFrom, validTo }) => (validTo === null ? [validFrom] : [validFrom, validTo]))
  const instants = [subject.fromMs, ...edges.filter((edge) => edge > subject.fromMs)]
  const ordered = [...new Set(instants)].toSorted((a, b) => a - b)
  const periods = new Map<string, RuleInForce>()
  const done: RuleInForce[] = []
  for (const [index, fromMs] of ordered.entries()) {
    const toMs = ordered[index + 1] ?? null
    for (const { packVersion, rule } of rulesThatHold(versions, (version) =>
      stateAt(said, version, fromMs),
    )) {
      if (!rule.roles.includes(subject.role)) continue
      const key = `${rule.id} ${packVersion}`
      const running = periods.get(key)
      if (running !== undefined && running.toMs !== fromMs) done.push(running)
      const isSame = running !== undefined && running.toMs === fromMs
      periods.set(key, isSame ? { ...running, toMs } : { packVersion, rule, fromMs, toMs })
    }
  }
  return [...done, ...periods.values()]
}

function stateAt(said: Said, version: number, atMs: number): RuleActivationFact['state'] | undefined {
  for (const rows of said) {
    const row = rows.find((each) => each.version === version && isSaidAt(each, atMs))
    if (row !== undefined) return row.state
  }
  return undefined
}

/** True while what a row says holds. */
export function isSaidAt(
  { validFrom, validTo }: Pick<RuleActivationFact, 'validFrom' | 'validTo'>,
  atMs: number,
): boolean {
  return validFrom <= atMs && (validTo === null || atMs < validTo)
}

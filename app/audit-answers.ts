import { instantText, instantTextOrNull, parseSensorPath, Problem, ROOT_SCOPE } from '../domain/index.ts'
import type { FactsReads, FactsView, Queries, WindowAct } from '../store/index.ts'

/** What tells to whom the subject of an act belongs. */
type SubjectFacts = Pick<
  FactsView,
  | 'isWithin'
  | 'organisation'
  | 'organisationOfDevice'
  | 'site'
  | 'place'
  | 'point'
  | 'incident'
  | 'recipient'
  | 'user'
  | 'grants'
  | 'key'
>

/** Answers about acts; an act is within reach where its subject belongs. */
export function auditAnswers(
  facts: Pick<FactsReads, 'auditWindow'>,
  view: SubjectFacts,
  viewReady: () => Promise<void>,
) {
  return {
    audit: async ({ scopes, limit, after = '0', ...filter }: Queries['audit']) => {
      await viewReady()
      const { acts, seenTo, isEnd } = await facts.auditWindow({ ...filter, after: numberOf(after) })
      const within: WindowAct[] = []
      for (const act of acts) {
        if (within.length > limit) break
        if (isWithinReach(view, scopes, act)) within.push(act)
      }
      const shown = within.slice(0, limit)
      const next = within.length > limit ? (shown.at(-1)?.seq ?? null) : isEnd ? null : seenTo
      return { items: shown.map(auditAnswer), next: next === null ? null : String(next) }
    },
  }
}

/** True when one of the scopes reaches every organisation the subject belongs to. */
function isWithinReach(view: SubjectFacts, scopes: readonly string[], act: WindowAct): boolean {
  if (scopes.includes(ROOT_SCOPE)) return true
  const owners = ownersOf(view, act)
  return (
    owners.length > 0 &&
    owners.every(
      (owner) =>
        owner !== undefined && owner !== ROOT_SCOPE && scopes.some((scope) => view.isWithin(owner, scope)),
    )
  )
}

type Owners = readonly (string | undefined)[]

/** The organisations a subject belongs to, as things stand now; none or undefined: only `root` reaches it. */
function ownersOf(view: SubjectFacts, act: WindowAct): Owners {
  const colon = act.subject.indexOf(':')
  const thing = act.subject.slice(0, colon)
  if (!isOwned(thing)) return []
  return owners[thing](view, act.subject.slice(colon + 1), act)
}

const owners = {
  organisation: (view, id) => [view.organisation(id)?.id],
  site: (view, id) => [view.site(id)?.organisation],
  place: (view, id) => [ofPlace(view, id)],
  point: (view, id) => [ofPlace(view, view.point(id)?.place)],
  device: (view, id) => [view.organisationOfDevice(id)],
  sensor: (view, path) => [view.organisationOfDevice(parseSensorPath(path)?.device ?? '')],
  key: (view, id) => [view.key(id)?.organisation],
  incident: (view, id) => [ofPlace(view, view.incident(id)?.place)],
  recipient: (view, id) => [ofPlace(view, view.recipient(id)?.place)],
  message: (view, _id, act) => [ofPlace(view, view.recipient(textIn(act.newJson, 'recipient') ?? '')?.place)],
  // a lot is everybody's; what was done with its stock is of the places it was done in
  lot: (view, _id, act) =>
    ['place', 'from', 'to'].flatMap((field) => {
      const place = textIn(act.newJson, field)
      return place === undefined ? [] : [ofPlace(view, place)]
    }),
  // wherever they hold a role, as for whoever may change them; without any they belong to root
  user: (view, id) => view.grants(id).map((grant) => grant.organisation),
  // a pack is everybody's; the decision about it is of the organisation it was taken for
  rules: (_view, _pack, act) => [textIn(act.newJson, 'organisation')],
} as const satisfies Readonly<Record<string, (view: SubjectFacts, id: string, act: WindowAct) => Owners>>

function isOwned(thing: string): thing is keyof typeof owners {
  return Object.hasOwn(owners, thing)
}

function ofPlace(view: SubjectFacts, place: string | undefined): string | undefined {
  const site = place === undefined ? undefined : view.place(place)?.site
  return site === undefined ? undefined : view.site(site)?.organisation
}

function textIn(json: string | null, field: string): string | undefined {
  const value = (JSON.parse(json ?? '{}') as Readonly<Record<string, unknown>>)[field]
  return typeof value === 'string' ? value : undefined
}

function auditAnswer({ at, claimedAt, oldJson, newJson, ...act }: WindowAct): object {
  const times = { at: instantText(at), recordedAt: instantText(at), claimedAt: instantTextOrNull(claimedAt) }
  return { ...act, ...times, old: details(oldJson), new: details(newJson) }
}

function details(json: string | null): unknown {
  return json === null ? null : (JSON.parse(json) as unknown)
}

function numberOf(after: string): number {
  if (/^\d{1,15}$/.test(after)) return Number(after)
  throw new Problem('bad-request', {
    what: `"${after.slice(0, 200)}" is not where a page ends.`,
    remedy: 'Give the `next` of the page before, unchanged.',
  })
}

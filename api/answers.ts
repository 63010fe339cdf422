import type {
  DeviceFact,
  FactColumns,
  KeyFact,
  OrganisationFact,
  Right,
  SiteFact,
  UserFact,
} from '../domain/index.ts'
import { instantText, rights } from '../domain/index.ts'
import type { Caller } from './access.ts'
import { reaches, scopesOf } from './access.ts'
import type { AccessFacts } from './ports.ts'
import type { DeviceItem, KeyItem, MeItem, OrganisationItem, SiteItem, UserItem } from './schemas.ts'

// One thing is answered in the shape the lists show it in; tests hold the two together.

/** An organisation as answered. */
export function organisationAnswer(fact: OrganisationFact): OrganisationItem {
  const { id, parent, kind, demo, name, nameEn } = fact
  return { id, parent, kind, demo: demo === 1, name, nameEn, ...recorded(fact) }
}

/** A site as answered. */
export function siteAnswer(facts: AccessFacts, fact: SiteFact): SiteItem {
  const { id, organisation, name, nameEn, zone } = fact
  return { id, organisation, name, nameEn, zone, demo: isDemo(facts, organisation), ...recorded(fact) }
}

/** A device as answered. */
export function deviceAnswer(
  facts: AccessFacts,
  fact: DeviceFact,
  lastStatus: DeviceItem['lastStatus'],
): DeviceItem {
  const { id, site, kind, state, label } = fact
  const organisation = facts.site(site)?.organisation ?? ''
  return {
    id,
    site,
    organisation,
    kind,
    state,
    acceptFrom: instantText(fact.acceptFrom),
    expectedIntervalSeconds: fact.expectedInterval / 1_000,
    label,
    demo: isDemo(facts, organisation),
    lastStatus,
    ...recorded(fact),
  }
}

/** A user as answered, with the present grants that lie within `scopes`. */
export function userAnswer(facts: AccessFacts, fact: UserFact, scopes: readonly string[]): UserItem {
  const { id, name, state } = fact
  const grants = facts
    .grants(id)
    .filter(({ organisation }) => reaches(facts, scopes, organisation))
    .map(({ organisation, role }) => ({ organisation, role }))
  return { id, name, state, grants, ...recorded(fact) }
}

/** An API key as answered. */
export function keyAnswer(fact: KeyFact): KeyItem {
  const { id, name, organisation, role, state } = fact
  return { id, name, organisation, role, state, ...recorded(fact) }
}

/** True when the organisation is a demonstration. */
export function isDemo(facts: AccessFacts, organisation: string): boolean {
  return facts.organisation(organisation)?.demo === 1
}

/** What every fact tells about itself. */
export function recorded({ validFrom, recordedAt, recordedBy }: FactColumns) {
  return { validFrom: instantText(validFrom), recordedAt: instantText(recordedAt), recordedBy }
}

/** Who asks, as answered to themselves; with the end of their session (epoch ms), if it is one. */
export function meAnswer(caller: Caller, sessionEndsMs: number | undefined): MeItem {
  const held = rights.map((right): [Right, string[]] => [right, [...scopesOf(caller, right)]])
  return {
    kind: caller.actor.kind,
    id: caller.actor.id,
    name: caller.name,
    grants: caller.grants.map((each) => ({ ...each })),
    scopes: Object.fromEntries(held.filter(([, scopes]) => scopes.length > 0)),
    sessionEndsAt: sessionEndsMs === undefined ? null : instantText(sessionEndsMs),
  }
}

/**
 * Passes on the bytes a query answered, as they are: nothing is parsed or written again on this thread. Typed
 * `never`, because it stands for whatever answer the route declares; the query worker keeps that promise.
 */
export function readyBytes(reply: { type(media: string): unknown }, bytes: Uint8Array): never {
  reply.type('application/json; charset=utf-8')
  return bytes as never
}

/** Passes on the bytes of a file as they are, to be saved under a name of safe characters; see `readyBytes`. */
export function readyFile(
  reply: { header(name: string, value: string): unknown },
  { media, name }: { readonly media: string; readonly name: string },
  bytes: Uint8Array,
): never {
  reply.header('content-type', media)
  reply.header('content-disposition', `attachment; filename="${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}"`)
  return bytes as never
}
